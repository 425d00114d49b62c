/** The values of two cells as sets. */
import { constant, ofCells } from "../plan/typed.ts";
import { type Cell, cellOf, isSame, type Scalar, valuesOf } from "../values/value.ts";
import { type DataType } from "../values/types.ts";
import { type Call, checkArgument, type FunctionDefinition, takes } from "./definition.ts";
import type { Typed } from "../plan/analysis.ts";
import { sameType, withoutText } from "./multivalues.ts";

type Values = readonly Scalar[];
interface Pair {
  readonly left: Typed;
  readonly right: Typed;
  readonly type: DataType;
}
type Has = (values: Values, value: Scalar) => boolean;

function has(type: DataType): Has {
  return (values, wanted) => values.some((value) => isSame(type, value, wanted));
}

/** Two arguments of one type; `undefined`: they are none, which is told. */
function pairOf(call: Call): Pair | undefined {
  const [left, right] = call.from;
  if (left === undefined || right === undefined) return undefined;
  if (!checkArgument(call, 0, 2, takes.anything)) return undefined;
  const type = sameType(call, call.from);
  return type === undefined ? undefined : { left, right, type };
}

/** A test of the values of two cells of one type. */
function test(decide: (left: Values, right: Values, has: Has) => boolean): FunctionDefinition {
  return {
    least: 2,
    most: 2,
    build(call) {
      const pair = pairOf(call);
      if (pair === undefined) return undefined;
      const { left, right, type } = pair;
      return ofCells(call, "boolean", call.from, (row) =>
        decide(valuesOf(left.evaluate(row)), valuesOf(right.evaluate(row)), has(type)),
      );
    },
  };
}

/** Values made of those of two cells of one type. */
function combination(
  combine: (left: Values, right: Values, has: Has) => Values,
  isOnce = true,
): FunctionDefinition {
  return {
    least: 2,
    most: 2,
    build(call) {
      const pair = pairOf(call);
      if (pair === undefined) return undefined;
      const { left, right, type } = pair;
      if (type === "null") return constant(call, "null", null);
      return ofCells(call, withoutText(type), call.from, (row): Cell => {
        const [a, b] = [valuesOf(left.evaluate(row)), valuesOf(right.evaluate(row))];
        const made = combine(a, b, has(type));
        return cellOf(isOnce ? distinctInOrder(made, has(type)) : made);
      });
    },
  };
}

function distinctInOrder(values: Values, isIn: Has): Values {
  const found: Scalar[] = [];
  for (const value of values) if (!isIn(found, value)) found.push(value);
  return found;
}

/** Functions of two cells as sets, by their names. */
export const multivalueSets: Readonly<Record<string, FunctionDefinition>> = {
  mv_contains: test((left, right, isIn) => right.every((value) => isIn(left, value))),
  mv_difference: combination((a, b, isIn) => a.filter((value) => !isIn(b, value)), false),
  mv_intersection: combination((a, b, isIn) => a.filter((value) => isIn(b, value))),
  mv_intersects: test((left, right, isIn) => right.some((value) => isIn(left, value))),
  mv_union: combination((a, b) => [...a, ...b]),
};
