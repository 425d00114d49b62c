/** Paths of random fields by what can be asked of them. */
import type * as fc from "fast-check";
import type { Field } from "./fields.ts";
import { isOrdered, mostly } from "./requests.ts";

const numbers = new Set(["byte", "short", "integer", "long", "double", "float", "half_float"]);

/** Paths of fields of a kind; now and then of another. */
export function pathsOn(fields: readonly Field[]) {
  const of = (holds: (field: Field) => boolean): fc.Arbitrary<string> =>
    mostly(fields, holds).map(({ path }) => path);
  return {
    any: of(isOrdered),
    number: of((field) => numbers.has(field.type) && isOrdered(field)),
    date: of((field) => /^date(?:_nanos)?$/.test(field.type) && isOrdered(field)),
    word: of((field) => field.type === "keyword" && isOrdered(field)),
    text: of(({ type }) => type === "text"),
    point: of(({ type }) => type === "geo_point"),
    address: of((field) => field.type === "ip" && isOrdered(field)),
  };
}

export type Paths = ReturnType<typeof pathsOn>;
