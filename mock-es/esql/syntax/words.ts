/** Words and operators of expressions. */
import type { Expression } from "./syntax.ts";

/** Words that name no column and no function, unless in backticks. */
export const reserved: ReadonlySet<string> = new Set(
  "and asc by desc false first in is last like not null nulls on or rlike true with where".split(
    " ",
  ),
);

/** What the server lists where an expression is to begin. */
export const primaries =
  "{QUOTED_STRING, INTEGER_LITERAL, DECIMAL_LITERAL, 'false', 'first', 'last', 'not', 'null', " +
  "'?', 'true', '+', '-', '??', NAMED_OR_POSITIONAL_PARAM, NAMED_OR_POSITIONAL_DOUBLE_PARAMS, " +
  "'[', '(', UNQUOTED_IDENTIFIER, QUOTED_IDENTIFIER}";

/** Operators that compare. */
export const comparisons: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);
/** What an expression without a name is called: its own text, a column by its name. */
export function nameOf(expression: Expression, text: string): string {
  return expression.kind === "column" ? expression.name : text;
}
