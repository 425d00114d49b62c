/** What a cluster keeps beside its indices, by name. */
import type { JsonObject } from "../json/json-value.ts";

/** A stored script or search template. */
export interface StoredScript {
  readonly lang: string;
  readonly source: string;
}

/** Objects of a cluster that no index belongs to. */
export class StoredObjects {
  readonly scripts = new Map<string, StoredScript>();
  /** Ingest pipelines, as they were given. */
  readonly pipelines = new Map<string, JsonObject>();

  /** Forgets everything. */
  clear(): void {
    this.scripts.clear();
    this.pipelines.clear();
  }
}
