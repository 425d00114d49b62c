/** `null_value`: what a field takes for null, in the form in which the server keeps it. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleJson, doubleText, floatJson, longJson, toLong } from "../json/java-number.ts";
import { isObject, textOf } from "../json/json-value.ts";
import { type GeoPoint, toGeoPoint } from "../search/fields/geo-point.ts";
import { toHalf } from "../search/fields/value.ts";
import { checkValue } from "../search/fields/value-check.ts";
import { placeholder } from "../search/fields/value-problem.ts";
import { toJavaText } from "../values/java-text.ts";
import { mapperParsing } from "./mapping-problem.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** Types whose unfit values are named together with the field. */
const namedTypes: ReadonlySet<string> = new Set(["date", "date_nanos", "ip"]);
const wholeTypes: ReadonlySet<string> = new Set(["long", "integer", "short", "byte"]);
const fractionTypes: ReadonlySet<string> = new Set(["double", "float", "half_float"]);

/**
 * Reads the `null_value` of a field.
 *
 * @throws {EsError} 400 for a value that the field could not take
 */
export function readNullValue(name: string, type: string, parameters: Parameters): unknown {
  const value = parameters["null_value"];
  // The text that stands for a missing leaf of an object is no object itself.
  if (type === "flattened") return value;
  if (type === "geo_point") {
    if (Array.isArray(value) && value.length < 2)
      throw notSupported("a list of less than two numbers as [null_value]");
    return readPoint(value);
  }
  if (type === "boolean") return readFlag(value);
  const isWhole = wholeTypes.has(type);
  const given = isWhole || fractionTypes.has(type) ? numberLike(value) : value;
  const problem = checkValue({ type, parameters: { ...parameters, coerce: true } }, given);
  if (problem !== undefined) {
    const { reason } = problem;
    if (namedTypes.has(type)) {
      throw mapperParsing(`Error parsing [null_value] on field [${name}]: ${reason}`, {
        caused_by: problem,
      });
    }
    throw new EsError(
      400,
      reason.startsWith("For input string") ? "number_format_exception" : problem.type,
      reason.replace(placeholder, "1:1"),
    );
  }
  if (isWhole) return readWhole(value, given);
  if (type === "double") return doubleJson(Number(textOf(given)));
  if (type === "float") return floatJson(Number(textOf(given)));
  if (type === "half_float") return floatJson(toHalf(Number(textOf(given))));
  return type.startsWith("date") ? textOf(value) : value;
}

/** What is no number is read as the text that Java shows of it. */
function numberLike(value: unknown): unknown {
  if (value === "") throw new EsError(400, "number_format_exception", "empty String");
  if (typeof value === "boolean" || isObject(value) || Array.isArray(value))
    return toJavaText(value);
  // Numbers were read before, so none is refused by the parser.
  return typeof value === "string" || typeof value === "number" ? String(value) : textOf(value);
}

function readWhole(value: unknown, given: unknown): unknown {
  const text = textOf(given);
  if (/^[+-]?\d+$/.test(text)) return longJson(toLong(BigInt(text.replace("+", ""))));
  if (!Number.isInteger(Number(text)))
    throw illegalArgument(`Value [${textOf(value)}] has a decimal part`);
  return longJson(toLong(BigInt(Number(text))));
}

function readFlag(value: unknown): boolean {
  const text = isRawNumber(value) ? value.rawJSON : textOf(value);
  if (text === "true" || text === "false") return text === "true";
  throw illegalArgument(`Failed to parse value [${text}] as only [true] or [false] are allowed.`);
}

function readPoint(value: unknown): unknown {
  const point: GeoPoint = toGeoPoint(value);
  for (const [what, degrees, most] of [
    ["latitude", point.lat, 90],
    ["longitude", point.lon, 180],
  ] as const) {
    if (!(Math.abs(degrees) <= most))
      throw illegalArgument(`illegal ${what} value [${doubleText(degrees)}]`);
  }
  return { lat: doubleJson(point.lat), lon: doubleJson(point.lon) };
}
