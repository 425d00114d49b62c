/** Amounts of time. */
import type { Amount } from "./value.ts";

const none: Amount = { months: 0, days: 0, ms: 0 };

/** What one of each unit is. */
const units: Readonly<Record<string, readonly [part: keyof Amount, size: number]>> = {
  millisecond: ["ms", 1],
  second: ["ms", 1000],
  minute: ["ms", 60_000],
  hour: ["ms", 3_600_000],
  day: ["days", 1],
  week: ["days", 7],
  month: ["months", 1],
  quarter: ["months", 3],
  year: ["months", 12],
};

const shortNames: Readonly<Record<string, string>> = {
  ms: "millisecond",
  s: "second",
  sec: "second",
  m: "minute",
  min: "minute",
  h: "hour",
  d: "day",
  w: "week",
  mo: "month",
  q: "quarter",
  y: "year",
  yr: "year",
};

/** An amount with its type; `undefined` for a unit that there is none of. */
export function amountOf(
  count: number,
  unit: string,
): { readonly type: "date_period" | "time_duration"; readonly amount: Amount } | undefined {
  const lower = unit.toLowerCase();
  const plain = (Object.hasOwn(shortNames, lower) ? shortNames[lower] : undefined) ?? lower;
  const name = Object.hasOwn(units, plain) ? plain : plain.replace(/s$/, "");
  const found = Object.hasOwn(units, name) ? units[name] : undefined;
  if (found === undefined) return undefined;
  const [part, size] = found;
  const amount = { ...none, [part]: count * size };
  return { type: part === "ms" ? "time_duration" : "date_period", amount };
}

/** `3 days` as an amount of one of the types; `undefined` for anything else. */
export function parseAmount(
  text: string,
  type: "date_period" | "time_duration",
): Amount | undefined {
  const found = /^\s*(-?\d+)\s+([A-Za-z]+)\s*$/.exec(text);
  if (found === null) return undefined;
  const made = amountOf(Number(found[1]), found[2] ?? "");
  return made?.type === type ? made.amount : undefined;
}

/** The amount backwards. */
export function negativeOf({ months, days, ms }: Amount): Amount {
  return { months: 0 - months, days: 0 - days, ms: 0 - ms };
}
