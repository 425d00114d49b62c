import {
  EsError,
  type ErrorPlace,
  illegalArgument,
  notSupported,
  parsingException,
} from "../../es-error.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";

/** The one field of a clause such as `{"term": {"user": {"value": "x"}}}` and its settings. */
export interface FieldClause {
  readonly field: string;
  readonly settings: JsonObject;
}

/** What a clause on one field may hold. */
export interface ClauseShape {
  /** Name of the query, for error texts. */
  readonly name: string;
  /** Setting that the short form `{"user": "x"}` means. */
  readonly shortFor: string;
  /** Every setting that Elasticsearch knows here. */
  readonly settings: readonly string[];
  /** Checks of settings, which are made in the order in which these stand. */
  readonly checks?: Readonly<Record<string, (value: unknown) => unknown>>;
}

/** True for a list without values: the parser of `range` looks at what lists hold only. */
function isPassedOver(value: unknown): boolean {
  return Array.isArray(value) && value.every(isPassedOver);
}

/**
 * Takes a clause on exactly one field apart.
 *
 * @throws {EsError} `parsing_exception` for several fields, arrays and settings that do not exist
 */
export function parseFieldClause(body: JsonObject, shape: ClauseShape): FieldClause {
  const { name } = shape;
  const fields = Object.keys(body).filter((key) => name !== "range" || !isPassedOver(body[key]));
  const [field, second] = fields;
  const isText = name.startsWith("match");
  if (field === undefined && name === "match")
    throw parsingException("No text specified for text query");
  if (field === undefined && isText) throw illegalArgument(`[${name}] requires fieldName`);
  const isNull = field !== undefined && body[field] === null && name === "term";
  if (field === undefined && name === "fuzzy")
    throw illegalArgument("field name cannot be null or empty");
  if (field === undefined || field === "" || isNull)
    throw illegalArgument("field name is null or empty");
  if (second !== undefined && name === "range" && !isObject(body[second])) {
    const given: unknown = body[second];
    const refusal = parsingException(`[range] query does not support [${second}]`);
    throw Array.isArray(given) && !Array.isArray(given[0])
      ? refusal.at(given, "0")
      : refusal.at(body, second);
  }
  if (second !== undefined) {
    const reason = `[${name}] query doesn't support multiple fields, found [${field}] and [${second}]`;
    throw parsingException(reason).at(body, second);
  }
  const value = body[field];
  if ((Array.isArray(value) && name !== "term") || (value === null && name === "wildcard"))
    throw notSupported(`[${name}] for what is no text`);
  if (Array.isArray(value)) {
    throw parsingException(`[${name}] query does not support array of values`).at(body, field);
  }
  if (!isObject(value)) return { field, settings: { [shape.shortFor]: value } };
  for (const [setting, given] of Object.entries(value)) {
    if (given === null && isText)
      throw parsingException(`[${name}] unknown token [VALUE_NULL] after [${setting}]`).at(
        value,
        setting,
      );
    if (setting === "boost" || setting === "_name" || shape.settings.includes(setting)) {
      if (setting === shape.shortFor && (Array.isArray(given) || isObject(given))) {
        if (name !== "term" && Array.isArray(given) && !isText)
          throw notSupported(`[${name}] for what is no text`);
        const reason =
          name === "term" && Array.isArray(given)
            ? "[term] query does not support arrays for value - use a bool query with multiple term clauses in the should section or use a Terms query if scoring is not required"
            : `[${name}] unknown token [${tokenOf(given)}] after [${setting}]`;
        throw parsingException(reason).at(value, setting);
      }
      if (isText && typeof given === "object" && !isRawNumber(given)) {
        const reason = `[${name}] unknown token [${tokenOf(given)}] after [${setting}]`;
        throw parsingException(reason).at(value, setting);
      }
      continue;
    }
    throw parsingException(`[${name}] query does not support [${setting}]`).at(value, setting);
  }
  checkInOrder(value, shape.checks ?? {});
  return { field, settings: value };
}

/**
 * Reads a setting that is a JSON boolean or its text.
 *
 * @throws {EsError} `illegal_argument_exception` for anything else
 */
export function booleanSetting(settings: JsonObject, setting: string, fallback: boolean): boolean {
  const value = settings[setting];
  if (value === undefined) return fallback;
  if (value === true || value === "true") return true;
  if (value === false || value === "false" || value === "") return false;
  if (typeof value !== "string") throw notSupported(`a [${setting}] that is no boolean`);
  throw illegalArgument(
    `Failed to parse value [${textOf(value)}] as only [true] or [false] are allowed.`,
  );
}

/** Refuses null as the value of a setting. @throws {EsError} */
export function refuseNull(query: string, body: JsonObject, key: string): void {
  if (body[key] !== null) return;
  throw parsingException(`[${query}] unknown token [VALUE_NULL] after [${key}]`).at(body, key);
}

/** A member of a query, as a parser sees it that knows objects and single values only. */
export interface PlainMember {
  readonly key: string;
  readonly value: unknown;
  /** The object or list that it stands in, and its name or number there. */
  readonly place: readonly [container: object, key: string];
}

/**
 * The members of a query for the server's parsers that know objects and single values only: null is
 * passed over, and of a list each entry stands for the member.
 */
export function plainMembers(body: JsonObject): PlainMember[] {
  return Object.entries(body).flatMap(([key, value]) => plainly(key, value, [body, key]));
}

function plainly(key: string, value: unknown, place: PlainMember["place"]): PlainMember[] {
  if (value === null) return [];
  if (!Array.isArray(value)) return [{ key, value, place }];
  const list: readonly unknown[] = value;
  return list.flatMap((entry, at) => plainly(key, entry, [list, String(at)]));
}

/**
 * Runs the checks of members in the order in which these stand, as the server reads them; what is
 * missing is left to the caller.
 *
 * @throws {EsError} that of the first check that fails
 */
export function checkInOrder(
  body: JsonObject,
  checks: Readonly<Record<string, (value: unknown) => unknown>>,
  only?: string,
): void {
  for (const key of only === undefined ? Object.keys(body) : [only]) {
    if (!Object.hasOwn(checks, key)) continue;
    try {
      checks[key]?.(body[key]);
    } catch (error) {
      if (!(error instanceof EsError) || error.place !== undefined) throw error;
      if (error.type === "parsing_exception") error.place = placeOf(body, key);
      else error.stand ??= placeOf(body, key);
      throw error;
    }
  }
}

function placeOf(container: object, key: string): ErrorPlace {
  return { container, key, point: "value" };
}
