/** Asks servers for ES|QL, and compares what they answer. */
import { bulkBody, lookupBody, lookupMapping, mapping } from "./documents.ts";

/** An answer to a query. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  /** Texts of the warnings but the one about the limit, sorted. */
  readonly warnings: readonly string[];
}

/** Documents in the index. */
const documents = 24;

async function send(url: string, method: string, path: string, body?: string): Promise<Answer> {
  const type = path.includes("_bulk") ? "application/x-ndjson" : "application/json";
  const given = body === undefined ? {} : { body, headers: { "content-type": type } };
  const signal = AbortSignal.timeout(30_000);
  const response = await fetch(url + path, { method, signal, ...given });
  const field = response.headers.get("warning") ?? "";
  const warnings = [...field.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)]
    .map(([, warning = ""]) => warning)
    .filter((warning) => !warning.startsWith("No limit defined"))
    .sort();
  return { status: response.status, text: plain(await response.text()), warnings };
}

/** One of the servers escapes what is beyond 16 bits. */
function plain(text: string): string {
  return text.replaceAll(/\\u([0-9A-Fa-f]{4})/g, (whole, digits: string) => {
    const code = parseInt(digits, 16);
    return code > 0x7f ? String.fromCharCode(code) : whole;
  });
}

/** Makes the indices. @throws {Error} when a server does not take them */
export async function load(url: string, seed: number): Promise<void> {
  const indices = [
    ["gen", {}, mapping, bulkBody(seed, documents)],
    ["lk", { "index.mode": "lookup" }, lookupMapping, lookupBody],
  ] as const;
  for (const [name, settings, mappings, lines] of indices) {
    await send(url, "DELETE", `/${name}`);
    const made = await send(url, "PUT", `/${name}`, JSON.stringify({ settings, mappings }));
    const filled = await send(url, "POST", `/${name}/_bulk?refresh=true`, lines);
    if (made.status !== 200 || filled.text.includes('"errors":true'))
      throw new Error(`${url} does not take the index ${name}: ${made.text} ${filled.text}`);
  }
}

/** How an answer is to be written. */
export interface Shape {
  /** Of the query string. */
  readonly target: string;
  readonly body: object;
  /** True for an answer that is a table in JSON, row by row. */
  readonly isTable: boolean;
}

/** Shapes, the usual one first. */
export const shapes: readonly Shape[] = [
  { target: "", body: {}, isTable: true },
  { target: "", body: { columnar: true }, isTable: false },
  { target: "?drop_null_columns=true", body: {}, isTable: true },
  { target: "?format=csv", body: {}, isTable: false },
  { target: "?format=tsv", body: {}, isTable: false },
  { target: "?format=txt", body: {}, isTable: false },
];

const usual: Shape = { target: "", body: {}, isTable: true };

/** Sends a query. */
export async function askQuery(url: string, query: string, shape = usual): Promise<Answer> {
  const body = JSON.stringify({ query, ...shape.body });
  return await send(url, "POST", `/_query${shape.target}`, body);
}

/** True for what the mock says that it does not imitate. */
export function isRefused({ text }: Answer): boolean {
  return text.includes("is not supported by mock-es");
}

/** What is wrong in version 8.19 itself, which later ones have mended. */
export function isServerFault({ status, text }: Answer): boolean {
  return (
    status >= 500 ||
    /aggregations over constants|number_format_exception|"is_partial":true|Unknown function|except unsigned_long/.test(
      text,
    )
  );
}

