/** Enrich policies: what is to be copied of which indices, and the copy of the last execution. */
import type { EnrichLookup } from "../ingest/processor-settings.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { IndexState } from "./index-state.ts";
import type { StoredDocument } from "./stored-document.ts";

/** A document of a copy: the fields of the policy, and the values that it is found by. */
export interface EnrichDocument {
  /** Match field and enrich fields, as they stand in the source. */
  readonly fields: JsonObject;
  /** Values of the match field. */
  readonly keys: readonly string[];
  /** The document that it was copied of, as it was then, and the index of that. */
  readonly document: StoredDocument;
  readonly index: IndexState;
}

/** What an execution has copied. */
export class EnrichCopy implements EnrichLookup {
  /** The indices that were copied of. */
  readonly indices: ReadonlySet<IndexState>;
  readonly #byKey = new Map<string, number[]>();
  readonly #documents: readonly EnrichDocument[];

  constructor(documents: readonly EnrichDocument[], indices: readonly IndexState[]) {
    this.#documents = documents;
    this.indices = new Set(indices);
    for (const [at, { keys }] of documents.entries()) {
      for (const key of new Set(keys)) {
        const places = this.#byKey.get(key);
        if (places === undefined) this.#byKey.set(key, [at]);
        else places.push(at);
      }
    }
  }

  matches(values: readonly string[]): readonly JsonObject[] {
    return this.find(values).map(({ fields }) => fields);
  }

  /** The documents whose match field has one of some values, in the order of writing. */
  find(values: readonly string[]): readonly EnrichDocument[] {
    const places = new Set(values.flatMap((value) => this.#byKey.get(value) ?? []));
    const inOrder = [...places].sort((a, b) => a - b);
    return inOrder.flatMap((at) => this.#documents[at] ?? []);
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
