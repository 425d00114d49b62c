import {
  EsError,
  validationFailed,
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../es-error.ts";
import { isRawNumber } from "../json/exact-numbers.ts";
import { checkSourceMember } from "./fetch/source-filter.ts";
import { isObject, textOf, tokenOf, type JsonObject } from "../json/json-value.ts";
import { parseDuration } from "../values/duration.ts";
import { shardFailure } from "./problem.ts";

/** The aggregations of a body; of both members that name them the later one counts. */
export function aggregationsOf(body: JsonObject): unknown {
  return body[Object.keys(body).findLast((key) => key === "aggs" || key === "aggregations") ?? ""];
}

/** Default of `track_total_hits`: matches are counted exactly up to here. */
const DEFAULT_TRACKED = 10_000;

const ANY = ["value", "object", "array"] as const;
type Shape = (typeof ANY)[number];

/** Members of a search body and the JSON shapes Elasticsearch accepts for them. */
const MEMBERS: Readonly<Record<string, readonly Shape[]>> = {
  from: ["value"],
  size: ["value"],
  timeout: ["value"],
  terminate_after: ["value"],
  query: ["object"],
  post_filter: ["object"],
  min_score: ["value"],
  version: ["value"],
  seq_no_primary_term: ["value"],
  explain: ["value"],
  profile: ["value"],
  track_scores: ["value"],
  track_total_hits: ["value"],
  allow_partial_search_results: ["value"],
  _source: ANY,
  fields: ["array"],
  stored_fields: ["value", "array"],
  docvalue_fields: ["array"],
  sort: ANY,
  search_after: ["array"],
  aggs: ["object"],
  aggregations: ["object"],
  pit: ["object"],
  stats: ["array"],
  indices_boost: ["array"],
  script_fields: ["object"],
  runtime_mappings: ["object"],
  highlight: ["object"],
  suggest: ["object"],
  rescore: ["object", "array"],
  ext: ["object"],
  slice: ["object"],
  collapse: ["object"],
  knn: ["object", "array"],
  rank: ["object"],
  retriever: ["object"],
  sub_searches: ["array"],
};

/** Members that are part of Elasticsearch but not computed here. */
const NOT_COMPUTED: readonly string[] = ["rank", "sub_searches", "ext"];

/**
 * Checks the outline of a search body: only members that exist, in shapes they may have, and none
 * that could only be answered with an invention.
 *
 * @throws {EsError} `parsing_exception` `Unknown key for a START_OBJECT in [x].`, or a refusal that
 *   names the member
 */
export function checkSearchBody(body: unknown): JsonObject {
  if (body === undefined || body === null) return {};
  if (!isObject(body))
    throw parsingException(`Expected [START_OBJECT] but found [${tokenOf(body)}]`);
  for (const key of Object.keys(body)) checkMember(body, key);
  const { timeout } = body;
  if (timeout !== undefined) parseDuration(textOf(timeout), "timeout");
  // The server gives up before it has looked at anything.
  if (timeout !== undefined && /^\s*-1\s*[smhd]$/i.test(textOf(timeout)))
    throw notSupported(`[timeout=${textOf(timeout)}]`);
  return body;
}

/** Checks one member of a search body. @throws {EsError} */
export function checkMember(body: JsonObject, key: string): void {
  const value = body[key];
  const shapes = Object.hasOwn(MEMBERS, key) ? MEMBERS[key] : undefined;
  const shape: Shape = Array.isArray(value) ? "array" : isObject(value) ? "object" : "value";
  if (shapes?.includes(shape) !== true || (value === null && key !== "_source"))
    throw parsingException(`Unknown key for a ${tokenOf(value)} in [${key}].`).at(body, key);
  if (NOT_COMPUTED.includes(key)) throw notSupported(`[${key}]`);
  if (
    bodyFlags.has(key) &&
    typeof value !== "boolean" &&
    !["true", "false", ""].includes(textOf(value))
  ) {
    if (typeof value !== "string") throw notSupported(`[${key}] that is no boolean`);
    throw illegalArgument(
      `Failed to parse value [${value}] as only [true] or [false] are allowed.`,
    );
  }
  if (key === "min_score" && typeof value !== "number") {
    if (typeof value !== "string") throw notSupported("[min_score] that is no number");
    if (value.trim() === "") throw new EsError(400, "number_format_exception", "empty String");
    if (Number.isNaN(Number(value)))
      throw new EsError(400, "number_format_exception", `For input string: "${value}"`);
  }
  if (key === "stored_fields" && !Array.isArray(value) && typeof value !== "string") {
    const reason = `Expected [VALUE_STRING] or [START_ARRAY] in [stored_fields] but found [${tokenOf(value)}]`;
    throw parsingException(reason).at(body, key);
  }
  if (key === "stored_fields" && Array.isArray(value)) {
    if (value.some((name) => typeof name === "object"))
      throw notSupported("[stored_fields] with a name that is no text");
  }
  if (key === "search_after" && Array.isArray(value)) checkAfter(value);
  if (key === "_source") checkSourceMember(body);
}

const bodyFlags: ReadonlySet<string> = new Set([
  "explain",
  "seq_no_primary_term",
  "track_scores",
  "version",
]);

function checkAfter(values: readonly unknown[]): void {
  if (values.length === 0) throw illegalArgument("Values must contains at least one value.");
  for (const [at, value] of values.entries()) {
    if (value === null || typeof value !== "object" || isRawNumber(value)) continue;
    const kinds = "[VALUE_STRING] or [VALUE_NUMBER] or [VALUE_BOOLEAN] or [VALUE_NULL]";
    const reason = `Expected ${kinds} but found [${tokenOf(value)}] inside search_after.`;
    throw parsingException(reason).at(values, String(at));
  }
}

/** Reads a whole number; text is accepted as Elasticsearch accepts it. */
export function wholeNumber(name: string, value: unknown): number {
  if (typeof value === "boolean" || (typeof value === "number" && Math.abs(value) > 2 ** 31))
    throw notSupported(`[${name}] that is no number of 32 bits`);
  if (value === "") throw new EsError(400, "number_format_exception", "empty String");
  const number = Number(value);
  if (Number.isNaN(number) && typeof value === "string") {
    throw new EsError(400, "number_format_exception", `For input string: "${value}"`);
  }
  if (Number.isNaN(number))
    throw illegalArgument(`Failed to parse int parameter [${name}] with value [${String(value)}]`);
  return Math.trunc(number);
}

/** The page that is asked for. */
export interface Page {
  readonly from: number;
  readonly size: number;
}

/**
 * Reads `from` and `size`.
 *
 * @throws {EsError} for negative values and for pages beyond the result window
 */
export function readPage(body: JsonObject, index: string, window: number): Page {
  const from = body["from"] === undefined ? 0 : wholeNumber("from", body["from"]);
  const size = body["size"] === undefined ? 10 : wholeNumber("size", body["size"]);
  if (from < 0) throw illegalArgument(`[from] parameter cannot be negative but was [${from}]`);
  if (size < 0) throw illegalArgument(`[size] parameter cannot be negative, found [${size}]`);
  if (from > 0 && body["search_after"] !== undefined) {
    throw validationFailed("[from] parameter must be set to 0 when [search_after] is used");
  }
  if (from + size > window) {
    throw shardFailure(
      index,
      "illegal_argument_exception",
      `Result window is too large, from + size must be less than or equal to: [${window}] but was [${from + size}]. See the scroll api for a more efficient way to request large data sets. This limit can be set by changing the [index.max_result_window] index level setting.`,
    );
  }
  return { from, size };
}

/** How far matches are counted exactly: `Infinity` for `true`, -1 when the total is left out. */
export function readTracked(value: unknown): number {
  if (value === undefined) return DEFAULT_TRACKED;
  if (value === true || value === "true") return Infinity;
  if (value === false || value === "false") return -1;
  const number = wholeNumber("track_total_hits", value);
  if (number < -1) {
    throw illegalArgument(
      `[track_total_hits] parameter must be positive or equals to -1, got ${number}`,
    );
  }
  return number;
}

/** After how many matches a shard stops; `Infinity` when it does not. @throws {EsError} */
export function readTerminateAfter(body: JsonObject): number {
  const given = body["terminate_after"];
  if (typeof given === "boolean") {
    const reason = `Current token (${tokenOf(given)}) not numeric, can not use numeric value accessors`;
    throw xContentParseException(reason).at(body, "terminate_after");
  }
  const number = given === undefined ? 0 : wholeNumber("terminate_after", given);
  if (number < 0) throw illegalArgument("terminateAfter must be > 0");
  return number === 0 ? Infinity : number;
}
