/** Why a value does not fit a field. */

/** The innermost cause; `undefined` from a check means that the value fits. */
export interface ValueProblem {
  readonly type: string;
  readonly reason: string;
  readonly caused_by?: ValueProblem;
}

/** Stands in a {@link ValueProblem} for the place of the value, `line:column`. */
export const placeholder = "<place>";

/** Type of problems that the JSON parser reports, whose texts quote the document. */
export const parserProblem = "x_content_parse_exception";

/** Type and parameters of a leaf field. */
export interface LeafField {
  readonly type: string;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** `illegal_argument_exception`, what Java says of most values. */
export function unfit(reason: string): ValueProblem {
  return { type: "illegal_argument_exception", reason };
}
