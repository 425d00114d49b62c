/** Numbers of filters, also with the unit that people write: `500`, `1.5s`, `64KiB`. */
import type { FieldUnit } from "./field-table.ts";

const plainNumber = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d{1,3})?$/i;
const withUnit = /^(\d+\.?\d*|\.\d+) ?([a-zµ]+)$/i;

const timeInNanoseconds: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const sizeInBytes: Readonly<Record<string, number>> = {
  b: 1,
  kb: 1000,
  mb: 1000 ** 2,
  gb: 1000 ** 3,
  kib: 1024,
  mib: 1024 ** 2,
  gib: 1024 ** 3,
};

/**
 * The number that a text means in the unit in which its field counts; `undefined` when it means
 * none.
 */
export function parseNumber(text: string, unit: FieldUnit | undefined): number | undefined {
  if (plainNumber.test(text)) return finite(Number(text));
  const [, amount, name = ""] = withUnit.exec(text) ?? [];
  if (amount === undefined || unit === undefined) return undefined;
  if (unit === "bytes") return scaled(amount, sizeInBytes[name.toLowerCase()], 1);
  return scaled(amount, timeInNanoseconds[name], unit === "nanoseconds" ? 1 : 1e6);
}

function scaled(amount: string, factor: number | undefined, divisor: number): number | undefined {
  return factor === undefined ? undefined : finite((Number(amount) * factor) / divisor);
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
