/** `_sql`: the simple selects. */
import { notSupported, validationFailed } from "../es-error.ts";
import { readParameters } from "../esql/syntax/parameters.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { type JsonObject, textOf } from "../json/json-value.ts";
import { type EsReply, type EsRequest, jsonReply } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { parseSelect } from "../sql/parser.ts";
import type { Select } from "../sql/select.ts";
import type { SelectOptions } from "../sql/select-options.ts";
import { runSelect, selectBody } from "../sql/translate.ts";
import type { Cluster } from "../store/cluster.ts";
import type { FieldNode } from "../store/field-node.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import { filterOf } from "./esql.ts";
import { openSource } from "./esql-source.ts";
import { findCursor, firstPage, type SqlPage, wholeTable } from "./sql-cursors.ts";
import { keepResult } from "./sql-async.ts";
import { describeTable } from "./sql-describe.ts";
import { page } from "./sql-page.ts";
import { showTable } from "./sql-show.ts";

/** `_sql`. */
export const sqlRoutes: readonly Route[] = [
  ...routesOf("sql.query", "required", ["POST,GET /_sql"], query),
  ...routesOf("sql.translate", "required", ["POST,GET /_sql/translate"], translate),
];

const known: ReadonlySet<string> = new Set(
  "query fetch_size columnar filter params time_zone page_timeout wait_for_completion_timeout keep_on_completion keep_alive".split(
    " ",
  ),
);
/** Members beside a cursor. */
const knownBesideCursor: ReadonlySet<string> = new Set(["cursor", "columnar", "page_timeout"]);

/** Types of columns by those of fields; others are refused. */
const types: Readonly<Record<string, string>> = {
  boolean: "boolean",
  byte: "byte",
  date: "datetime",
  double: "double",
  float: "float",
  integer: "integer",
  ip: "ip",
  keyword: "keyword",
  long: "long",
  scaled_float: "scaled_float",
  short: "short",
  text: "text",
};

const defaultFetchSize = 1000;
/** Rows of a whole result: one fewer than ES|QL gives at most. */
const maxRows = 9999;

function query(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  if (body["cursor"] !== undefined) return nextPage(request, cluster, body);
  const first = firstOf(cluster, body);
  return page(request, cluster, body, first, { savedId: keepResult(cluster, body, first) });
}

function firstOf(cluster: Cluster, body: JsonObject): SqlPage {
  const asked = textOf(body["query"]);
  const described = describeTable(cluster, asked) ?? showTable(cluster, asked);
  if (described !== undefined) {
    checkMembers(body);
    return wholeTable(described);
  }
  const { text, select, size, options } = readSelect(cluster, body);
  return firstPage(select, runSelect(text, select, { ...options, maxRows }), size);
}

function translate(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  for (const name of ["filter", "page_timeout", "columnar"])
    if (body[name] !== undefined) throw notSupported(`[${name}] in a translation of SQL`);
  const { text, select, size, options } = readSelect(cluster, body);
  return jsonReply(selectBody(text, select, options, size));
}

function checkMembers(body: JsonObject): void {
  for (const name of Object.keys(body))
    if (!known.has(name)) throw notSupported(`[${name}] in an SQL request`);
}

/** The SELECT of a request, and what it is run with. */
interface AskedSelect {
  readonly text: string;
  readonly select: Select;
  /** Rows of a page. */
  readonly size: number;
  readonly options: Omit<SelectOptions, "maxRows">;
}

function readSelect(cluster: Cluster, body: JsonObject): AskedSelect {
  const { query: text, time_zone: zone = "Z", fetch_size: size = defaultFetchSize } = body;
  checkMembers(body);
  if (typeof text !== "string" || text === "")
    throw validationFailed("one of [query] or [cursor] is required");
  if (zone !== "Z" && zone !== "UTC") throw notSupported("a [time_zone] in an SQL request");
  if (typeof size !== "number" || !(size > 0))
    throw notSupported("this [fetch_size] in an SQL request");
  const select = parseSelect(text, readValues(body));
  const index = select.table?.name ?? "";
  const filter = filterOf(body);
  const options: AskedSelect["options"] = {
    nowMs: cluster.entropy.nowMs(),
    open(name, at, analysis) {
      const command = { kind: "from", indices: name, metadata: [], start: at, end: at } as const;
      return openSource(cluster, command, analysis, filter);
    },
    exactOf: (column) => exactOf(cluster, index, column),
    typeOf: (column) => typeOf(cluster, index, column),
    isPart: (column) => isPart(cluster, index, column),
  };
  return { text, select, size, options };
}

function nextPage(request: EsRequest, cluster: Cluster, body: JsonObject): EsReply {
  for (const name of Object.keys(body))
    if (!knownBesideCursor.has(name)) throw notSupported(`[${name}] beside a cursor of SQL`);
  const { id, at } = findCursor(cluster, body["cursor"]);
  return page(request, cluster, body, at, { cursorId: id });
}

function readValues({ params }: JsonObject): ReturnType<typeof valuesOf> {
  return valuesOf(params);
}

function valuesOf(params: unknown) {
  return readParameters(params).positional.flatMap((parameter) =>
    parameter.kind === "values" ? parameter.values : [],
  );
}

function typeOf(cluster: Cluster, table: string, column: string): string | undefined {
  const found = new Set(
    resolveIndices(cluster, table, searchIndexOptions).flatMap(({ mappings }) => {
      const type = mappings.find(column)?.type;
      return type === undefined ? [] : [type];
    }),
  );
  const [type] = found;
  if (type === undefined || found.size > 1) return undefined;
  return Object.hasOwn(types, type) ? types[type] : undefined;
}

/** The first keyword of a text, in all indices that have the text. */
function exactOf(cluster: Cluster, table: string, column: string): string | undefined {
  const found = new Set(
    resolveIndices(cluster, table, searchIndexOptions).flatMap(({ mappings }) => {
      const node = mappings.find(column);
      if (node?.type !== "text") return [];
      const isExact = ([, { type, parameters }]: readonly [string, FieldNode]): boolean =>
        type === "keyword" && parameters["normalizer"] === undefined;
      return [[...node.fields].find(isExact)?.[0]];
    }),
  );
  const [name] = found;
  return found.size === 1 && name !== undefined ? `${column}.${name}` : undefined;
}

/** True for a field of a field, as `title.raw` of a text. */
function isPart(cluster: Cluster, table: string, column: string): boolean {
  const dot = column.lastIndexOf(".");
  if (dot < 0) return false;
  return resolveIndices(cluster, table, searchIndexOptions).some(
    ({ mappings }) =>
      mappings.find(column.slice(0, dot))?.fields.has(column.slice(dot + 1)) ?? false,
  );
}
