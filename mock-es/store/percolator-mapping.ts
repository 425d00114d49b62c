/** Queries that are stored in fields of the type `percolator`. */
import { EsError } from "../es-error.ts";
import { isObject } from "../json/json-value.ts";
import { defaultLimits } from "../search/fields/document.ts";
import { storedQueryProblem } from "../search/queries/percolate.ts";
import { compileClause } from "../search/queries/query.ts";
import { documentParsing } from "./document-problem.ts";
import type { Walk } from "./document-walk.ts";

/**
 * Checks a query that a document brings.
 *
 * @throws {EsError} 400 `document_parsing_exception`
 */
export function checkStoredQuery(walk: Walk, value: unknown): void {
  const refuse = (type: string, reason: string): Error =>
    documentParsing(walk, `failed to parse: ${reason}`, { type, reason });
  if (!isObject(value))
    throw refuse("parsing_exception", "query malformed, must start with start_object");
  let problem: string | undefined;
  try {
    problem = storedQueryProblem(value, walk.mappings, (mappings) => {
      compileClause(value, {
        mappings,
        index: "",
        nowMs: Date.now(),
        corpus: [],
        isScored: false,
        nestedPath: undefined,
        limits: defaultLimits,
      });
    });
  } catch (error) {
    if (!(error instanceof EsError) || error.reason.endsWith("by mock-es")) throw error;
    const { type, reason } = error.toBody().error.root_cause[0] ?? error;
    throw refuse(type, reason);
  }
  if (problem !== undefined) throw refuse("query_shard_exception", problem);
}
