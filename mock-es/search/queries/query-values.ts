/** Values of queries, read as the types of fields read them. */
import { notSupported } from "../../es-error.ts";
import { ipKey } from "../../values/ip-address.ts";
import { doubleText } from "../../json/java-number.ts";
import { textOf } from "../../json/json-value.ts";
import { toDouble } from "../../values/number.ts";
import type { SearchContext } from "../fields/document.ts";
import type { Field } from "../fields/field.ts";
import { queryShardFailure } from "./shard-problem.ts";

/** The key of an address. @throws {EsError} when it is none */
export function addressOf(context: SearchContext, text: string, isBound = false): string {
  const key = ipKey(text);
  if (key !== undefined) return key;
  const [, address = "", length = ""] = /^(.+)\/(\d{1,3})$/.exec(text) ?? [];
  const reason =
    !isBound && length !== "" && ipKey(address) !== undefined
      ? `Illegal prefix length [${Number(length)}] in [${text}]. Must be 0-32 for IPv4 ranges, 0-128 for IPv6 ranges`
      : `'${text}' is not an IP string literal.`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

/** A value of a query as Java writes it in a message. */
export function javaText(raw: unknown): string {
  return typeof raw === "number" ? javaNumber(raw) : textOf(raw);
}

/**
 * A value as its request writes it, which the server's parser of texts keeps.
 *
 * @throws {EsError} 400 for a number that JavaScript writes otherwise
 */
export function writtenText(raw: unknown): string {
  if (typeof raw === "number" && String(raw).includes("e"))
    throw notSupported("a number with an exponent as a text");
  return textOf(raw);
}

/** Whole numbers are read as such where they fit, all others as doubles. */
function javaNumber(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : doubleText(value);
}

/** Refuses what no number field can be compared with. @throws {EsError} */
export function requireNumber(
  context: SearchContext,
  field: Field,
  raw: unknown,
  isBound = false,
): void {
  if (typeof raw !== "boolean" && toDouble(raw) !== undefined) return;
  const isLong = field.type === "long" || field.type === "unsigned_long";
  const reason =
    typeof raw === "boolean" && isLong && !isBound
      ? `Character ${String(raw).charAt(0)} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`
      : doubleProblem(textOf(raw));
  throw queryShardFailure(context, "number_format_exception", reason);
}

/** What Java's reader of doubles says of a text that is none. */
export function doubleProblem(text: string): string {
  const trimmed = text.trim();
  if (trimmed === "") return "empty String";
  return /^[+-]?\d*\.\d*\./.test(trimmed) ? "multiple points" : `For input string: "${text}"`;
}
