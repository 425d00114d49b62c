/** What a cluster keeps beside its indices, by name. */
import type { JsonObject } from "../json/json-value.ts";
import type { QueryRule } from "../search/query-rules.ts";
import type { EnrichPolicy } from "./enrich-policies.ts";
import { SynonymSets } from "./synonym-sets.ts";

/** A stored script or search template. */
export interface StoredScript {
  readonly lang: string;
  readonly source: string;
  /** Media type of a template that was given as an object; `undefined`: it was given as text. */
  readonly contentType: string | undefined;
}

/** An ingest pipeline. */
export interface StoredPipeline {
  /** As it was given. */
  readonly definition: JsonObject;
  /** Milliseconds since the epoch. */
  readonly createdMs: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
}

/** The result of an asynchronous search. */
export interface AsyncSearch {
  /** JSON text of the answer. */
  readonly response: string;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  readonly expiresMs: number;
  /** Whom it belongs to; `undefined`: to everybody. */
  readonly owner: string | undefined;
}

/** A result that is kept between requests. */
export interface KeptResult {
  /** Milliseconds since the epoch. */
  readonly expiresMs: number;
  /** Whom it belongs to; `undefined`: to everybody. */
  readonly owner: string | undefined;
  /** Values that it holds. */
  readonly cells: number;
}

/** A lifecycle policy. */
export interface LifecyclePolicy {
  readonly version: number;
  /** Milliseconds since the epoch. */
  readonly modifiedMs: number;
  readonly policy: JsonObject;
}

/** A policy of snapshots. */
export interface SnapshotPolicy extends LifecyclePolicy {
  /** Snapshots that were taken by it. */
  readonly taken: number;
  /** Snapshots that its retention has removed. @default 0 */
  readonly deleted?: number;
  /** Name and times of the last one; `undefined`: there was none. */
  readonly lastSuccess: JsonObject | undefined;
}

/** Objects of a cluster that no index belongs to. */
export class StoredObjects {
  readonly scripts = new Map<string, StoredScript>();
  readonly pipelines = new Map<string, StoredPipeline>();
  /** What tasks left, as JSON text by their ids. */
  readonly taskResults = new Map<string, string>();
  readonly asyncSearches = new Map<string, AsyncSearch>();
  /** Results of asynchronous queries of ES|QL, and of SQL that are read page by page. */
  readonly keptResults = new Map<string, KeptResult>();
  readonly lifecyclePolicies = new Map<string, LifecyclePolicy>();
  readonly snapshotPolicies = new Map<string, SnapshotPolicy>();
  readonly enrichPolicies = new Map<string, EnrichPolicy>();
  /** Rules by the ids of their rulesets. */
  readonly queryRulesets = new Map<string, readonly QueryRule[]>();
  readonly synonymSets = new SynonymSets();

  /** Forgets everything. */
  clear(): void {
    this.scripts.clear();
    this.pipelines.clear();
    this.taskResults.clear();
    this.asyncSearches.clear();
    this.keptResults.clear();
    this.lifecyclePolicies.clear();
    this.snapshotPolicies.clear();
    this.enrichPolicies.clear();
    this.queryRulesets.clear();
    this.synonymSets.clear();
  }
}
