/** Enrich policies: what is to be copied of which indices, and the copy of the last execution. */
import type { EnrichLookup } from "../ingest/enrich-processor.ts";
import type { JsonObject } from "../json/json-value.ts";

/** A document of a copy: the fields of the policy, and the values that it is found by. */
export interface EnrichDocument {
  /** Match field and enrich fields, as they stand in the source. */
  readonly fields: JsonObject;
  /** Values of the match field. */
  readonly keys: readonly string[];
}

/** What an execution has copied. */
export class EnrichCopy implements EnrichLookup {
  /** Type of each field of the policy by its name; fields that no mapping has are not there. */
  readonly types: ReadonlyMap<string, string>;
  readonly #byKey = new Map<string, number[]>();
  readonly #documents: readonly EnrichDocument[];

  constructor(documents: readonly EnrichDocument[], types: ReadonlyMap<string, string>) {
    this.#documents = documents;
    this.types = types;
    for (const [at, { keys }] of documents.entries()) {
      for (const key of new Set(keys)) {
        const places = this.#byKey.get(key);
        if (places === undefined) this.#byKey.set(key, [at]);
        else places.push(at);
      }
    }
  }

  matches(values: readonly string[]): readonly JsonObject[] {
    const places = new Set(values.flatMap((value) => this.#byKey.get(value) ?? []));
    const inOrder = [...places].sort((a, b) => a - b);
    return inOrder.flatMap((at): readonly JsonObject[] => {
      const document = this.#documents[at];
      return document === undefined ? [] : [document.fields];
    });
  }
}

/** A policy of the type `match`. */
export interface EnrichPolicy {
  readonly name: string;
  readonly indices: readonly string[];
  readonly query: JsonObject | undefined;
  readonly matchField: string;
  readonly enrichFields: readonly string[];
  /** `undefined` until it is executed. */
  copy: EnrichCopy | undefined;
}
