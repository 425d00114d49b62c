/** `_query`: ES|QL. */
import { type EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import { tableJson } from "../esql/formats/json-table.ts";
import { tableText, type TextForm } from "../esql/formats/text-table.ts";
import { readParameters } from "../esql/syntax/parameters.ts";
import { type QueryResult, runQuery, type Table } from "../esql/plan/query.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { type EsReply, type EsRequest, jsonTextReply, textReply } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { warningHeader } from "../rest/warning.ts";
import type { Cluster } from "../store/cluster.ts";
import { enrichSources, openLookup } from "./esql-joins.ts";
import { openSource } from "./esql-source.ts";

/** `_query`. */
export const esqlRoutes: readonly Route[] = [
  ...routesOf("esql.query", "required", ["POST /_query"], query),
];

/** Members of a request whose effect is imitated. */
const known: ReadonlySet<string> = new Set(["query", "columnar", "params", "filter", "locale"]);

/** How long a result would be kept, were it kept: 5 days. */
const keepAliveMs = 432_000_000;

function query(request: EsRequest, cluster: Cluster): EsReply {
  return resultReply(request, cluster, runRequest(request, cluster));
}

/**
 * Runs the query of a request.
 *
 * @param others members of the body that are read elsewhere
 * @throws {EsError} 400
 */
export function runRequest(
  request: EsRequest,
  cluster: Cluster,
  others: readonly string[] = [],
): QueryResult {
  const body = parseObjectBody(request.body) ?? {};
  const { query: text } = body;
  checkMembers(body, others);
  if (typeof text !== "string" || text === "") throw validationFailed("[query] is required");
  const isColumnar = columnarOf(body);
  const form = formOf(request);
  delimiterOf(request, form);
  if (form !== "json" && isColumnar)
    throw illegalArgument(
      "Invalid use of [columnar] argument: cannot be used in combination with [txt, csv, tsv] formats",
    );
  const filter = filterOf(body);
  const startedMs = cluster.entropy.nowMs();
  const { version, buildDate, buildHash } = cluster.profile;
  const table = runQuery(text, {
    parameters: readParameters(body["params"]),
    nowMs: startedMs,
    open: (command, analysis) => openSource(cluster, command, analysis, filter),
    openLookup: (command, analysis) => openLookup(cluster, command, analysis),
    enrich: enrichSources(cluster),
    info: { version, date: buildDate, hash: buildHash },
  });
  const took = Math.floor(performance.now() - request.startedMs);
  return { table, isColumnar, startedMs, took, expiresMs: startedMs + took + keepAliveMs };
}

function checkMembers(body: JsonObject, others: readonly string[]): void {
  for (const [name, value] of Object.entries(body)) {
    if (known.has(name) || others.includes(name)) continue;
    const isDefault = value === false && /^(?:profile|include_\w+_metadata)$/.test(name);
    if (!isDefault) throw notSupported(`[${name}] in an ES|QL request`);
  }
  const { locale } = body;
  if (locale !== undefined && !/^(?:en|en[-_]US|)$/.test(textOf(locale)))
    throw notSupported(`the locale [${textOf(locale)}]`);
}

function columnarOf({ columnar = false }: JsonObject): boolean {
  const text = textOf(columnar);
  if (text === "true" || text === "false") return text === "true";
  throw notSupported(`[${text}] for [columnar] in an ES|QL request`);
}

/** @throws {EsError} 400 for what is no query */
export function filterOf({ filter }: JsonObject): JsonObject | undefined {
  if (filter === undefined) return undefined;
  if (isObject(filter) && Object.keys(filter).length > 0) return filter;
  throw notSupported(`[${textOf(filter)}] for [filter]`);
}

const forms: Readonly<Record<string, TextForm>> = {
  csv: "csv",
  tsv: "tsv",
  txt: "txt",
  "text/csv": "csv",
  "text/plain": "txt",
  "text/tab-separated-values": "tsv",
  "text/vnd.elasticsearch+csv": "csv",
  "text/vnd.elasticsearch+plain": "txt",
  "text/vnd.elasticsearch+tab-separated-values": "tsv",
};

/**
 * What `format` asks for, or `Accept`.
 *
 * @throws {EsError} 400 for a type that there is not
 */
export function formOf({ query: parameters, accept, contentType }: EsRequest): TextForm | "json" {
  const format = parameters.text("format");
  if (format !== undefined) {
    if (format === "json") return "json";
    const found = Object.hasOwn(forms, format) ? forms[format] : undefined;
    if (found !== undefined) return found;
    throw notSupported(`the format [${format}]`);
  }
  // Several types, and ranges of them, are not looked at.
  if (accept === undefined || /[*,]/.test(accept)) return "json";
  const [type = "", ...settings] = accept.split(";").map((part) => part.trim().toLowerCase());
  if (/arrow|yaml|cbor|smile/.test(type)) throw notSupported(`the media type [${type}]`);
  const form = Object.hasOwn(forms, type) ? forms[type] : undefined;
  const isKnown = form !== undefined || /^(?:application\/.*json|)$/.test(type);
  if (isKnown && !settings.some((part) => /^header=(?!(?:absent|present)$)/.test(part)))
    return form ?? "json";
  throw illegalArgument(
    `Invalid request content type: Accept=[${accept}], Content-Type=[${contentType}], format=[null]`,
  );
}

/**
 * The delimiter of CSV.
 *
 * @throws {EsError} 400 for none that can be one, and beside other formats
 */
export function delimiterOf(
  { query: parameters }: EsRequest,
  form: TextForm | "json",
  path = "/_query",
): string {
  const delimiter = parameters.text("delimiter");
  if (delimiter === undefined) return ",";
  const refuse = (what: string): EsError =>
    illegalArgument(`invalid ${what} delimiter [${delimiter}]`);
  if (form !== "csv")
    throw illegalArgument(
      `parameter: [delimiter] can only be used with the format [csv] for request [${path}]`,
    );
  if (delimiter.length !== 1) throw refuse(delimiter === "" ? "empty" : "multi-character");
  if ('"\n\r'.includes(delimiter))
    throw illegalArgument(`illegal reserved character specified as delimiter [${delimiter}]`);
  if (delimiter === "\t")
    throw illegalArgument(
      "illegal delimiter [TAB] specified as delimiter for the [csv] format; choose the [tsv] format instead",
    );
  return delimiter;
}

/**
 * The answer with a result, in the form that a request asks for.
 *
 * @param head members of JSON in front of the others, each with a comma behind it
 */
export function resultReply(
  request: EsRequest,
  cluster: Cluster,
  result: QueryResult,
  head = "",
): EsReply {
  const { query: parameters, accept } = request;
  const { table, isColumnar, startedMs, took, expiresMs } = result;
  const headers = [...headersOf(request, cluster, table)];
  const form = formOf(request);
  const dropsNulls = parameters.flag("drop_null_columns", false);
  // Results are always whole.
  parameters.flag("allow_partial_results", true);
  if (form !== "json") {
    const hasHeader = !/;\s*header=absent/i.test(accept ?? "");
    const delimiter = delimiterOf(request, form);
    const text = tableText(table, form, { delimiter, hasHeader, dropsNulls });
    return { ...textReply(text), contentType: contentType(form, hasHeader), headers };
  }
  const figures =
    `"took":${took},"is_partial":false,"completion_time_in_millis":${startedMs + took},` +
    `"documents_found":${table.documents},"values_loaded":0,"rows_emitted":0,"bytes_read":0,` +
    `"read_nanos":0,"cpu_nanos":0,"start_time_in_millis":${startedMs},` +
    `"expiration_time_in_millis":${expiresMs}`;
  return {
    ...jsonTextReply(`{${head}${figures},${tableJson(table, { isColumnar, dropsNulls })}}`),
    headers,
  };
}

function contentType(form: TextForm, hasHeader: boolean): string {
  const header = hasHeader ? "present" : "absent";
  if (form === "csv") return `text/csv; charset=utf-8; header=${header}`;
  return form === "tsv" ? "text/tab-separated-values; charset=utf-8" : "text/plain";
}

function* headersOf(request: EsRequest, cluster: Cluster, { warnings }: Table): Iterable<string> {
  for (const warning of warnings) yield* warningHeader(cluster, warning);
  yield* ["Took-nanos", String(Math.floor((performance.now() - request.startedMs) * 1e6))];
  yield* ["X-Elasticsearch-Async-Is-Running", "?0"];
}
