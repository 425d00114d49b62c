/** `_terms_enum`: the terms of a field that begin like a text. */
import { refuseViews } from "../store/index-view.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { toText } from "../json/coerce.ts";
import { parseObjectBody } from "../json/json-body.ts";
import type { JsonObject } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { defaultLimits, type SearchContext } from "../search/fields/document.ts";
import { resolveField } from "../search/fields/field.ts";
import { termsOf } from "../search/fields/term-dictionary.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import { parseDuration } from "../values/duration.ts";
import { passes } from "./can-match.ts";

/** `_terms_enum`. */
export const termsEnumRoutes: readonly Route[] = routesOf(
  "terms_enum",
  "required",
  ["GET,POST /{index}/_terms_enum"],
  termsEnum,
);

const members: ReadonlySet<string> = new Set(
  "field string size case_insensitive search_after timeout index_filter".split(" "),
);

function termsEnum(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  const wanted = readWanted(body);
  const options = readIndexOptions(request.query, searchIndexOptions);
  const indices = resolveIndices(cluster, request.pathParameters["index"], options);
  refuseViews(cluster, indices, "[_terms_enum]");
  const terms = new Set<string>();
  for (const index of indices) {
    index.noteSearch();
    if (passes(cluster, index, body["index_filter"])) addTerms(index, wanted.field, terms);
  }
  const { foldsCase, after } = wanted;
  const fold = (text: string): string => (foldsCase ? text.toLowerCase() : text);
  const prefix = fold(wanted.prefix);
  const found = [...terms]
    .filter((term) => fold(term).startsWith(prefix))
    .filter((term) => after === undefined || term > after)
    .sort();
  const shards = indices.reduce((sum, index) => sum + index.settings.shards, 0);
  const value: estypes.TermsEnumResponse = {
    _shards: { total: shards, successful: shards, failed: 0 },
    terms: found.slice(0, wanted.size),
    complete: true,
  };
  return jsonReply(value);
}

interface Wanted {
  readonly field: string;
  readonly prefix: string;
  readonly size: number;
  readonly foldsCase: boolean;
  readonly after: string | undefined;
}

function readWanted(body: JsonObject): Wanted {
  for (const name of Object.keys(body)) {
    if (members.has(name)) continue;
    const reason = `[terms_enum_request] unknown field [${name}]`;
    throw new EsError(400, "x_content_parse_exception", reason).at(body, name, "key");
  }
  const { field, string, size = 10, timeout, search_after: after } = body;
  if (field === undefined || field === null) throw validationFailed("field cannot be null");
  if (typeof size !== "number" || size <= 0) throw validationFailed("size must be positive");
  if (size > 10_000) throw validationFailed("size must be less than 10000");
  if (timeout !== undefined) {
    const limit = parseDuration(toText(timeout), "timeout");
    if (limit > 60_000) throw validationFailed("Timeout cannot be > 1 minute");
  }
  return {
    field: toText(field),
    prefix: string === undefined || string === null ? "" : toText(string),
    size,
    foldsCase: body["case_insensitive"] === true || body["case_insensitive"] === "true",
    after: after === undefined || after === null ? undefined : toText(after),
  };
}

function addTerms(index: IndexState, name: string, terms: Set<string>): void {
  for (const shard of index.shards) {
    const context: SearchContext = {
      mappings: index.mappings,
      index: index.name,
      nowMs: 0,
      corpus: shard.seen(),
      isScored: false,
      nestedPath: undefined,
      limits: defaultLimits,
    };
    const field = resolveField(context, name);
    if (field === undefined) return;
    if (field.kind !== "keyword" && field.kind !== "text") {
      throw illegalArgument(
        `_terms_enum of the field [${name}] of type [${field.type}] is not supported by mock-es`,
      );
    }
    for (const term of termsOf(context, field, () => true) ?? []) terms.add(term);
  }
}
