/** Points in documents: read when they arrive. */
import { EsError } from "../es-error.ts";
import { endOf, positionOf } from "../json/json-position.ts";
import { pointProblem, pointValues, toGeoPoint } from "../search/fields/geo-point.ts";
import { type DocumentPlace, documentParsingOf } from "./document-problem.ts";

/**
 * Checks the points of a value.
 *
 * @throws {EsError} 400 `document_parsing_exception` for what is no point, or lies nowhere
 */
export function checkPoints(place: DocumentPlace, field: string, value: unknown): void {
  for (const given of pointValues(value)) {
    const problem = problemOf(given, field);
    if (problem === undefined) continue;
    const isText = typeof given === "string";
    const { line, column } = (isText ? positionOf : endOf)(place.text, place.path);
    const isArray = Array.isArray(given) && problem["type"] === "illegal_argument_exception";
    const what = isArray
      ? `failed to parse: ${problem["reason"] ?? ""}`
      : `failed to parse field [${field}] of type [geo_point]`;
    throw documentParsingOf(line, column, what, {
      caused_by: problem,
      ...(problem["type"] === "parse_exception" ? { root_cause: [problem] } : {}),
    });
  }
}

function problemOf(given: unknown, field: string): Record<string, string> | undefined {
  try {
    const reason = pointProblem(toGeoPoint(given), field);
    return reason === undefined ? undefined : { type: "illegal_argument_exception", reason };
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    return { type: error.type, reason: error.reason };
  }
}
