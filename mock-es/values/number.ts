/** Numbers of documents and queries, which may come as JSON numbers or as texts. */
import { isRawNumber } from "../json/exact-numbers.ts";
import { toLong } from "../json/java-number.ts";

const wholeText = /^[+-]?\d+$/;

/**
 * A whole number, what is behind the point cut off; `undefined` for what is no number. Numbers
 * beyond 2^53 are bigints.
 */
export function toWhole(raw: unknown): number | bigint | undefined {
  if (typeof raw === "number") return truncated(raw);
  if (typeof raw === "bigint") return toLong(raw);
  const text = isRawNumber(raw) ? raw.rawJSON : typeof raw === "string" ? raw.trim() : "";
  if (text === "") return undefined;
  if (wholeText.test(text)) return toLong(BigInt(text.startsWith("+") ? text.slice(1) : text));
  return truncated(Number(text));
}

function truncated(value: number): number | bigint | undefined {
  if (Number.isSafeInteger(value)) return value + 0;
  if (!Number.isFinite(value)) return undefined;
  const whole = Math.trunc(value);
  return Number.isSafeInteger(whole) ? whole + 0 : toLong(BigInt(whole));
}

/** A number as a double; `undefined` for what is none. */
export function toDouble(raw: unknown): number | undefined {
  if (typeof raw === "number") return raw;
  if (typeof raw === "bigint") return Number(raw);
  const text = isRawNumber(raw) ? raw.rawJSON : typeof raw === "string" ? raw.trim() : "";
  // Java reads no numbers of other bases.
  if (text === "" || /^[+-]?0[a-z]/i.test(text)) return undefined;
  // The whole number -0 is 0.
  const value = text === "-0" && isRawNumber(raw) ? 0 : Number(withoutSuffix(text));
  return Number.isNaN(value) ? undefined : value;
}

/** A number without the letter that says in Java what kind it is: `1d`, `1.5f`. */
function withoutSuffix(text: string): string {
  return /[\d.][dDfF]$/.test(text) ? text.slice(0, -1) : text;
}
