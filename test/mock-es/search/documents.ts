import { EsError } from "../../../mock-es/es-error.ts";
import type {
  FieldMappings,
  MappedField,
  SearchDocument,
} from "../../../mock-es/search/fields/document.ts";
import { runSearch, type SearchResult } from "../../../mock-es/search/search.ts";
import type { SearchOptions } from "../../../mock-es/search/shard-search.ts";

/** Documents `0`, `1`, … of the index `things`, in this order. */
export function documentsOf(...sources: readonly unknown[]): SearchDocument[] {
  return sources.map((source, at) => ({
    index: "things",
    id: String(at),
    source,
    seqNo: at,
    version: 1,
    primaryTerm: 1,
  }));
}

/** Field types by name; a field with parameters as it stands in a mapping. */
export type Types = Readonly<Record<string, string | MappedField>>;

/** Mappings from a table of field types. */
export function mappingsOf(types: Types): FieldMappings {
  return {
    find(field) {
      const found = Object.hasOwn(types, field) ? types[field] : undefined;
      return typeof found === "string" ? { type: found, parameters: {} } : found;
    },
  };
}

/** The instant that tests call now: Monday 2024-05-20, 12:34:56.789 UTC. */
export const NOW = Date.UTC(2024, 4, 20, 12, 34, 56, 789);

/** Runs a search as the index `things` at {@link NOW}. */
export function searchIn(
  documents: Iterable<SearchDocument>,
  types: Types,
  body: unknown,
  options: SearchOptions = {},
): SearchResult {
  const shard = { index: "things", shard: 0, mappings: mappingsOf(types), documents };
  return runSearch(body, [shard], { nowMs: NOW, ...options });
}

/** Ids of the hits, in order. */
export function idsOf(result: SearchResult): string[] {
  return result.hits.map((hit) => hit._id ?? "");
}

/**
 * The innermost type and reason of the refusal of a search: the shard's own where shards refused
 * it.
 */
export function refusalOf(run: () => unknown): {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
} {
  try {
    run();
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const { error: outer, status } = error.toBody();
    const [cause = outer] = outer.root_cause;
    return { status, type: cause.type, reason: cause.reason };
  }
  throw new Error("the search was not refused");
}
