/** What a request of EQL asks for: its body, and what the query string says beside it. */
import {
  illegalArgument,
  notSupported,
  validationFailed,
  xContentParseException,
} from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import type { EsRequest } from "../rest/es-request.ts";
import { parseDuration } from "../values/duration.ts";

/** A request. */
export interface EqlRequest {
  readonly query: string;
  readonly timestamp: string;
  readonly tiebreaker: string | undefined;
  /** Field of the category of events. */
  readonly category: string;
  /** Events or sequences at most. */
  readonly size: number;
  readonly position: "head" | "tail";
  readonly samplesPerKey: number;
  /** A query that all events have to fit; `undefined` for none. */
  readonly filter: JsonObject | undefined;
  /** As in a search. */
  readonly fields: unknown;
  readonly runtimeMappings: unknown;
  /** True for a result that is kept when it is there. */
  readonly isKept: boolean;
  /** Milliseconds that a result is kept. */
  readonly keepMs: number;
}

const known: ReadonlySet<string> = new Set(
  (
    "query filter timestamp_field tiebreaker_field event_category_field size fetch_size " +
    "wait_for_completion_timeout keep_alive keep_on_completion result_position fields " +
    "runtime_mappings max_samples_per_key allow_partial_search_results " +
    "allow_partial_sequence_results"
  ).split(" "),
);

const leastKeepMs = 60_000;

/** Reads a request. @throws {EsError} 400 for what is wrong with it */
export function readEqlRequest(request: EsRequest): EqlRequest {
  const body = parseObjectBody(request.body) ?? {};
  for (const name of Object.keys(body))
    if (!known.has(name))
      throw xContentParseException(`[eql/search] unknown field [${name}]`).at(body, name, "key");
  const members = new Members(body);
  const position = members.text("result_position") ?? "tail";
  if (position !== "head" && position !== "tail")
    throw illegalArgument(`result position needs to be 'head' or 'tail', received '${position}'`);
  for (const name of ["allow_partial_search_results", "allow_partial_sequence_results"]) {
    members.flag(name);
    request.query.flag(name, true);
  }
  // There are no other clusters.
  request.query.flag("ccs_minimize_roundtrips", true);
  const { query } = request;
  const wait =
    query.text("wait_for_completion_timeout") ?? members.plain("wait_for_completion_timeout");
  if (wait !== undefined) parseDuration(wait, "wait_for_completion_timeout");
  const alive = query.text("keep_alive") ?? members.plain("keep_alive") ?? "5d";
  const asksToKeep = members.flag("keep_on_completion") ?? false;
  const asked: EqlRequest = {
    query: members.text("query") ?? "",
    timestamp: members.text("timestamp_field") ?? "@timestamp",
    tiebreaker: members.text("tiebreaker_field"),
    category: members.text("event_category_field") ?? "event.category",
    size: members.whole("size") ?? 10,
    position,
    samplesPerKey: members.whole("max_samples_per_key") ?? 1,
    filter: isObject(body["filter"]) ? body["filter"] : undefined,
    fields: body["fields"],
    runtimeMappings: body["runtime_mappings"],
    // Without a wait the request is answered when it is done, and nothing is kept.
    isKept: query.flag("keep_on_completion", asksToKeep) && wait !== undefined,
    keepMs: parseDuration(alive, "keep_alive"),
  };
  validate(asked, members.whole("fetch_size") ?? 1000, alive);
  return asked;
}

function validate(asked: EqlRequest, fetchSize: number, alive: string): void {
  const problems = [
    ...(asked.query === "" ? ["query is null or empty"] : []),
    ...(asked.timestamp === "" ? ["@timestamp field is null or empty"] : []),
    ...(asked.category === "" ? ["event category field is null or empty"] : []),
    ...(asked.size < 0 ? ["size must be greater than or equal to 0"] : []),
    ...(fetchSize < 2 ? ["fetch size must be greater than 1"] : []),
    ...(asked.samplesPerKey < 1 ? ["max_samples_per_key must be greater than 0"] : []),
    ...(asked.keepMs < leastKeepMs
      ? [`[keep_alive] must be greater than 1 minute, got:${alive}`]
      : []),
  ];
  if (problems.length > 0) throw validationFailed(...problems);
}

/** Members of a body, which are refused by name where the server would read another type. */
class Members {
  readonly #body: JsonObject;

  constructor(body: JsonObject) {
    this.#body = body;
    for (const name of ["filter", "runtime_mappings"])
      if (body[name] !== undefined && !isObject(body[name])) throw this.#refusal(name);
    if (body["fields"] !== undefined && !Array.isArray(body["fields"]))
      throw this.#refusal("fields");
  }

  text(name: string): string | undefined {
    const value = this.#body[name];
    if (value === undefined || typeof value === "string") return value;
    throw this.#refusal(name);
  }

  /** A text, or another value as one. */
  plain(name: string): string | undefined {
    const value = this.#body[name];
    return value === undefined ? undefined : textOf(value);
  }

  flag(name: string): boolean | undefined {
    const value = this.#body[name];
    if (value === undefined || typeof value === "boolean") return value;
    throw this.#refusal(name);
  }

  whole(name: string): number | undefined {
    const value = this.#body[name];
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value)) return value;
    throw this.#refusal(name);
  }

  #refusal(name: string): Error {
    return notSupported(`[${name}: ${textOf(this.#body[name])}] in an EQL request`);
  }
}
