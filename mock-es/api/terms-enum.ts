/** `_terms_enum`: the terms of a field that begin like a text. */
import { viewOf } from "../store/index-view.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, notSupported, validationFailed } from "../es-error.ts";
import { toText } from "../json/coerce.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { type JsonObject, tokenOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { defaultLimits, type SearchContext } from "../search/fields/document.ts";
import { type Field, resolveField } from "../search/fields/field.ts";
import { wholeNumber } from "../search/search-body.ts";
import { termsOf } from "../search/fields/term-dictionary.ts";
import { checkBlocks } from "../store/block-checks.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import type { Mappings } from "../store/mappings.ts";
import { parseDuration } from "../values/duration.ts";
import { ipText } from "../values/ip-address.ts";
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
  checkBlocks(indices, "read");
  // Terms are not those of documents, so that none are told where some of these are hidden.
  const read = indices.filter((index) => viewOf(cluster, index)?.hidesDocuments !== true);
  const terms = new Map<string, string>();
  for (const index of read) {
    index.noteSearch();
    const { mappings } = viewOf(cluster, index) ?? index;
    if (passes(cluster, index, body["index_filter"]))
      addTerms(index, mappings, wanted.field, terms);
  }
  const { foldsCase, after } = wanted;
  // Letters of ASCII only, as in the server.
  const fold = (text: string): string =>
    foldsCase ? text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase()) : text;
  const prefix = fold(wanted.prefix);
  const found = [...terms]
    .filter(([, term]) => fold(term).startsWith(prefix))
    .filter(([, term]) => after === undefined || term > after)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, term]) => term);
  const shards = read.reduce((sum, index) => sum + index.settings.shards, 0);
  const value: estypes.TermsEnumResponse = {
    _shards: { total: shards, successful: shards, failed: 0 },
    terms: found.slice(0, wanted.size),
    complete: true,
  };
  return jsonReply(value);
}

/** Terms as they are shown, by what they are ordered by. */
type Terms = Map<string, string>;

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
  const most = wholeNumber("size", size);
  if (most < 0) throw validationFailed("size must be positive");
  if (most > 10_000) throw validationFailed("size must be less than 10000");
  if (timeout !== undefined) {
    const limit = parseDuration(toText(timeout), "timeout");
    if (limit > 60_000) throw validationFailed("Timeout cannot be > 1 minute");
  }
  if (string !== undefined && typeof string !== "string") {
    const reason = `[terms_enum_request] string doesn't support values of type: ${tokenOf(string)}`;
    throw new EsError(400, "x_content_parse_exception", reason).at(body, "string");
  }
  return {
    field: toText(field),
    prefix: string ?? "",
    // None is one, as in the server.
    size: Math.max(1, most),
    foldsCase: body["case_insensitive"] === true || body["case_insensitive"] === "true",
    after: after === undefined || after === null ? undefined : toText(after),
  };
}

/** True for a field that gives its terms; all others have none here, texts among them. */
function hasTerms(field: Field, name: string): boolean {
  const isHere = field.isIndexed || field.hasDocValues;
  if (field.kind === "ip") return isHere;
  const isRoot = field.type === "flattened" && field.name === name;
  return field.kind === "keyword" && isHere && !isRoot && !name.startsWith("_");
}

function addTerms(index: IndexState, mappings: Mappings, name: string, terms: Terms): void {
  for (const shard of index.shards) {
    const context: SearchContext = {
      mappings,
      index: index.name,
      nowMs: 0,
      corpus: shard.seen(),
      isScored: false,
      nestedPath: undefined,
      limits: defaultLimits,
    };
    const field = resolveField(context, name);
    if (field === undefined || !hasTerms(field, name)) return;
    if (!field.isReachable) throw notSupported("[_terms_enum] of nested fields");
    const show = field.kind === "ip" ? ipText : (term: string): string => term;
    for (const term of termsOf(context, field, () => true) ?? []) terms.set(term, show(term));
  }
}
