/** The functions of `function_score`. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import { numberIn } from "../../script/values.ts";
import { murmur3 } from "../../text/murmur3.ts";
import { evaluateDate } from "../../values/date.ts";
import { parseDuration } from "../../values/duration.ts";
import { createDocValues } from "../fields/doc-values.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import type { FieldReader } from "../fields/reader.ts";
import { shardFailure } from "../problem.ts";
import { numberOf } from "./compiled-query.ts";
import type { Decay } from "./function-explanation.ts";
import { readGeoDecay } from "./geo-decay.ts";
import { compileScript } from "./scripting.ts";
import { inQuery, queryShardFailure, refusedByQuery } from "./shard-problem.ts";
import { decayOf, requireScale } from "./decay-settings.ts";

/** Gives a document a factor; `score` is that of the query. */
export type ScoreFunction = (document: SearchDocument, score: number) => number;

const modifiers: Readonly<Record<string, (value: number) => number>> = {
  none: (value) => value,
  log: Math.log10,
  log1p: (value) => Math.log10(value + 1),
  log2p: (value) => Math.log10(value + 2),
  ln: Math.log,
  ln1p: Math.log1p,
  ln2p: (value) => Math.log1p(value + 1),
  square: (value) => value * value,
  sqrt: Math.sqrt,
  reciprocal: (value) => 1 / value,
};

/** Names of the functions. */
export const functionNames = [
  "field_value_factor",
  "random_score",
  "script_score",
  "gauss",
  "exp",
  "linear",
] as const;

/**
 * Compiles one function.
 *
 * @throws {EsError} 400 in the server's words, or for what is not computed
 */
export function compileFunction(
  name: (typeof functionNames)[number],
  body: JsonObject,
  context: SearchContext,
): ScoreFunction {
  switch (name) {
    case "field_value_factor":
      return fieldValueFactor(body, context);
    case "random_score":
      return randomScore(body, context);
    case "script_score":
      return scriptScore(body["script"], context, true);
    case "gauss":
    case "exp":
    case "linear":
      return decay(name, body, context);
  }
}

function fieldValueFactor(body: JsonObject, context: SearchContext): ScoreFunction {
  for (const key of Object.keys(body)) {
    if (!["field", "factor", "modifier", "missing"].includes(key))
      throw parsingException(`field_value_factor query does not support [${key}]`).at(body, key);
  }
  if (body["field"] === undefined)
    throw parsingException("[field_value_factor] required field 'field' missing");
  const name = textOf(body["field"]);
  const factor = Number(body["factor"] ?? 1);
  if (typeof body["modifier"] === "object" && body["modifier"] !== null)
    throw notSupported("such a [modifier] in [field_value_factor]");
  const wanted = textOf(body["modifier"] ?? "none").toLowerCase();
  const modify = Object.hasOwn(modifiers, wanted) ? modifiers[wanted] : undefined;
  if (modify === undefined)
    throw illegalArgument(
      `No enum constant org.elasticsearch.common.lucene.search.function.FieldValueFactorFunction.Modifier.${wanted.toUpperCase()}`,
    );
  const missing = body["missing"] === undefined ? undefined : Number(body["missing"]);
  const field = resolveField(context, name);
  if (field === undefined && missing === undefined)
    throw queryShardFailure(
      context,
      "exception",
      `Unable to find a field mapper for field [${name}]. No 'missing' value defined.`,
    );
  const refusal = notSupported(`[field_value_factor] of the type [${field?.type}]`);
  if (field !== undefined && /^(?:keyword|ip|unsupported)$/.test(field.kind)) throw refusal;
  const read = field === undefined ? () => [] : valuesOf(field, context);
  // A text without fielddata has been refused in the server's words.
  if (field?.kind === "text") throw refusal;
  return (document) => {
    const values = read(document);
    const value = values.length > 0 ? Math.min(...values.map(Number)) : missing;
    if (value === undefined)
      throw shardFailure(
        context.index,
        "illegal_argument_exception",
        `Missing value for field [${name}]`,
      );
    const result = modify(value * factor);
    if (result >= 0 && Number.isFinite(result)) return result;
    throw shardFailure(
      context.index,
      "illegal_argument_exception",
      `field value function must not produce negative scores, but got: [${doubleText(result)}] for field value: [${doubleText(value)}]`,
    );
  };
}

/** Doc values of a field, whose refusal is that of a query that could not be made. */
function valuesOf(field: Field, context: SearchContext): FieldReader {
  return refusedByQuery(context, () => createDocValues(field, context));
}

/**
 * Evenly spread numbers, by the seed and a field of the document, its sequence number when none is
 * named. Without a seed they are others each time.
 */
function randomScore(body: JsonObject, context: SearchContext): ScoreFunction {
  for (const key of Object.keys(body)) {
    if (key !== "seed" && key !== "field")
      throw parsingException(`random_score query does not support [${key}]`).at(body, key);
  }
  const salt = (javaHash(context.index) << 10) | (context.shard ?? 0);
  const seed = mixed(seedOf(body["seed"]) ^ salt);
  const field = resolveField(context, textOf(body["field"] ?? "_seq_no"));
  const read = field === undefined ? undefined : valuesOf(field, context);
  return (document) => {
    if (read === undefined) throw notSupported("[random_score] by a field that nothing maps");
    const own = read(document)[0];
    const hash = own === undefined ? seed : murmur3(Buffer.from(String(own)), seed);
    return (hash & 0xffffff) / 2 ** 24;
  };
}

