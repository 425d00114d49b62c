/** Shapes of values on their way through a mapping. */

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
