/** Values of `sparse_vector` fields: weights of tokens, as Lucene's FeatureField has them. */
import { isRawNumber } from "../../json/exact-numbers.ts";
import { doubleJson, doubleText, floatText } from "../../json/java-number.ts";
import { isObject } from "../../json/json-value.ts";
import type { SearchDocument } from "./document.ts";
import { decodeFeature, encodeFeature } from "./features.ts";
import type { Field } from "./field.ts";
import { collectRaw, rootOf } from "./reader.ts";

/** Weights by token, in the order in which tokens were first met. */
export type SparseVector = ReadonlyMap<string, number>;

/** The smallest weight: `Float.MIN_NORMAL`. */
const least = 1.1754943508222875e-38;

/**
 * A weight of a document as a float; `undefined` for null, which is passed over.
 *
 * @returns NaN for what is no number
 */
export function weightOf(value: unknown): number | undefined {
  if (value === null) return undefined;
  if (isRawNumber(value)) return Math.fround(Number(value.rawJSON));
  if (typeof value === "string" && value.trim() === "") return NaN;
  return Math.fround(Number(value));
}

/** What is wrong with a weight; `undefined` when nothing is. */
export function weightProblem(field: string, token: string, weight: number): string | undefined {
  const at = `for feature ${token} on field ${field}`;
  if (weight < least)
    return `featureValue must be a positive normal float, got: ${floatText(weight)} ${at} which is less than the minimum positive normal float: 1.1754944E-38`;
  return Number.isFinite(weight)
    ? undefined
    : `featureValue must be finite, got: ${floatText(weight)} ${at}`;
}

// Documents are immutable, so what was read of them holds for as long as they live.
const known = new Map<string, WeakMap<SearchDocument, SparseVector | null>>();
const maxFields = 1000;

/** Reads the vector of documents, `undefined` for none; the work is done once for each document. */
export function createSparseReader(
  field: Field,
): (document: SearchDocument) => SparseVector | undefined {
  const { isReachable, sinceWrite, places } = field;
  if (!isReachable) return () => undefined;
  const key = places.map(({ path }) => path.join("\0")).join("\u0001");
  let vectors = known.get(key);
  if (vectors === undefined || known.size > maxFields) known.set(key, (vectors = new WeakMap()));
  const cache = vectors;
  return (document) => {
    if ((rootOf(document).write ?? 0) < sinceWrite) return undefined;
    let vector = cache.get(document);
    if (vector === undefined) {
      const raw: unknown[] = [];
      for (const { path } of places) collectRaw(document.source, path, 0, raw);
      vector = raw.some(isVector) ? toSparseVector(raw) : null;
      cache.set(document, vector);
    }
    return vector ?? undefined;
  };
}

/** True for an object, also one without any token. */
function isVector(value: unknown): boolean {
  return isObject(value) && !isRawNumber(value);
}

/** Of a token that several objects have, the highest weight counts. */
export function toSparseVector(objects: readonly unknown[]): SparseVector {
  const weights = new Map<string, number>();
  for (const object of objects) {
    if (!isObject(object)) continue;
    for (const [token, value] of Object.entries(object)) {
      const weight = weightOf(value);
      if (weight === undefined) continue;
      const kept = decodeFeature(encodeFeature(weight));
      const before = weights.get(token);
      if (before === undefined || kept > before) weights.set(token, kept);
    }
  }
  return weights;
}

/** The vector as hits show it. */
export function sparseJson(vector: SparseVector): Record<string, unknown> {
  return Object.fromEntries([...vector].map(([token, weight]) => [token, doubleJson(weight)]));
}

/** The highest ratio of frequencies that leaves a token out (TokenPruningConfig). */
const mostRatio = 100;

/** What is wrong with the thresholds of a pruning; `undefined` when nothing is. */
export function pruningProblem(ratio: number, weight: number): string | undefined {
  if (ratio < 1 || ratio > mostRatio)
    return `[tokens_freq_ratio_threshold] must be between [1] and [100], got ${doubleText(ratio)}`;
  return weight < 0 || weight > 1 ? "[tokens_weight_threshold] must be between 0 and 1" : undefined;
}
