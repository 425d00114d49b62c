/** Several searches in one request. */
import { isObject, type JsonObject } from "../json/json-value.ts";
import { completeError } from "../rest/error-completion.ts";
import { emptyIndexName, EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { bodyText, parseJson } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexOptions } from "../store/index-options.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { toText, toTexts } from "../json/coerce.ts";
import { QueryParameters } from "../rest/query-parameters.ts";
import { readFirst, refuseUnreadable } from "./first-fault.ts";
import { pitScope, refuseWithPit, withTiebreaker } from "./point-in-time.ts";
import { checkTotalAsNumber, readRunOptions, readSearchType } from "./search.ts";
import { renderSearch } from "./search-answer.ts";
import { search } from "./search-run.ts";
import type { RunOptions } from "./search-run-options.ts";
import {
  readShardChoice,
  scopeOf,
  type SearchScope,
  type ShardChoice,
  withBoosts,
} from "./search-scope.ts";
import { refuseSlice, slicedScope } from "./slice.ts";
import { nodeBoolean } from "../values/node-boolean.ts";

/** `_msearch`. */
export const multiSearchRoutes: readonly Route[] = routesOf(
  "msearch",
  "required",
  ["GET,POST /_msearch", "GET,POST /{index}/_msearch"],
  multiSearch,
  (request, cluster) => {
    for (const { body, text } of parseEntries(bodyText(request.body))) {
      try {
        refuseUnreadable(body);
      } catch (error) {
        throw error instanceof EsError ? completeError(error, cluster, text) : error;
      }
    }
  },
);

interface Entry {
  readonly header: JsonObject;
  readonly body: JsonObject;
  /** The body as it was sent. */
  readonly text: string;
}

function multiSearch(request: EsRequest, cluster: Cluster): EsReply {
  return multiSearchOf(request, cluster);
}

/**
 * Answers several searches.
 *
 * @param readBody makes the body of a search of what stands in its place; what it throws is the
 *   answer of that search alone. @default the body stands there itself
 */
export function multiSearchOf(
  request: EsRequest,
  cluster: Cluster,
  readBody?: (body: JsonObject) => JsonObject,
): EsReply {
  const entries = parseEntries(bodyText(request.body));
  if (entries.length === 0) throw validationFailed("no requests added");
  const { query } = request;
  const most = query.integer("max_concurrent_searches");
  if (most !== undefined && most < 1)
    throw illegalArgument("maxConcurrentSearchRequests must be positive");
  const defaults: Defaults = {
    expression: request.pathParameters["index"] ?? request.query.text("index"),
    index: readIndexOptions(query, searchIndexOptions),
    run: readRunOptions(cluster, query),
    choice: readShardChoice(query),
    totalAsNumber: query.flag("rest_total_hits_as_int", false),
  };
  const responses = entries.map((entry) => {
    try {
      const { header, body } = entry;
      const search = readBody === undefined ? entry : { header, body: readBody(body), text: "" };
      const text = readFirst(search.body, () => runEntry(cluster, search, defaults));
      return `${text.slice(0, -1)},"status":200}`;
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      const complete = completeError(error, cluster, entry.text);
      // The server reads all searches before it runs the first one, so one that cannot be read
      // refuses the whole request.
      if (readBody === undefined && unreadable.has(error.type)) throw complete;
      return JSON.stringify(complete.toBody());
    }
  });
  const took = Math.round(performance.now() - request.startedMs);
  return jsonTextReply(`{"took":${took},"responses":[${responses.join(",")}]}`);
}

/** What the path and the query string say for searches that do not say it themselves. */
interface Defaults {
  readonly expression: string | undefined;
  readonly index: IndexOptions;
  readonly run: RunOptions;
  readonly choice: ShardChoice;
  readonly totalAsNumber: boolean;
}

function runEntry(cluster: Cluster, { header, body }: Entry, defaults: Defaults): string {
  const startedMs = performance.now();
  const { totalAsNumber } = defaults;
  checkTotalAsNumber(body, totalAsNumber);
  const { pit: _pit, ...rest } = body;
  const options = runOptionsOf(header, defaults.run);
  const answer = (scope: SearchScope, read: JsonObject, prefix: string): string => {
    const boosted = withBoosts(cluster, scope, read["indices_boost"]);
    const found = search(cluster, boosted, read, options);
    const tookMs = Math.round(performance.now() - startedMs);
    return renderSearch(cluster, found, boosted, { tookMs, totalAsNumber, prefix });
  };
  const expression = indexOf(header) ?? defaults.expression;
  const choice = choiceOf(header, defaults.choice);
  const indexOptions = optionsOf(header, defaults.index);
  if (body["pit"] === undefined) {
    refuseSlice(body);
    const targets = resolveTargets(cluster, expression, indexOptions);
    return answer(scopeOf(cluster, targets, choice), rest, "");
  }
  refuseWithPit({ isScroll: false, expression, options: indexOptions, choice });
  const { scope, id } = pitScope(cluster, body);
  const { slice: _slice, ...unsliced } = withTiebreaker(rest);
  return answer(slicedScope(scope, rest, "pit"), unsliced, `"pit_id":${JSON.stringify(id)},`);
}

