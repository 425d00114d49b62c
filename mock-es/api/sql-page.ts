/** A page of a result of SQL, in the form that is asked for. */
import { EsError, notSupported } from "../es-error.ts";
import { tableText } from "../esql/formats/text-table.ts";
import { type Cell, scalarJson } from "../esql/values/value.ts";
import { type JsonObject, jsonText } from "../json/json-value.ts";
import { type EsReply, type EsRequest, jsonTextReply, textReply } from "../rest/es-request.ts";
import type { SelectTable } from "../sql/select-options.ts";
import type { Cluster } from "../store/cluster.ts";
import { delimiterOf, formOf } from "./esql.ts";
import { cursorBehind, type SqlPage } from "./sql-cursors.ts";

/** Answers with the rows of a page, and with a cursor where more may be there. */
export function page(
  request: EsRequest,
  cluster: Cluster,
  body: JsonObject,
  at: SqlPage,
  ids: { readonly cursorId?: string; readonly savedId?: string | undefined } = {},
): EsReply {
  const { table, from, size } = at;
  const form = formOf(request);
  const delimiter = delimiterOf(request, form, "/_sql");
  const cursor = cursorBehind(cluster, at, body["page_timeout"], ids.cursorId);
  // How the texts of dates without a time look is not known.
  if (form !== "json" && table.types.includes("date"))
    throw notSupported(`the type [date] with the format [${form}]`);
  if (form === "txt" && (cursor !== undefined || from > 0))
    throw notSupported("a cursor with the format [txt]");
  const rows = table.rows.slice(from, from + size);
  const shown = { ...table, rows };
  if (form === "json")
    return jsonTextReply(render(shown, body["columnar"] === true, from === 0, cursor, ids.savedId));
  const hasHeader = from === 0 && !/;\s*header=absent/i.test(request.accept ?? "");
  return {
    ...textReply(tableText(shown, form, { delimiter, hasHeader, dropsNulls: false })),
    contentType: contentTypes[form],
    headers: [
      ...(cursor === undefined ? [] : ["Cursor", cursor]),
      ...(ids.savedId === undefined
        ? []
        : ["Async-ID", ids.savedId, "Async-partial", "false", "Async-running", "false"]),
    ],
  };
}

const contentTypes = {
  csv: "text/csv; charset=utf-8; header=present",
  tsv: "text/tab-separated-values; charset=utf-8",
  txt: "text/plain",
} as const;

function render(
  { columns, rows, types: shown }: SelectTable,
  isColumnar: boolean,
  isFirst: boolean,
  cursor: string | undefined,
  savedId: string | undefined,
): string {
  const named = columns.map(({ name }, at) => ({ name, type: shown[at] ?? "null" }));
  const value = (cell: Cell, at: number): unknown => {
    if (cell === null) return null;
    if (Array.isArray(cell)) throw new EsError(400, "illegal_argument_exception", "several values");
    return scalarJson(
      columns[at]?.type ?? "null",
      cell as Exclude<Cell, readonly unknown[] | null>,
    );
  };
  const lines = isColumnar
    ? columns.map((_, at) => rows.map((row) => value(row[at] ?? null, at)))
    : rows.map((row) => row.map((cell, at) => value(cell, at)));
  const saved =
    savedId === undefined ? "" : `"id":${jsonText(savedId)},"is_partial":false,"is_running":false,`;
  const head = isFirst ? `"columns":${jsonText(named)},` : "";
  const tail = cursor === undefined ? "" : `,"cursor":${jsonText(cursor)}`;
  return `{${saved}${head}"${isColumnar ? "values" : "rows"}":${jsonText(lines)}${tail}}`;
}
