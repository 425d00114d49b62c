/** Shapes of values on their way through a mapping. */
import { isRawNumber } from "../json/exact-numbers.ts";
import type { FieldNode } from "./field-node.ts";

/** The value of a dotted name, as the object that it stands for. */
export function unflattened(name: string, value: unknown): unknown {
  let object = value;
  for (const step of name.split(".").toReversed()) object = { [step]: object };
  return object;
}

/** Types whose values are arrays themselves. */
export const takesArrays: ReadonlySet<string> = new Set([
  "geo_point",
  "dense_vector",
  "geo_shape",
  "point",
  "shape",
  "completion",
  "rank_feature",
  "rank_features",
  "rank_vectors",
]);

/** The first value of a list, however deep; `undefined` without any. */
export function firstValue(value: unknown): unknown {
  if (!Array.isArray(value)) return value ?? undefined;
  for (const element of value) {
    const found = firstValue(element);
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A value that is no object as the parser reads its text. */
export function tokenText(value: unknown): string {
  if (typeof value === "string") return value;
  return isRawNumber(value) ? value.rawJSON : String(value);
}

/** False for a field of which the index keeps nothing, so that nothing is left out of it. */
export function isKept({ parameters }: FieldNode): boolean {
  return (
    parameters["index"] !== false ||
    parameters["doc_values"] !== false ||
    parameters["store"] === true
  );
}