function choiceOf(header: JsonObject, defaults: ShardChoice): ShardChoice {
  const { routing, preference } = header;
  return {
    routing: routing === undefined ? defaults.routing : toText(routing),
    preference: preference === undefined ? defaults.preference : toText(preference),
  };
}

function runOptionsOf(header: JsonObject, defaults: RunOptions): RunOptions {
  const type = header["search_type"] ?? header["searchType"];
  const partial = header["allow_partial_search_results"];
  return {
    ...defaults,
    ...(type === undefined ? {} : { isDfs: readSearchType(toText(type)) }),
    ...(partial === undefined ? {} : { allowsPartialResults: toText(partial) !== "false" }),
  };
}

/** Types of the errors of reading a search. */
export const unreadable: ReadonlySet<string> = new Set([
  "parsing_exception",
  "x_content_parse_exception",
  "parse_exception",
  "illegal_argument_exception",
  "number_format_exception",
  "action_request_validation_exception",
]);

function parseEntries(text: string): Entry[] {
  if (!text.endsWith("\n"))
    throw illegalArgument("The msearch request must be terminated by a newline [\n]");
  const lines = text.split("\n").map((line) => (line.endsWith("\r") ? line.slice(0, -1) : line));
  lines.pop();
  const entries: Entry[] = [];
  let at = 0;
  while (at < lines.length) {
    const headerLine = lines[at++] ?? "";
    // An empty header line stands for the defaults; an empty line before the first request is
    // skipped.
    if (headerLine === "" && entries.length === 0 && at === 1 && lines.length % 2 === 1) continue;
    const header = headerLine === "" ? {} : parseLine(headerLine);
    checkHeader(header);
    const bodyLine = lines[at++];
    if (bodyLine === undefined) throw validationFailed("no requests added");
    entries.push({ header, body: parseLine(bodyLine), text: bodyLine });
  }
  return entries;
}

function parseLine(line: string): JsonObject {
  const value = parseJson(line);
  if (isObject(value)) return value;
  throw illegalArgument("Expected [START_OBJECT] but found another token");
}

const headerMembers: ReadonlySet<string> = new Set(
  "index indices search_type searchType request_cache requestCache preference routing allow_partial_search_results expand_wildcards expandWildcards ignore_unavailable ignoreUnavailable allow_no_indices allowNoIndices ignore_throttled ignoreThrottled ccs_minimize_roundtrips ccsMinimizeRoundtrips".split(
    " ",
  ),
);

const headerFlags: ReadonlySet<string> = new Set(
  "request_cache requestCache allow_partial_search_results ignore_unavailable ignoreUnavailable allow_no_indices allowNoIndices ccs_minimize_roundtrips ccsMinimizeRoundtrips".split(
    " ",
  ),
);

function snakeCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function checkHeader(header: JsonObject): void {
  for (const name of Object.keys(header)) {
    if (!headerMembers.has(name))
      throw illegalArgument(`key [${name}] is not supported in the metadata section`);
    if (headerFlags.has(name)) nodeBoolean(header[name], snakeCase(name), true);
  }
}

function indexOf(header: JsonObject): string | undefined {
  const value = Object.hasOwn(header, "index") ? header["index"] : header["indices"];
  if (value === null)
    throw new EsError(400, "parse_exception", "Expected a list of strings but got null");
  if (Array.isArray(value) && value.includes("")) throw emptyIndexName();
  return value === undefined ? undefined : toTexts(value).join(",");
}

function optionsOf(header: JsonObject, defaults: IndexOptions): IndexOptions {
  const values = new Map<string, string>();
  for (const [camel, name] of indexOptionNames) {
    const value = header[name] ?? header[camel];
    if (value !== undefined) values.set(name, toTexts(value).join(","));
  }
  return readIndexOptions(new QueryParameters(values), defaults);
}

const indexOptionNames = [
  ["ignoreUnavailable", "ignore_unavailable"],
  ["allowNoIndices", "allow_no_indices"],
  ["expandWildcards", "expand_wildcards"],
] as const;
