/** Whole numbers of queries that a field cannot hold. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { toDouble, toWhole } from "../../values/number.ts";
import type { SearchContext } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { javaText } from "./query-values.ts";
import { queryShardFailure } from "./shard-problem.ts";

/** What whole-number types can hold, least and most. */
const ranges: Readonly<Record<string, readonly [bigint, bigint]>> = {
  // The server compares the smaller ones as integers.
  byte: [-2_147_483_648n, 2_147_483_647n],
  short: [-2_147_483_648n, 2_147_483_647n],
  integer: [-2_147_483_648n, 2_147_483_647n],
  unsigned_long: [0n, 18_446_744_073_709_551_615n],
};
const longRange: readonly [bigint, bigint] = [
  -9_223_372_036_854_775_808n,
  9_223_372_036_854_775_807n,
];

/** @throws {EsError} for a number that no integer, or no long, holds */
export function requireRange(context: SearchContext, { type }: Field, raw: unknown): void {
  const isLong = type === "long" || type === "unsigned_long";
  const value = isLong ? toWhole(raw) : toDouble(raw);
  const [least, most] = ranges[type] ?? longRange;
  if (value === undefined || (value >= least && value <= most)) return;
  const isFar = isLong ? Math.abs(Number(value)) > 2 ** 63 : !isInLong(toWhole(raw));
  const shown = isFar ? farText(raw) : javaText(raw);
  const reason = `Value [${shown}] is out of range for ${isLong ? "a long" : "an integer"}`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

function isInLong(value: number | bigint | undefined): boolean {
  return value !== undefined && value >= longRange[0] && value <= longRange[1];
}

/** The server shows whole numbers that no long holds as the bytes of their text. */
function farText(raw: unknown): string {
  const text = javaText(raw);
  if (typeof raw === "number" || (isRawNumber(raw) && /[.eE]/.test(text))) return text;
  return `[${[...Buffer.from(text)].map((byte) => byte.toString(16)).join(" ")}]`;
}
