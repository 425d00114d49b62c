/** Which fields can be searched for words. */
import type { Parameter } from "../functions/definition.ts";
import { type DataType, isNumeric, isString } from "../values/types.ts";
import type { Typed } from "./analysis.ts";

const searchable: readonly DataType[] = [
  "boolean",
  "date_nanos",
  "datetime",
  "double",
  "integer",
  "ip",
  "keyword",
  "long",
  "null",
  "text",
  "unsigned_long",
  "version",
];

/** Fields that `match` and `:` take. */
export const matchFields: Parameter = {
  accepts: (type) => searchable.includes(type),
  expected: searchable.join(", "),
};

/** Those of `match_phrase`. */
export const phraseFields: Parameter = { accepts: isString, expected: "keyword, null, text" };

/** True for two numbers. */
export function bothNumbers(a: Typed, b: Typed): boolean {
  return isNumeric(a.type) && isNumeric(b.type);
}
