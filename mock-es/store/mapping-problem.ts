/** Errors of mappings, in the server's forms. */
import { EsError } from "../es-error.ts";

/** 400 `mapper_parsing_exception` without the words that stand in front of all of a mapping. */
export function mapperParsing(reason: string, extra: Record<string, unknown> = {}): EsError {
  return new EsError(400, "mapper_parsing_exception", reason, extra);
}

/** Exceptions of Elasticsearch's own, which are root causes; those of Java are not. */
const ownTypes: ReadonlySet<string> = new Set(["mapper_parsing_exception", "parse_exception"]);

/**
 * What a problem in a mapping's text is answered with: `Failed to parse mapping: …`, the problem
 * below it.
 */
export function mappingFailure(problem: EsError): EsError {
  const cause = problem.toCause();
  const root = { type: problem.type, reason: problem.reason };
  return new EsError(
    400,
    "mapper_parsing_exception",
    `Failed to parse mapping: ${problem.reason}`,
    ownTypes.has(problem.type) ? { root_cause: [root], caused_by: cause } : { caused_by: cause },
  );
}
