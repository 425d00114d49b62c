/** Features of documents: numbers that only make scores (Lucene's FeatureField). */
import { isObject } from "../../json/json-value.ts";
import { numberOf } from "../../json/java-number.ts";
import type { FieldMappings, SearchContext, SearchDocument } from "./document.ts";
import { resolveField } from "./field.ts";
import { collectRaw } from "./reader.ts";

/** A feature that a mapping knows. */
export interface Feature {
  /** False: small numbers are the better ones. */
  readonly isPositive: boolean;
  /** The number as the index keeps it; `undefined` for none. */
  read(document: SearchDocument): number | undefined;
}

/** Bits of a float that are not kept: a feature is kept as a frequency. */
const droppedBits = 15;

const view = new DataView(new ArrayBuffer(4));

/** The frequency that a feature is kept as. */
export function encodeFeature(value: number): number {
  view.setFloat32(0, value);
  return view.getInt32(0) >>> droppedBits;
}

/** The feature that a frequency stands for. */
export function decodeFeature(frequency: number): number {
  view.setInt32(0, Math.trunc(frequency) << droppedBits);
  return view.getFloat32(0);
}

/** A feature by the name of its field, or of the field of features with its own. */
export function featureOf(context: SearchContext, name: string): Feature | undefined {
  const [owner, path] = ownerOf(context.mappings, name);
  const field = owner === undefined ? undefined : resolveField(context, owner);
  if (field === undefined) return undefined;
  const isPositive = String(field.parameters["positive_score_impact"]) !== "false";
  const [place] = field.places;
  const steps = [...(place?.path ?? []), ...path];
  return {
    isPositive,
    read(document) {
      const raw: unknown[] = [];
      collectRaw(document.source, steps, 0, raw);
      const [given] = raw;
      const value = typeof given === "string" ? Number(given) : numberOf(given);
      if (!Number.isFinite(value)) return undefined;
      return decodeFeature(encodeFeature(isPositive ? value : Math.fround(1 / value)));
    },
  };
}

/** The field that holds a feature, and the name of the feature in it. */
function ownerOf(
  mappings: FieldMappings,
  name: string,
): readonly [owner: string | undefined, path: readonly string[]] {
  if (mappings.find(name)?.type === "rank_feature") return [name, []];
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1)) {
    const owner = name.slice(0, dot);
    if (mappings.find(owner)?.type === "rank_features") return [owner, [name.slice(dot + 1)]];
  }
  return [undefined, []];
}

/** The smallest number that a feature can be: `Float.MIN_NORMAL`. */
const least = 1.17549435e-38;

/**
 * What is wrong with a value of a field of features; `undefined` when nothing is.
 *
 * @param type `rank_feature` or `rank_features`
 * @param token what the parser of the server calls the value
 */
export function featureProblem(
  type: string,
  field: string,
  value: unknown,
  token: string,
): string | undefined {
  if (Array.isArray(value)) {
    const [only, ...others] = value as readonly unknown[];
    if (others.length === 0) return featureProblem(type, field, only, token);
    return `[rank_feature] fields do not support indexing multiple values for the same field [${field}] in the same document`;
  }
  if (type === "rank_features") {
    if (!isObject(value))
      return `[rank_features] fields must be json objects, expected a START_OBJECT but got: ${token}`;
    for (const [name, inner] of Object.entries(value)) {
      const problem = numberProblem(field, name, inner);
      if (problem !== undefined) return problem;
    }
    return undefined;
  }
  return numberProblem("_feature", field, value);
}

function numberProblem(field: string, feature: string, value: unknown): string | undefined {
  const number = typeof value === "string" ? Number(value) : numberOf(value);
  if (Number.isNaN(number)) return `For input string: "${String(value)}"`;
  if (number >= least) return undefined;
  return `featureValue must be a positive normal float, got: ${number} for feature ${feature} on field ${field} which is less than the minimum positive normal float: 1.17549435E-38`;
}
