/** Values in the notation of Java's `toString`, which some error texts quote. */
import { isRawNumber } from "../json/exact-numbers.ts";
import { doubleText } from "../json/java-number.ts";
import { inHashOrder } from "../text/hash-order.ts";

/** A JSON value in the notation of Java's maps and lists: `{a=[1, x]}`. */
export function toJavaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJavaText).join(", ")}]`;
  if (isRawNumber(value)) {
    if (/[.eE]/.test(value.rawJSON)) return doubleText(Number(value.rawJSON));
    // Java has no whole number -0.
    return value.rawJSON === "-0" ? "0" : value.rawJSON;
  }
  if (typeof value === "object" && value !== null) {
    const entries = new Map<string, unknown>(Object.entries(value));
    return `{${inHashOrder([...entries.keys()])
      .map((name) => `${name}=${toJavaText(entries.get(name))}`)
      .join(", ")}}`;
  }
  if (typeof value === "number" && (!Number.isInteger(value) || Math.abs(value) >= 1e21))
    return doubleText(value);
  return String(value);
}
