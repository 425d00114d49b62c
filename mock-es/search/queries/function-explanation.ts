/** How the functions of a `function_score` make a score. */
import { notSupported } from "../../es-error.ts";
import { doubleText, floatText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { Explanation, QueryExplanation, SearchDocument } from "../fields/document.ts";
import { match, noMatch } from "./explanation.ts";

const { fround } = Math;

/** How far the values of a document are from where a decay begins. */
export type DecayDistances = (document: SearchDocument) => readonly number[];

/** The shape of a decay with what it is computed from. */
export interface Decay {
  readonly shape: string;
  readonly field: string;
  readonly mode: string;
  readonly scale: number;
  readonly amount: number;
  readonly distances: DecayDistances;
  /** The distances as explanations write them. */
  readonly written: (document: SearchDocument) => readonly string[];
  /** Between the name of the mode and the distances. */
  readonly gap: string;
}

/** One function, as it is explained. */
export interface ExplainedFunction {
  readonly name: string | undefined;
  readonly body: JsonObject;
  /** What a decay is computed from. */
  readonly decay: Decay | undefined;
  /** Absent: it has none of its own. */
  readonly weight: number | undefined;
  /** The filter as Lucene writes it; absent: there is none. */
  readonly filter: (() => string | undefined) | undefined;
  accepts(document: SearchDocument): boolean;
  compute(document: SearchDocument, score: number): number;
}

/** A whole `function_score`. */
export interface ExplainedScore {
  readonly inner: QueryExplanation;
  readonly functions: readonly ExplainedFunction[];
  readonly scoreMode: string;
  readonly boostMode: string;
  readonly most: number;
  readonly least: number | undefined;
  /** What the functions together give; `undefined` without any. */
  factor(document: SearchDocument, score: number): number | undefined;
  combine(score: number, factor: number): number;
}

/** Explains a `function_score`. Its text holds hash codes of Java, so that it has none here. */
export function explainFunctions(whole: ExplainedScore): QueryExplanation {
  return {
    get text(): string {
      throw notSupported("[explain] of a [function_score] that does not match, among others,");
    },
    explain(document, place, boost) {
      const base = whole.inner.explain(document, place, boost);
      const { score } = base;
      const factor = base.isMatch ? whole.factor(document, score) : undefined;
      const found = factor === undefined ? base : explainFactor(whole, document, base, factor);
      if (!found.isMatch || whole.least === undefined || found.score >= whole.least) return found;
      const [least, own] = [floatText(whole.least), floatText(found.score)];
      return noMatch(`Score value is too low, expected at least ${least} but got ${own}`, [found]);
    },
  };
}

const combinations: Readonly<Record<string, string>> = {
  avg: "avg of",
  max: "max of",
  min: "min of",
  multiply: "function score, product of:",
  sum: "sum of",
};

function explainFactor(
  whole: ExplainedScore,
  document: SearchDocument,
  base: Explanation,
  factor: number,
): Explanation {
  const { functions, most, boostMode } = whole;
  const own = explainSeveral(functions, whole.scoreMode, document, base.score, factor);
  const bound = match(fround(Math.min(fround(factor), most)), "min of:", [
    own,
    match(fround(Math.min(most, maxFloat)), "maxBoost"),
  ]);
  if (boostMode === "replace") return bound;
  const value = whole.combine(base.score, bound.score);
  return match(value, combinations[boostMode] ?? boostMode, [base, bound]);
}

/** `Float.MAX_VALUE`. */
const maxFloat = 3.4028234663852886e38;

function explainSeveral(
  functions: readonly ExplainedFunction[],
  mode: string,
  document: SearchDocument,
  score: number,
  factor: number,
): Explanation {
  const [only, other] = functions;
  if (only !== undefined && other === undefined && only.filter === undefined)
    return explainOne(only, document, score);
  const details: Explanation[] = [];
  for (const each of functions) {
    if (!each.accepts(document)) continue;
    const own = explainOne(each, document, score);
    if (each.filter === undefined) details.push(own);
    else {
      const text = each.filter();
      if (text === undefined) throw notSupported("[explain] of the filter of a function");
      const parts = [match(1, `match filter: ${text}`), own];
      details.push(match(own.score, "function score, product of:", parts));
    }
  }
  if (details.length === 0) return match(1, "No function matched");
  return match(fround(factor), `function score, score mode [${mode}]`, details);
}

function explainOne(each: ExplainedFunction, document: SearchDocument, score: number): Explanation {
  const own = explainPlain(each, document, score);
  if (each.weight === undefined) return own;
  const value = fround(fround(each.compute(document, score)) * fround(each.weight));
  return match(value, "product of:", [own, match(fround(each.weight), "weight")]);
}

function explainPlain(
  each: ExplainedFunction,
  document: SearchDocument,
  score: number,
): Explanation {
  const { name, body, decay } = each;
  if (name === undefined) return match(1, "constant score 1.0 - no function provided");
  const value = fround(each.compute(document, score));
  if (decay !== undefined) {
    const text = `Function for field ${decay.field}:`;
    return match(value, text, [match(value, decayText(decay, document))]);
  }
  if (name === "random_score") {
    const seed = body["seed"] === undefined ? "" : textOf(body["seed"]);
    return match(value, `random score function (seed: ${seed}, field: ${fieldOf(body)})`);
  }
  if (name !== "field_value_factor") throw notSupported(`[explain] of the function [${name}]`);
  const missing = body["missing"] === undefined ? "" : `?:${doubleText(Number(body["missing"]))}`;
  const modifier = textOf(body["modifier"] ?? "none").toLowerCase();
  const factor = floatText(Number(body["factor"] ?? 1));
  const text = `${modifier}(doc['${fieldOf(body)}'].value${missing} * factor=${factor})`;
  return match(value, `field value function: ${text}`);
}

function fieldOf(body: JsonObject): string {
  return isObject(body["field"]) || body["field"] === undefined ? "null" : textOf(body["field"]);
}

function decayText(decay: Decay, document: SearchDocument): string {
  const { shape, mode, scale, amount, written, gap } = decay;
  const distances = written(document);
  const distance = `${mode.toUpperCase()}${gap}[${distances.length === 0 ? "0.0" : distances.join(", ")}]`;
  if (shape === "gauss") {
    const width = doubleText((-0.5 * scale ** 2) / Math.log(amount));
    return `exp(-0.5*pow(${distance},2.0)/${width})`;
  }
  if (shape === "exp") return `exp(- ${distance} * ${doubleText(-Math.log(amount) / scale)})`;
  const width = doubleText(scale / (1 - amount));
  return `max(0.0, ((${width} - ${distance})/${width})`;
}
