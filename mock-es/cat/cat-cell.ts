import { illegalArgument } from "../es-error.ts";
import { byteUnits, humanBytes } from "../rest/human-units.ts";
import type { QueryParameters } from "../rest/query-parameters.ts";

/** A size, whose unit the parameter `bytes` may change. */
export interface Quantity {
  readonly bytes: number;
}

/** A value in a row; `null` shows as nothing. */
export type CatCell = string | number | boolean | null | Quantity | undefined;

/** True for a cell that has a unit. */
export function isQuantity(cell: CatCell): cell is Quantity {
  return typeof cell === "object" && cell !== null;
}

/** A size in bytes. */
export function bytes(value: number): Quantity {
  return { bytes: value };
}

/**
 * Text of a cell; `bytes` chooses the unit of sizes, which are rounded down then.
 *
 * @throws {EsError} 400 for a unit that does not exist
 */
export function renderCell(cell: CatCell, query: QueryParameters): string | null {
  if (cell === null || cell === undefined) return null;
  if (!isQuantity(cell)) return String(cell);
  const unit = query.text("bytes");
  if (unit === undefined || unit === "") return humanBytes(cell.bytes);
  const scale = byteUnits[unit];
  if (scale === undefined)
    throw illegalArgument(`No enum constant for [bytes] with value [${unit}]`);
  return String(Math.floor(cell.bytes / scale));
}
