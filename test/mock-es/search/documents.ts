import { EsError } from "../../../mock-es/es-error.ts";
import type { FieldMappings, SearchDocument } from "../../../mock-es/search/fields/document.ts";
import {
  runSearch,
  type SearchOptions,
  type SearchResult,
} from "../../../mock-es/search/search.ts";

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

/** Mappings from a table of field types. */
export function mappingsOf(types: Readonly<Record<string, string>>): FieldMappings {
  return { typeOf: (field) => (Object.hasOwn(types, field) ? types[field] : undefined) };
}

/** The instant that tests call now: Monday 2024-05-20, 12:34:56.789 UTC. */
export const NOW = Date.UTC(2024, 4, 20, 12, 34, 56, 789);

/** Runs a search as the index `things` at {@link NOW}. */
export function searchIn(
  documents: Iterable<SearchDocument>,
  types: Readonly<Record<string, string>>,
  body: unknown,
  options: SearchOptions = {},
): SearchResult {
  return runSearch(body, documents, mappingsOf(types), { index: "things", nowMs: NOW, ...options });
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
