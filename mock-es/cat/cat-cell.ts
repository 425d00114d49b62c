import { humanBytes, humanTime } from "../rest/human-units.ts";
import { byteUnits } from "../values/byte-size.ts";
import { unitMs } from "../values/duration.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";

/** A size, whose unit the parameter `bytes` may change. */
export interface Quantity {
  readonly bytes: number;
}

/** A value in a row; `null` shows as nothing. */
export type CatCell = string | number | boolean | null | Quantity | TimeSpan | undefined;

/** A time, whose unit the parameter `time` may change. */
export interface TimeSpan {
  readonly millis: number;
}

/** A time in milliseconds. */
export function millis(value: number): TimeSpan {
  return { millis: value };
}

/** True for a cell that is a time. */
export function isTimeSpan(cell: CatCell): cell is TimeSpan {
  return typeof cell === "object" && cell !== null && "millis" in cell;
}

/** True for a cell that has a unit. */
export function isQuantity(cell: CatCell): cell is Quantity {
  return typeof cell === "object" && cell !== null && "bytes" in cell;
}

/** A size in bytes. */
export function bytes(value: number): Quantity {
  return { bytes: value };
}

/**
 * Text of a cell; `bytes` and `time` choose the units of sizes and times, which are rounded down
 * then. A unit that does not exist chooses none.
 */
export function renderCell(cell: CatCell, query: QueryParameters): string | null {
  if (cell === null || cell === undefined) return null;
  if (isTimeSpan(cell)) return renderTime(cell.millis, query.text("time"));
  if (!isQuantity(cell)) return String(cell);
  const scale = byteUnits[query.text("bytes") ?? ""];
  return scale === undefined ? humanBytes(cell.bytes) : String(Math.floor(cell.bytes / scale));
}

function renderTime(value: number, unit: string | undefined): string {
  const scale = unitMs[unit ?? ""];
  return scale === undefined ? humanTime(value) : String(Math.floor(value / scale));
}
