import { completeError } from "../rest/error-completion.ts";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { jsonTextReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { bodyText, isJsonObject, type JsonObject, parseJson } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import {
  type IndexOptions,
  resolveTargets,
  searchIndexOptions,
} from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { pitScope, withTiebreaker } from "./point-in-time.ts";
import { checkTotalAsNumber } from "./search.ts";
import { renderSearch, scopeOf, search } from "./search-run.ts";
import { toTexts } from "../json/coerce.ts";

/** `_msearch`. */
export const multiSearchRoutes: readonly Route[] = routesOf(
  "msearch",
  "required",
  ["GET,POST /_msearch", "GET,POST /{index}/_msearch"],
  multiSearch,
);

interface Entry {
  readonly header: JsonObject;
  readonly body: JsonObject;
}

function multiSearch(request: EsRequest, cluster: Cluster): EsReply {
  const entries = parseEntries(bodyText(request.body));
  if (entries.length === 0) throw validationFailed("no requests added");
  const totalAsNumber = request.query.flag("rest_total_hits_as_int", false);
  const typedKeys = request.query.flag("typed_keys", false);
  const options = readIndexOptions(request.query, searchIndexOptions);
  const responses = entries.map((entry) => {
    const startedMs = performance.now();
    try {
      checkTotalAsNumber(entry.body, totalAsNumber);
      const { pit, ...rest } = entry.body;
      const expression =
        indexOf(entry.header) ?? request.pathParameters["index"] ?? request.query.text("index");
      const point = pit === undefined ? undefined : pitScope(cluster, pit);
      const scope =
        point?.scope ??
        scopeOf(cluster, resolveTargets(cluster, expression, optionsOf(entry.header, options)));
      const found = search(
        cluster,
        scope,
        point === undefined ? rest : withTiebreaker(rest),
        typedKeys,
      );
      const prefix = point === undefined ? "" : `"pit_id":${JSON.stringify(point.id)},`;
      const text = renderSearch(
        found,
        scope,
        Math.round(performance.now() - startedMs),
        totalAsNumber,
        prefix,
      );
      return `${text.slice(0, -1)},"status":200}`;
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      const complete = completeError(error, cluster, JSON.stringify(entry.body));
      // The server reads all searches before it runs the first one, so one that cannot be read
      // refuses the whole request.
      if (unreadable.has(error.type)) throw complete;
      return JSON.stringify(complete.toBody());
    }
  });
  const took = Math.round(performance.now() - request.startedMs);
  return jsonTextReply(`{"took":${took},"responses":[${responses.join(",")}]}`);
}

/** Types of the errors of reading a search. */
const unreadable: ReadonlySet<string> = new Set([
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
    entries.push({ header, body: parseLine(bodyLine) });
  }
  return entries;
}

function parseLine(line: string): JsonObject {
  const value = parseJson(line);
  if (isJsonObject(value)) return value;
  throw illegalArgument("Expected [START_OBJECT] but found another token");
}

const headerMembers: ReadonlySet<string> = new Set(
  "index indices search_type searchType request_cache requestCache preference routing allow_partial_search_results expand_wildcards expandWildcards ignore_unavailable ignoreUnavailable allow_no_indices allowNoIndices ignore_throttled ignoreThrottled ccs_minimize_roundtrips ccsMinimizeRoundtrips".split(
    " ",
  ),
);

function checkHeader(header: JsonObject): void {
  for (const name of Object.keys(header)) {
    if (!headerMembers.has(name))
      throw illegalArgument(`key [${name}] is not supported in the metadata section`);
  }
}

function indexOf(header: JsonObject): string | undefined {
  const value = header["index"] ?? header["indices"];
  return value === undefined || value === null ? undefined : toTexts(value).join(",");
}

function optionsOf(header: JsonObject, defaults: IndexOptions): IndexOptions {
  const flag = (name: string, fallback: boolean): boolean => {
    const value = header[name];
    return value === undefined ? fallback : value === true || value === "true";
  };
  return {
    ...defaults,
    ignoreUnavailable: flag("ignore_unavailable", defaults.ignoreUnavailable),
    allowNoIndices: flag("allow_no_indices", defaults.allowNoIndices),
  };
}
