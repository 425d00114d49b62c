/** Numbers as Java, and so Elasticsearch, writes them. */
import { isRawNumber, rawNumber } from "./exact-numbers.ts";

/** `Double.toString`: `100.0`, `1.0E7`, `1.0E-4`. */
export function doubleText(value: number): string {
  return javaText(value, String(value));
}

/** `Float.toString`, of the nearest 32-bit float: its shortest digits. */
export function floatText(value: number): string {
  const exact = Math.fround(value);
  return javaText(exact, String(shortestFloat(exact)));
}

/** The shortest decimal that names a 32-bit float: 0.2876821, not 0.28768208622932434. */
function shortestFloat(exact: number): number {
  if (!Number.isFinite(exact)) return exact;
  for (let digits = 1; digits < 9; digits++) {
    const candidate = Number(exact.toPrecision(digits));
    if (Math.fround(candidate) === exact) return candidate;
  }
  return Number(exact.toPrecision(9));
}

/** `shortest` is JavaScript's text of the number; its digits are the right ones, not its form. */
function javaText(value: number, shortest: string): string {
  if (!Number.isFinite(value))
    return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
  const size = Math.abs(value);
  if (size === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  if (size >= 1e-3 && size < 1e7) return shortest.includes(".") ? shortest : `${shortest}.0`;
  const [digits = "", exponent = ""] = Number(shortest).toExponential().split("e");
  return `${digits.includes(".") ? digits : `${digits}.0`}E${Number(exponent)}`;
}

/** A value that `JSON.stringify` writes as Elasticsearch writes a double. */
export function doubleJson(value: number): unknown {
  return toJson(value, doubleText(value));
}

/** The score of everything that is found without being weighed. */
const one = rawNumber("1.0");

/** A value that `JSON.stringify` writes as Elasticsearch writes a float. */
export function floatJson(value: number): unknown {
  if (value === 1) return one;
  return toJson(value, floatText(value));
}

function toJson(value: number, text: string): unknown {
  if (!Number.isFinite(value)) return text;
  const number = Number(text);
  return String(number) === text ? number : rawNumber(text);
}

/** A value that `JSON.stringify` writes as a whole number. */
export function longJson(value: number | bigint): unknown {
  return typeof value === "bigint" ? rawNumber(String(value)) : value;
}

/** The number that any of the forms of this file holds; NaN for what is no number. */
export function numberOf(value: unknown): number {
  if (typeof value === "number") return value;
  if (isRawNumber(value)) return Number(value.rawJSON);
  if (typeof value === "bigint" || value === "NaN" || value === "Infinity" || value === "-Infinity")
    return Number(value);
  return NaN;
}

/**
 * A whole number as a number where that is exact, otherwise as a bigint: one form for each value.
 */
export function toLong(value: bigint): number | bigint {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value;
}
