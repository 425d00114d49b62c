/** Values as people read them in tables. */
import type { ColumnUnit, Scalar } from "../../audit/read/entry-columns.ts";
import { toOneLine } from "../../config/diagnostic.ts";

/** Lengths of units of time, in milliseconds. */
const [second, minute, hour] = [1000, 60_000, 3_600_000];
const sizes = ["B", "KiB", "MiB", "GiB", "TiB"];

/** One or several values in a cell: one line, and nothing that drives a terminal. */
export function cellText(values: readonly Scalar[], unit: ColumnUnit | undefined): string {
  return toOneLine(values.map((value) => valueText(value, unit)).join(","));
}

function valueText(value: Scalar, unit: ColumnUnit | undefined): string {
  if (typeof value !== "number") return String(value);
  switch (unit) {
    case "instant":
      return timeText(value);
    case "milliseconds":
      return durationText(value);
    case "bytes":
      return sizeText(value);
    case "count":
    case undefined:
      return String(value);
  }
}

/** `08:15:02.123`, UTC. */
export function timeText(instantMs: number): string {
  return new Date(instantMs).toISOString().slice(11, 23);
}

/** `2026-11-30`, UTC. */
export function dateText(instantMs: number): string {
  return new Date(instantMs).toISOString().slice(0, 10);
}

/** `0.42ms`, `12.3ms`, `1.24s`, `3m05s`, `2h07m`. */
export function durationText(milliseconds: number): string {
  if (milliseconds < second) return `${significant(milliseconds)}ms`;
  if (milliseconds < minute) return `${significant(milliseconds / second)}s`;
  const [large, unit, small, smallUnit] =
    milliseconds < hour ? [minute, "m", second, "s"] : [hour, "h", minute, "m"];
  const rest = Math.floor((milliseconds % large) / small);
  return `${Math.floor(milliseconds / large)}${unit}${String(rest).padStart(2, "0")}${smallUnit}`;
}

/** `312B`, `3.4KiB`, `120MiB`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < sizes.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? value : significant(value)}${sizes[unit] ?? ""}`;
}

/** Three digits, or all before the point. */
function significant(value: number): string {
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
