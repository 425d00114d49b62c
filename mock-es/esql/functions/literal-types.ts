/** Texts in a query that stand for values of other types, by the place among the arguments. */
import type { DataType } from "../values/types.ts";

const none: readonly (DataType | undefined)[] = [];

/** By the types that texts are read as, `_` for none: names of functions. Facts of 9.5. */
const table: Readonly<Record<string, string>> = {
  double:
    "abs acos asin atan cbrt ceil cos cosh exp floor log10 mv_avg mv_median mv_sum signum sin " +
    "sinh sqrt tan tanh to_degrees to_radians",
  "double double": "atan2 hypot log pow",
  "double long": "round",
  integer: "space",
  "_ integer": "left repeat right",
  "_ integer integer": "mv_slice substring",
  "_ _ integer": "locate",
  "boolean _": "case",
  "ip _": "cidr_match",
  "ip integer integer": "ip_prefix",
  datetime: "day_name month_name",
  "_ datetime": "date_extract date_format",
  "_ datetime datetime": "date_diff",
  "date_period datetime": "date_trunc",
  "datetime date_period": "bucket bin",
};

const types = new Map<string, readonly (DataType | undefined)[]>();
for (const [list, names] of Object.entries(table)) {
  const read = list.split(" ").map((type) => (type === "_" ? undefined : (type as DataType)));
  for (const name of names.split(" ")) types.set(name, read);
}

/** The types that texts among the arguments of a function are read as. */
export function literalTypes(name: string): readonly (DataType | undefined)[] {
  return types.get(name) ?? none;
}
