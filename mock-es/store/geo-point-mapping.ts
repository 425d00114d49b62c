/** Points in documents: read when they arrive. */
import { EsError, notSupported } from "../es-error.ts";
import { doubleText } from "../json/java-number.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { endOf, type JsonPath, positionOf } from "../json/json-position.ts";
import { isObject } from "../json/json-value.ts";
import { heightOf, pointProblem, toGeoPoint } from "../search/fields/geo-point.ts";
import { type DocumentPlace, documentParsingOf, tokenRefused } from "./document-problem.ts";

/**
 * Checks the points of a value.
 *
 * @param takes what the field takes: points beyond the ends of the earth and no points at all,
 *   which are left out of the index, and heights
 * @returns true when something was left out
 * @throws {EsError} 400 `document_parsing_exception` for what is no point, or lies nowhere
 */
export function checkPoints(
  place: DocumentPlace,
  field: string,
  value: unknown,
  takes: { readonly malformed: boolean; readonly heights: boolean },
): boolean {
  let isIgnored = false;
  for (const { given, path } of pointsOf(place, value)) {
    const problem = given === null ? undefined : problemOf(given, field, path.length, takes);
    if (problem === undefined) continue;
    const isPlain = Array.isArray(given) && path === place.path;
    // A height is not ignored in a list of numbers, which another part of the mapper reads.
    if (!takes.malformed || (isPlain && isHeight(problem)))
      throw refused(place, field, { given, path }, problem);
    isIgnored = true;
  }
  return isIgnored;
}

interface PlacedPoint {
  readonly given: unknown;
  readonly path: JsonPath;
}

/** The points of a value: a list that begins with a number is one, and what stands behind it. */
function pointsOf(place: DocumentPlace, value: unknown): PlacedPoint[] {
  const { path } = place;
  if (!Array.isArray(value)) return [{ given: value, path }];
  const list: readonly unknown[] = value;
  const elements = list.map((given, at) => ({ given, path: [...path, at] }));
  if (!isNumber(list[0])) return elements;
  if (list.length === 1) {
    const reason = "Current token (END_ARRAY) not numeric, can not use numeric value accessors";
    throw tokenRefused(place, endOf(place.text, path).offset, reason);
  }
  const numbers = list.slice(0, 3).map((value) => (typeof value === "string" ? NaN : value));
  if (!numbers.every(isNumber) || numbers.includes(NaN))
    throw notSupported("a geo_point of something else than numbers");
  return [{ given: numbers, path }, ...elements.slice(3)];
}

function isNumber(value: unknown): boolean {
  return typeof value === "number" || typeof value === "bigint" || isRawNumber(value);
}

function refused(
  place: DocumentPlace,
  field: string,
  { given, path }: PlacedPoint,
  problem: Readonly<Record<string, unknown>>,
): EsError {
  const holdsMore = isObject(given) || Array.isArray(given);
  const isPlain = Array.isArray(given) && path === place.path;
  const { line, column } =
    isPlain && isHeight(problem)
      ? positionOf(place.text, [...path, 2])
      : (holdsMore ? endOf : positionOf)(place.text, path);
  const what = isPlain
    ? `failed to parse: ${String(problem["reason"])}`
    : `failed to parse field [${field}] of type [geo_point]`;
  return documentParsingOf(line, column, what, {
    caused_by: problem,
    ...(problem["type"] === "parse_exception" ? { root_cause: [rootOf(problem)] } : {}),
  });
}

function isHeight({ reason }: Readonly<Record<string, unknown>>): boolean {
  return String(reason).startsWith("Exception parsing coordinates: found Z");
}

function rootOf({ type, reason }: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { type, reason };
}

function problemOf(
  given: unknown,
  field: string,
  depth: number,
  takes: { readonly malformed: boolean; readonly heights: boolean },
): Readonly<Record<string, unknown>> | undefined {
  try {
    if (Array.isArray(given) && given.length === 1 && isNumber(given[0]) && depth > 1) {
      const reason = "invalid latitude NaN; must be between -90.0 and 90.0";
      return { type: "illegal_argument_exception", reason };
    }
    const point = toGeoPoint(given);
    const height = takes.heights ? undefined : heightOf(given);
    if (height !== undefined && typeof given === "string" && /^\s*POINT/i.test(given)) {
      const reason = `found Z value [${doubleText(height)}] but [ignore_z_value] parameter is [false]`;
      const cause = { type: "illegal_argument_exception", reason };
      return { type: "parse_exception", reason: "Invalid WKT format", caused_by: cause };
    }
    if (height !== undefined) {
      const reason = `Exception parsing coordinates: found Z value [${doubleText(height)}] but [ignore_z_value] parameter is [false]`;
      return { type: "parse_exception", reason };
    }
    const reason = takes.malformed ? undefined : pointProblem(point, field);
    return reason === undefined ? undefined : { type: "illegal_argument_exception", reason };
  } catch (error) {
    if (!(error instanceof EsError) || error.reason.endsWith("by mock-es")) throw error;
    return error.toCause();
  }
}
