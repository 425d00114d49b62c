/** What is wrong with a filter of sources that stands in a text. */
import { EsError, ownPlace } from "../../es-error.ts";
import { type JsonPath, type JsonPosition, positionOf } from "../../json/json-position.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { compileSourceFilter } from "./source-filter.ts";

/** A refusal, and the place in the text that it is about. */
interface SourceProblem {
  readonly error: EsError;
  readonly position: JsonPosition;
}

/** The refusal of the filter at a path; `undefined`: nothing is wrong. */
export function findSourceProblem(
  value: unknown,
  text: string,
  path: JsonPath,
): SourceProblem | undefined {
  try {
    compileSourceFilter(value);
    return undefined;
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const position = positionOf(text, [...path, ...pathOf(value, error)]);
    const { line, column } = position;
    const place = error.type === "parsing_exception" ? { line, col: column } : {};
    const reason = error.reason.replace(ownPlace, `${line}:${column}`);
    return { error: new EsError(error.status, error.type, reason, place), position };
  }
}

function pathOf(value: unknown, error: EsError): JsonPath {
  const place = error.place ?? error.stand;
  if (place?.key === undefined) return [];
  if (place.container === value) return [Array.isArray(value) ? Number(place.key) : place.key];
  const list = Object.entries(value as JsonObject).find(([, inner]) => inner === place.container);
  return list === undefined ? [] : [list[0], Number(place.key)];
}
