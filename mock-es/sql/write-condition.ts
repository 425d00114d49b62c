/** Conditions of SQL as those of ES|QL. */
import type { Condition, Operand } from "./select.ts";
import { quotedText } from "./write.ts";
import { likePattern, ofLiteral } from "./written.ts";

/** What a condition is written with. */
export interface ConditionParts {
  /** A value that is compared. */
  readonly value: (operand: Operand) => string;
  /** A field that is searched for words. */
  readonly field: (operand: Operand) => string;
}

/** Writes a condition of which every operand is a column or an aggregate of one. */
export function writeCondition(condition: Condition, parts: ConditionParts): string {
  const { value, field } = parts;
  switch (condition.kind) {
    case "and":
    case "or":
      return `(${condition.parts
        .map((part) => writeCondition(part, parts))
        .join(condition.kind === "and" ? " AND " : " OR ")})`;
    case "not":
      return `NOT (${writeCondition(condition.part, parts)})`;
    case "compare": {
      const { left, operator, right } = condition;
      const other = "type" in right ? ofLiteral(right).text : value(right);
      return `${value(left)} ${operator} ${other}`;
    }
    case "in":
      return `${value(condition.left)} IN (${condition.list.map((one) => ofLiteral(one).text).join(", ")})`;
    case "like":
      return condition.isRegexp
        ? `${value(condition.left)} RLIKE ${quotedText(condition.pattern)}`
        : `${value(condition.left)} LIKE ${quotedText(likePattern(condition.pattern))}`;
    case "null":
      return `${value(condition.left)} IS ${condition.isNegated ? "NOT " : ""}NULL`;
    case "match":
      return `match(${field(condition.left)}, ${quotedText(condition.query)})`;
    case "query":
      return `qstr(${quotedText(condition.query)})`;
  }
}
