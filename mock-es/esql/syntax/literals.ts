/** Numbers that stand in a query. */
import { integerLiteral } from "./parameters.ts";
import type { LiteralValue } from "./syntax.ts";

/** True for numbers and amounts of time. */
export function isNumber(value: LiteralValue): boolean {
  return ["integer", "long", "unsigned_long", "double", "period"].includes(value.type);
}

/** The value with the other sign. */
export function negated(value: LiteralValue): LiteralValue {
  switch (value.type) {
    case "integer":
      return { type: "integer", value: value.value === 0 ? 0 : -value.value };
    case "long":
    case "unsigned_long":
      return integerLiteral(-value.value);
    case "double":
      return { type: "double", value: -value.value };
    case "period":
      return { ...value, count: -value.count };
    default:
      return value;
  }
}