/** What the optimiser of the server makes of queries, beside what they say. */
const optimised: readonly RegExp[] = [
  // `CASE` is taken for a value, or for none, before it is computed.
  /(?:CASE|COALESCE)\(.*IS (?:NOT )?NULL/,
  // An item of a list that turns out to be null is left out of it.
  /IN \(.*(?:CASE\(false|DATE_PARSE\(|TO_\w+\(")/,
  // An index of milliseconds is asked for nanoseconds.
  /WHERE.*\ba[1m] (?:[<>]=?|==) TO_DATE_NANOS/,
];

/** Mistakes of the server. */
const mistaken: readonly RegExp[] = [
  // Of sorted values it reads those of another row.
  /MV_PERCENTILE\(.*, (?:0|100)(?:\.0)?\)/,
];

/** What version 8.19 computes otherwise than version 9. */
const older: readonly RegExp[] = [
  // Of a double field they give the value itself.
  /TO_(?:DEGREES|RADIANS)\(/,
  // It is cut off and not rounded.
  /ROUND\(.*(?:\bul\b|TO_UL|TO_UNSIGNED_LONG|18446744073709551615).*, -/,
];

/** True where a difference of two answers comes from the optimiser, or from the older version. */
export function isExplained(query: string, real: Answer, mock: Answer): boolean {
  if (real.status !== 200) return false;
  // A row that fails is not computed where no row can be left.
  if (mock.status === 400) return /different signs|greater than end offset/.test(mock.text);
  return (
    mock.status === 200 && [...optimised, ...mistaken, ...older].some((kind) => kind.test(query))
  );
}

/** How two answers differ; `undefined` when they do not. */
export function differenceOf(
  real: Answer,
  mock: Answer,
  withWarnings: boolean,
): string | undefined {
  if (real.status !== mock.status)
    return `status ${real.status}, mock ${mock.status}: ${(real.status === 200 ? mock : real).text}`;
  if (real.status !== 200) return undefined;
  const a = tableOf(real.text);
  const b = tableOf(mock.text);
  if (a.columns !== b.columns) return `columns ${a.columns}, mock ${b.columns}`;
  if (a.rows.length !== b.rows.length) return `${a.rows.length} rows, mock ${b.rows.length}`;
  for (const [at, row] of a.rows.entries())
    if (!isNear(row, b.rows[at] ?? "")) return `row ${row}, mock ${b.rows[at]}`;
  if (!withWarnings || String(real.warnings) === String(mock.warnings)) return undefined;
  return `warnings ${real.warnings.join("; ")}, mock ${mock.warnings.join("; ")}`;
}

/** Columns, and rows sorted, as texts: most orders are nobody's promise. */
function tableOf(text: string): { readonly columns: string; readonly rows: readonly string[] } {
  const [, columns = "", values = ""] =
    /"columns":(\[.*?\]),"values":(\[.*\])\}$/s.exec(text) ?? [];
  const rows: string[] = [];
  let depth = 0;
  let start = 0;
  for (const { 0: token, index } of values.matchAll(/"(?:[^"\\]|\\.)*"|[[\]]/gs)) {
    if (token === "[" && ++depth === 2) start = index;
    if (token === "]" && depth-- === 2) rows.push(values.slice(start, index + 1));
  }
  return { columns, rows: rows.sort((a, b) => (rounded(a) < rounded(b) ? -1 : 1)) };
}

/** A row whose numbers do not have their last digits, so that the order does not depend on them. */
function rounded(row: string): string {
  return row.replaceAll(/-?\d+\.\d+(?:E-?\d+)?/g, (number) => Number(number).toPrecision(11));
}

const double = /(-?\d+\.\d+(?:E-?\d+)?)/;

/** The last digit of a double is the machine's. */
function isNear(a: string, b: string): boolean {
  const left = a.split(double);
  const right = b.split(double);
  return (
    left.length === right.length &&
    left.every((part, at) => {
      if (part === right[at]) return true;
      const [x, y] = [Number(part), Number(right[at])];
      return at % 2 === 1 && Math.abs(x - y) <= 4e-14 * Math.abs(x);
    })
  );
}

/** True for a query whose rows have an order of their own, so that texts can be compared. */
export function isOrdered(query: string): boolean {
  return /\| SORT id \| KEEP id(?:, x)? \| LIMIT 50$/.test(query);
}

/** How two answers differ that are texts. */
export function textDifference(real: Answer, mock: Answer): string | undefined {
  if (real.status !== mock.status)
    return `status ${real.status}, mock ${mock.status}: ${mock.text}`;
  if (real.status !== 200) return undefined;
  const a = withoutFigures(real.text);
  const b = withoutFigures(mock.text);
  return isNear(a, b) ? undefined : `${a}\n    mock ${b}`;
}

/** Figures beside the values in JSON, and how wide columns of text are, are not compared. */
function withoutFigures(text: string): string {
  if (text.startsWith(" ")) return text.replaceAll(/ {2,}|-{2,}|[ ]+(?=\||\n)/g, "");
  return text.startsWith("{") ? text.slice(text.indexOf('"columns"')) : text;
}
