/** The body of the suggester `phrase`. */
import { EsError, illegalArgument, notSupported } from "../../es-error.ts";
import { parsingException, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { suggestion } from "../problem.ts";
import { numeric } from "./spell-checker.ts";

/** How likely a word is behind others that were never seen before it. */
export type Smoothing =
  | { readonly kind: "stupid_backoff"; readonly discount: number }
  | { readonly kind: "laplace"; readonly alpha: number }
  | {
      readonly kind: "linear";
      readonly trigram: number;
      readonly bigram: number;
      readonly unigram: number;
    };

/** A `phrase` suggester as it was asked for. */
export interface PhraseRequest {
  readonly kind: "phrase";
  readonly field: string;
  readonly analyzer: string | undefined;
  readonly size: number;
  /** Corrections that a shard answers, and candidates that it looks at for one word. */
  readonly shardSize: number;
  /** Words of a gram; `undefined`: as the analyzer of the field joins them. */
  readonly gramSize: number | undefined;
  /** Below 1 a part of the words, otherwise a number of them. */
  readonly maxErrors: number;
  readonly confidence: number;
  readonly realWordLikelihood: number;
  readonly separator: string;
  readonly requiresUnigrams: boolean;
  readonly tokenLimit: number;
  readonly smoothing: Smoothing;
  readonly tags: { readonly before: string; readonly after: string } | undefined;
  /** Their settings, whose names are checked by the shards. */
  readonly generators: readonly JsonObject[];
}

/** What the server takes when none is named; its discount is a 32-bit float then. */
const defaultSmoothing: Smoothing = { kind: "stupid_backoff", discount: Math.fround(0.4) };

const values =
  "size shard_size gram_size token_limit field analyzer max_errors confidence real_word_error_likelihood separator force_unigrams".split(
    " ",
  );

/** Reads the body of a suggester. @throws {EsError} 400 in the server's words */
export function readPhraseRequest(body: JsonObject): PhraseRequest {
  let smoothing = defaultSmoothing;
  let tags: PhraseRequest["tags"];
  let generators: readonly JsonObject[] = [];
  for (const [key, value] of Object.entries(body)) {
    if (isObject(value) && key === "smoothing") smoothing = readSmoothing(value) ?? smoothing;
    else if (isObject(value) && key === "highlight") tags = readTags(value);
    else if (isObject(value) && key === "collate") refuseCollate(value);
    else if (Array.isArray(value) && key === "direct_generator") generators = readGenerators(value);
    else if (isObject(value) || Array.isArray(value))
      throw parsingException(`suggester[phrase]  doesn't support array field [${key}]`).at(
        body,
        key,
      );
    else if (value === null || !values.includes(key))
      throw parsingException(`suggester[phrase] doesn't support field [${key}]`).at(body, key);
    else checkNumber(body, key);
  }
  if (body["field"] === "") throw illegalArgument("suggestion field name is empty");
  if (body["field"] === undefined)
    throw new EsError(400, "parse_exception", "the required field option [field] is missing");
  const size = whole(body, "size", 5);
  return {
    kind: "phrase",
    field: textOf(body["field"]),
    analyzer: body["analyzer"] === undefined ? undefined : textOf(body["analyzer"]),
    size,
    shardSize: whole(body, "shard_size", Math.max(size, 5)),
    gramSize: body["gram_size"] === undefined ? undefined : whole(body, "gram_size", 1),
    maxErrors: float(body, "max_errors", 1),
    confidence: float(body, "confidence", 1),
    realWordLikelihood: float(body, "real_word_error_likelihood", 0.95),
    separator: textOf(body["separator"] ?? " "),
    requiresUnigrams: body["force_unigrams"] !== false && body["force_unigrams"] !== "false",
    tokenLimit: whole(body, "token_limit", 10),
    smoothing,
    tags,
    generators,
  };
}

function whole(body: JsonObject, key: string, fallback: number): number {
  return Math.trunc(numeric(body, key, fallback));
}

function float(body: JsonObject, key: string, fallback: number): number {
  return Math.fround(numeric(body, key, fallback));
}

function checkNumber(body: JsonObject, key: string): void {
  if (key === "size" && whole(body, key, 1) <= 0) throw illegalArgument("size must be positive");
  if (key === "gram_size" && whole(body, key, 1) < 1)
    throw illegalArgument("gramSize must be >= 1");
  if (key === "token_limit" && whole(body, key, 1) <= 0)
    throw illegalArgument("token_limit must be >= 1");
  if (key === "max_errors" && float(body, key, 1) <= 0)
    throw illegalArgument("max_error must be > 0.0");
  if (key === "confidence" && float(body, key, 1) < 0)
    throw illegalArgument("confidence must be >= 0.0");
  if (key === "real_word_error_likelihood" && float(body, key, 1) <= 0)
    throw illegalArgument("real_word_error_likelihood must be > 0.0");
}

function readSmoothing(body: JsonObject): Smoothing | undefined {
  let found: Smoothing | undefined;
  for (const [key, model] of Object.entries(body)) {
    if (!isObject(model)) {
      const reason = `[smoothing] unknown token [${tokenOf(model)}] after [${key}]`;
      throw parsingException(reason).at(body, key);
    }
    for (const value of Object.values(model))
      if (value !== null && typeof value === "object")
        throw notSupported(`a list or object in [${key}] of [smoothing]`);
    if (key === "stupid_backoff")
      found = { kind: "stupid_backoff", discount: numeric(model, "discount", 0.4) };
    else if (key === "laplace") found = { kind: "laplace", alpha: numeric(model, "alpha", 0.5) };
    else if (key === "linear") found = readLinear(model);
    else throw illegalArgument(`suggester[phrase] doesn't support object field [${key}]`);
  }
  return found;
}

const lambdas = ["trigram_lambda", "bigram_lambda", "unigram_lambda"] as const;

function readLinear(model: JsonObject): Smoothing {
  for (const [key, value] of Object.entries(model)) {
    if (!lambdas.some((name) => name === key))
      throw illegalArgument(`suggester[phrase][smoothing][linear] doesn't support field [${key}]`);
    if (numeric({ value }, "value", 0) < 0) throw illegalArgument(`${key} must be positive`);
  }
  const [trigram = 0, bigram = 0, unigram = 0] = lambdas.map((name) => numeric(model, name, 0));
  const sum = trigram + bigram + unigram;
  if (Math.abs(sum - 1) > 0.001) throw illegalArgument("linear smoothing lambdas must sum to 1");
  return {
    kind: "linear",
    trigram: trigram / sum,
    bigram: bigram / sum,
    unigram: unigram / sum,
  };
}

function readTags(body: JsonObject): PhraseRequest["tags"] {
  for (const key of Object.keys(body))
    if (key !== "pre_tag" && key !== "post_tag")
      throw parsingException(`suggester[phrase][highlight] doesn't support field [${key}]`).at(
        body,
        key,
      );
  const { pre_tag: before, post_tag: after } = body;
  if ((before === undefined) !== (after === undefined))
    throw illegalArgument("Pre and post tag must both be null or both not be null.");
  if (before === undefined) return undefined;
  return { before: textOf(before), after: textOf(after) };
}

function refuseCollate(body: JsonObject): void {
  for (const key of Object.keys(body))
    if (key !== "query" && key !== "params" && key !== "prune")
      throw parsingException(`suggester[phrase][collate] doesn't support field [${key}]`).at(
        body,
        key,
      );
  throw notSupported("[collate] of the suggester [phrase]");
}

const texts = ["field", "pre_filter", "post_filter", "suggest_mode", "sort", "string_distance"];
const numbers =
  "min_doc_freq accuracy size max_edits max_inspections max_term_freq prefix_length min_word_length".split(
    " ",
  );

function readGenerators(list: readonly unknown[]): JsonObject[] {
  return list.map((generator) => {
    if (!isObject(generator)) {
      const reason = "suggester[phrase] doesn't support field [direct_generator]";
      throw parsingException(reason).at(list, undefined, "end");
    }
    for (const key of Object.keys(generator)) checkGenerator(generator, key);
    if (generator["field"] === undefined) throw illegalArgument("Required [field]");
    return generator;
  });
}

function checkGenerator(generator: JsonObject, key: string): void {
  const name = "[direct_generator]";
  if (texts.includes(key)) {
    if (typeof generator[key] === "string") return;
    const reason = `${name} ${key} doesn't support values of type: ${tokenOf(generator[key])}`;
    throw xContentParseException(reason).at(generator, key);
  }
  if (!numbers.includes(key)) {
    const near = suggestion(key, [...texts, ...numbers]);
    throw xContentParseException(`${name} unknown field [${key}]${near}`).at(generator, key, "key");
  }
  const fail = (cause: EsError): EsError =>
    xContentParseException(`${name} failed to parse field [${key}]`, {
      caused_by: cause.toCause(),
    }).at(generator, key);
  let value: number;
  try {
    value = numeric(generator, key, 0);
  } catch (error) {
    throw error instanceof EsError ? fail(error) : error;
  }
  if (key === "size" && value <= 0) throw fail(illegalArgument("Size must be positive"));
  if (key === "max_edits" && (value < 1 || value > 2))
    throw fail(illegalArgument(`Illegal max_edits value ${value}`));
}
