/** What the terms of a set are compared with, for significant terms. */
import { EsError } from "../../es-error.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { atCollect, stageOf } from "../faults.ts";
import type { SearchDocument } from "../fields/document.ts";
import type { FieldReader } from "../fields/reader.ts";
import type { IndexedValue } from "../fields/value.ts";
import { NO_MATCH } from "../queries/compiled-query.ts";
import type { AggregationContext } from "./aggregation.ts";
import { compileFilter } from "./filters.ts";

/** What the background of one shard holds. */
export interface ShardBackground {
  size: number;
  readonly counts: Map<IndexedValue, number>;
}

/** The server makes queries of such filters when it begins to collect. */
function collected<T>(compile: () => T): T {
  try {
    return compile();
  } catch (error) {
    throw error instanceof EsError && stageOf(error) === "create" ? atCollect(error) : error;
  }
}

/** Documents that a set is compared with, counted when first asked for. */
export class Background {
  readonly #context: AggregationContext;
  readonly #read: FieldReader;
  readonly #accepts: (document: SearchDocument) => boolean;
  #counted: readonly ShardBackground[] | undefined;

  constructor(body: JsonObject, context: AggregationContext, read: FieldReader) {
    const filter = body["background_filter"];
    const score =
      filter === undefined ? undefined : collected(() => compileFilter(filter, context));
    this.#accepts = (document) => score === undefined || score(document) !== NO_MATCH;
    this.#context = context;
    this.#read = read;
  }

  /** One for each shard. */
  get(): readonly ShardBackground[] {
    return (this.#counted ??= this.#context.shards.map(({ documents }) => {
      const shard: ShardBackground = { size: 0, counts: new Map() };
      for (const document of documents ?? []) {
        if (!this.#accepts(document)) continue;
        shard.size++;
        for (const value of new Set(this.#read(document)))
          shard.counts.set(value, (shard.counts.get(value) ?? 0) + 1);
      }
      return shard;
    }));
  }
}