function seedOf(given: unknown): number {
  if (given === undefined) return Math.trunc(Math.random() * 2 ** 32) | 0;
  if (typeof given !== "number") return javaHash(textOf(given));
  const whole = BigInt(Math.trunc(given));
  const isInt = whole >= -2_147_483_648n && whole <= 2_147_483_647n;
  return Number(BigInt.asIntN(32, isInt ? whole : whole ^ (BigInt.asUintN(64, whole) >> 32n)));
}

/** The last step of MurmurHash3, with which the server mixes seeds. */
function mixed(number: number): number {
  let hash = number;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

/** `String.hashCode`. */
function javaHash(text: string): number {
  let hash = 0;
  for (let at = 0; at < text.length; at++) hash = (Math.imul(hash, 31) + text.charCodeAt(at)) | 0;
  return hash;
}

/** A script as a score. @throws {EsError} for a score that is none */
export function scriptScore(
  script: unknown,
  context: SearchContext,
  isFunction = false,
): ScoreFunction {
  if (script === undefined) throw parsingException("script_score requires 'script' field");
  const run = compileScript(script, context);
  return (document, score) => {
    const result = numberIn(run(document, score)) ?? NaN;
    if (result >= 0) return result;
    throw shardFailure(
      context.index,
      "illegal_argument_exception",
      isFunction && result < 0
        ? `script score function must not produce negative scores, but got: [${doubleText(result)}]`
        : `script_score script returned an invalid score [${doubleText(result)}] for doc [0]. Must be a non-negative score!`,
    );
  };
}

/** How a decay falls with the distance. */
const shapes: Readonly<
  Record<string, (scale: number, decay: number) => (distance: number) => number>
> = {
  gauss(scale, amount) {
    const factor = (0.5 * scale ** 2) / Math.log(amount);
    return (distance) => Math.exp((0.5 * distance ** 2) / factor);
  },
  exp(scale, amount) {
    const factor = Math.log(amount) / scale;
    return (distance) => Math.exp(factor * distance);
  },
  linear(scale, amount) {
    const width = scale / (1 - amount);
    return (distance) => Math.max(0, (width - distance) / width);
  },
};

function decay(shape: string, body: JsonObject, context: SearchContext): ScoreFunction {
  const { mode, scale, amount, distances: read } = readDecayFunction(shape, body, context);
  const fall = shapes[shape]?.(scale, amount) ?? (() => 1);
  return (document) => {
    const distances = read(document);
    return distances.length === 0 ? 1 : fall(combined(distances, mode));
  };
}

/** What a decay is computed from. @throws {EsError} 400 in the server's words */
export function readDecayFunction(shape: string, body: JsonObject, context: SearchContext): Decay {
  const { multi_value_mode: mode = "min", ...fields } = body;
  const [entry] = Object.entries(fields);
  const [name = "", settings] = entry ?? [];
  if (!isObject(settings)) throw parsingException("malformed score function score parameters.");
  const field = resolveField(context, name);
  if (field === undefined)
    throw shardFailure(context.index, "parsing_exception", `unknown field [${name}]`);
  if (field.kind === "boolean") throw notSupported("a decay function over booleans");
  if (field.kind !== "long" && field.kind !== "double" && field.kind !== "date") {
    const common = { shape, field: name, mode: textOf(mode), gap: " of: " };
    if (field.type === "geo_point") return { ...common, ...readGeoDecay(field, settings, context) };
    // The server's words name an object of Java by its address.
    throw notSupported(`a decay function over the type [${field.type}]`);
  }
  const { origin, offset, ...width } = readDecay(field, settings, context);
  const read: FieldReader = valuesOf(field, context);
  const from = doubleText(origin);
  return {
    shape,
    field: name,
    mode: textOf(mode),
    gap: "",
    ...width,
    distances: (document) =>
      read(document).map((value) => Math.max(0, Math.abs(Number(value) - origin) - offset)),
    written: (document) =>
      read(document).map((value) => {
        const own = `${doubleText(Number(value))}(=doc value)`;
        return `Math.max(Math.abs(${own} - ${from}(=origin))) - ${doubleText(offset)}(=offset), 0)`;
      }),
  };
}

function combined(distances: readonly number[], mode: string): number {
  const sum = distances.reduce((total, distance) => total + distance, 0);
  if (mode === "max") return Math.max(...distances);
  if (mode === "sum") return sum;
  return mode === "avg" ? sum / distances.length : Math.min(...distances);
}

function readDecay(
  field: Field,
  settings: JsonObject,
  context: SearchContext,
): {
  readonly origin: number;
  readonly scale: number;
  readonly offset: number;
  readonly amount: number;
} {
  const isDate = field.kind === "date";
  const amount = decayOf(settings, context);
  const given = settings["origin"];
  if (settings["scale"] === undefined || (given === undefined && !isDate)) {
    throw queryShardFailure(
      context,
      "parse_exception",
      isDate
        ? "[scale] must be set for date fields."
        : "both [scale] and [origin] must be set for numeric fields.",
    );
  }
  const size = (value: unknown): number =>
    inQuery(context, () =>
      isDate ? parseDuration(textOf(value), "DecayFunctionParser.scale") : numberOf(value),
    );
  const origin = isDate
    ? inQuery(context, () =>
        evaluateDate(given ?? "now", { nowMs: context.nowMs, format: field.dateFormat }),
      )
    : inQuery(context, () => numberOf(given));
  const scale = size(settings["scale"]);
  requireScale(scale, context);
  const offset = settings["offset"] === undefined ? 0 : size(settings["offset"]);
  return { origin, scale, offset, amount };
}
