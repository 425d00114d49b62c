/** Cursors of SQL: the rest of a result, page by page, and `_sql/close`. */
import { illegalArgument } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { textOf } from "../json/json-value.ts";
import { type EsReply, type EsRequest, jsonReply } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Operand, Scalar, Select } from "../sql/select.ts";
import type { SelectTable } from "../sql/select-options.ts";
import type { Cluster } from "../store/cluster.ts";
import type { KeptResult } from "../store/stored-objects.ts";
import { parseDuration } from "../values/duration.ts";
import { findKept, keep } from "./kept-results.ts";

/** `_sql/close`. */
export const sqlCursorRoutes: readonly Route[] = [
  ...routesOf("sql.clear_cursor", "required", ["POST /_sql/close"], close),
];

/** A page of a result. */
export interface SqlPage {
  readonly table: SelectTable;
  /** Place of its first row. */
  readonly from: number;
  /** Rows of a page at most. */
  readonly size: number;
  /** Rows of the LIMIT; infinite without one. */
  readonly limit: number;
  /** True for a result that the server sorts itself: it knows where that ends. */
  readonly isSorted: boolean;
}

/** A result that is read page by page. */
class KeptTable implements KeptResult {
  readonly page: SqlPage;
  readonly owner: string | undefined;
  readonly expiresMs: number;

  constructor(page: SqlPage, owner: string | undefined, expiresMs: number) {
    this.page = page;
    this.owner = owner;
    this.expiresMs = expiresMs;
  }

  get cells(): number {
    const { rows, columns } = this.page.table;
    return rows.length * columns.length;
  }
}

/** How long a cursor is kept when nothing is said, as in the server. */
const usualTimeout = "45s";

/** The first page of what a SELECT found. */
export function firstPage(select: Select, table: SelectTable, size: number): SqlPage {
  const isSorted =
    select.orders.some(({ operand }) => hasAggregate(operand)) ||
    (select.groups.length === 0 && select.items.some(({ operand }) => hasAggregate(operand)));
  return { table, from: 0, size, limit: select.limit ?? Infinity, isSorted };
}

function hasAggregate(operand: Operand | undefined): boolean {
  return operand?.aggregate !== undefined || isOfAggregates(operand?.scalar);
}

function isOfAggregates(scalar: Scalar | undefined): boolean {
  switch (scalar?.kind) {
    case "aggregate":
      return true;
    case "call":
      return scalar.from.some(isOfAggregates);
    case "binary":
      return isOfAggregates(scalar.left) || isOfAggregates(scalar.right);
    case "negate":
    case "cast":
      return isOfAggregates(scalar.operand);
    default:
      return false;
  }
}

/** All rows at once, whatever the size of a page. */
export function wholeTable(table: SelectTable): SqlPage {
  return { table, from: 0, size: Infinity, limit: Infinity, isSorted: true };
}

/**
 * The cursor that leads to the next page; `undefined` behind the last one. Where an index is read,
 * a page that is full is followed by another one, though that may be empty.
 *
 * @param id of the result where it is kept already
 */
export function cursorBehind(
  cluster: Cluster,
  page: SqlPage,
  timeout: unknown,
  id?: string,
): string | undefined {
  const { table, from, size, limit, isSorted } = page;
  const next = from + size;
  const isFull = table.rows.length - from >= size && limit > next;
  const results = cluster.objects.keptResults;
  if (!isFull || (isSorted && table.rows.length === next)) {
    if (id !== undefined) results.delete(id);
    return undefined;
  }
  const keepMs = parseDuration(textOf(timeout ?? usualTimeout), "page_timeout");
  const expiresMs = cluster.entropy.nowMs() + keepMs;
  const kept = new KeptTable(page, cluster.access?.owner, expiresMs);
  if (id !== undefined) results.set(id, kept);
  return Buffer.from(`${id ?? keep(cluster, kept)} ${next}`).toString("base64");
}

/**
 * The page that a cursor leads to.
 *
 * @throws {EsError} 400 for a cursor that is closed, too old, or no cursor
 */
export function findCursor(
  cluster: Cluster,
  cursor: unknown,
): { readonly id: string; readonly at: SqlPage } {
  const [id = "", from] = decoded(cursor);
  const found = findKept(cluster, id);
  if (found instanceof KeptTable) return { id, at: { ...found.page, from: Number(from) } };
  throw illegalArgument(
    `mock-es keeps no rows for the cursor [${textOf(cursor)}]: it is closed, older than its [page_timeout], or none`,
  );
}

function decoded(cursor: unknown): readonly string[] {
  const text = Buffer.from(textOf(cursor), "base64").toString();
  return /^\S+ \d{1,9}$/.test(text) ? text.split(" ") : [];
}

function close(request: EsRequest, cluster: Cluster): EsReply {
  const { cursor } = parseObjectBody(request.body) ?? {};
  if (typeof cursor !== "string") throw illegalArgument("Required [cursor]");
  const [id = ""] = decoded(cursor);
  const isThere = findKept(cluster, id) instanceof KeptTable;
  if (isThere) cluster.objects.keptResults.delete(id);
  return jsonReply({ succeeded: isThere });
}
