/** Explanations of documents: how their scores came about. */
import { EsError, notSupported } from "../es-error.ts";
import type { HitExplanation } from "./fetch/hit.ts";
import type { Explanation, QueryExplanation, SearchDocument } from "./fields/document.ts";
import { isUnsupported } from "./faults.ts";
import { placeIn } from "./fields/nested-documents.ts";
import { explainSearch } from "./lucene/explain-search.ts";
import type { Rescorer } from "./rescore.ts";
import { contextOf, type SearchOptions, type SearchShard } from "./shard-search.ts";

/** An explanation as answers show it. */
export interface ShownExplanation {
  readonly value: unknown;
  readonly description: string;
  readonly details: readonly ShownExplanation[];
}

function shown({ value, description, details }: Explanation): ShownExplanation {
  return { value, description, details: details.map(shown) };
}

/** Explains a document of a shard; `undefined` for a query of which that is not known. */
export function explainDocument(
  query: unknown,
  shard: SearchShard,
  document: SearchDocument,
  options: SearchOptions,
): ShownExplanation | undefined {
  const context = contextOf(shard, options, 1);
  const explained = explainSearch(query, context);
  if (explained === undefined) return undefined;
  const place = placeIn(shard.corpus ?? shard.documents, shard.mappings, document);
  try {
    return shown(explained.explain(document, place, 1));
  } catch (error) {
    if (error instanceof EsError && isUnsupported(error)) return undefined;
    throw error;
  }
}

/**
 * Compiles what hits of a shard show of their explanations.
 *
 * @throws {EsError} 400 for a query of which that is not known
 */
export function compileHitExplanation(
  explained: QueryExplanation | undefined,
  shard: SearchShard,
  nodeId: string,
  rescorer: Rescorer | undefined,
): (document: SearchDocument) => HitExplanation {
  if (explained === undefined) throw notSupported("[explain] of this query");
  return (document) => {
    const place = placeIn(shard.corpus ?? shard.documents, shard.mappings, document);
    const first = explained.explain(document, place, 1);
    const whole = rescorer === undefined ? first : rescorer.explain(first, document, place);
    if (whole === undefined) throw notSupported("[explain] of this [rescore]");
    return {
      _shard: `[${shard.index}][${shard.shard}]`,
      _node: nodeId,
      _explanation: shown(whole),
    };
  };
}
