/** Values in the notation of Java's `toString`, which some error texts quote. */
import { isRawNumber } from "../json/exact-numbers.ts";

/** A JSON value in the notation of Java's maps and lists: `{a=[1, x]}`. */
export function toJavaText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(toJavaText).join(", ")}]`;
  if (isRawNumber(value)) return value.rawJSON;
  if (typeof value === "object" && value !== null) {
    return `{${Object.entries(value)
      .map(([name, inner]) => `${name}=${toJavaText(inner)}`)
      .join(", ")}}`;
  }
  return String(value);
}
