/** Numbers that stand in a query. */
import { integerLiteral } from "./parameters.ts";
import type { Expression, LiteralValue } from "./syntax.ts";

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

/** A number behind a minus, which stands at `start`. */
export function withSign(found: Expression, start: number): Expression {
  return found.kind === "literal" ? { ...found, value: negated(found.value), start } : found;
}
