/** Exact values: what a value of a query means for a field, and which documents hold it. */
import { normalized } from "../../analysis/normalize.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { floatText } from "../../json/java-number.ts";
import { textOf } from "../../json/json-value.ts";
import { cidrRange } from "../../values/ip-address.ts";
import { toDouble, toWhole } from "../../values/number.ts";
import { utc } from "../../values/time-zone.ts";
import { simplePattern } from "../../text/simple-pattern.ts";
import { toJavaText } from "../../values/java-text.ts";
import { createTermReader, type TermList } from "../fields/document-terms.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, isMetadata, scoresAlike } from "../fields/field.ts";
import { isRangeField } from "../fields/range-values.ts";
import { createReader } from "../fields/reader.ts";
import { type IndexedValue, roundTo } from "../fields/value.ts";
import { tellsZerosApart } from "../fields/zeros.ts";
import { constantScore, matchNone, type CompiledQuery, counted } from "./compiled-query.ts";
import { requireRange } from "./number-range.ts";
import { addressOf, javaText, requireNumber } from "./query-values.ts";
import { rangeFieldQuery } from "./range-field.ts";
import {
  evaluateFieldDate,
  inQuery,
  queryShardFailure,
  queryShardRefusal,
  expensive,
} from "./shard-problem.ts";
import { explainTerm } from "./term-explanation.ts";
import { createTermScorer, type Occurrence } from "./term-statistics.ts";
import { termRefusal } from "./textless-fields.ts";
import { tokenQuery } from "./token-query.ts";

/** An inclusive range of indexed values. */
export interface ValueRange {
  readonly from: IndexedValue;
  readonly to: IndexedValue;
}

/**
 * Reads a value of a query the way the field's type does: as the range of indexed values that are
 * equal to it (a date without a time is a whole day, an address may be a CIDR block). `undefined`
 * when no value of the field can be equal.
 *
 * @throws {EsError} `query_shard_exception` for a value the field cannot hold, such as text for a
 *   number, and for a field that cannot be searched
 */
export function termRange(
  context: SearchContext,
  field: Field,
  raw: unknown,
  isListed = false,
): ValueRange | undefined {
  requireSearchable(context, field);
  switch (field.kind) {
    case "text":
      return only(toJavaText(raw));
    case "keyword":
      return only(keywordOf(field, raw));
    case "long": {
      requireNumber(context, field, raw, isListed);
      const number = toDouble(raw) ?? NaN;
      if (!Number.isInteger(number)) return undefined;
      if (isListed && field.isIndexed) requireRange(context, field, raw);
      const value = toWhole(raw);
      return value === undefined ? undefined : only(value);
    }
    case "double": {
      requireNumber(context, field, raw);
      const value = roundTo(field, toDouble(raw));
      if (
        isListed &&
        field.isIndexed &&
        field.type !== "double" &&
        value !== undefined &&
        !Number.isFinite(value)
      ) {
        const reason = `[${field.type}] supports only finite values, but got [${floatText(toDouble(raw) ?? NaN)}]`;
        throw queryShardFailure(context, "illegal_argument_exception", reason);
      }
      return value === undefined || !Number.isFinite(value) ? undefined : only(value);
    }
    case "boolean":
      return only(booleanOf(context, raw));
    case "date": {
      // A number is milliseconds, whatever the format of the field.
      const given = typeof raw === "number" || isRawNumber(raw) ? { format: "epoch_millis" } : {};
      const options = { ...given, roundUp: false };
      const from = evaluateFieldDate(context, field, raw, options, inQuery);
      const to = evaluateFieldDate(context, field, raw, { ...options, roundUp: true }, inQuery);
      return { from, to };
    }
    case "ip": {
      const text = javaText(raw);
      const block = text.includes("/") ? cidrRange(text) : undefined;
      return block === undefined
        ? only(addressOf(context, text))
        : { from: block[0], to: block[1] };
    }
    case "object":
    case "nested":
      return undefined;
    case "unsupported":
      throw termRefusal(context, field);
  }
}

function only(value: IndexedValue): ValueRange {
  return { from: value, to: value };
}

/** A keyword of a query, made what the index makes of keywords. */
export function keywordOf(field: Field, raw: unknown): string {
  const text = toJavaText(raw);
  return field.analysis === undefined ? text : normalized(field.analysis.search, text);
}

function booleanOf(context: SearchContext, raw: unknown): number {
  if (raw === true || raw === "true") return 1;
  if (raw === false || raw === "false") return 0;
  throw queryShardFailure(
    context,
    "illegal_argument_exception",
    `Can't parse boolean value [${javaText(raw)}], expected [true] or [false]`,
  );
}

/**
 * Refuses a field without anything that a query could look at.
 *
 * @param isPattern for a query that looks at terms in their order, or for such that are alike
 * @throws {EsError} `query_shard_exception`
 */
export function requireSearchable(context: SearchContext, field: Field, isPattern = false): void {
  if (field.name === "_version") {
    throw queryShardRefusal(context, "The _version field is not searchable");
  }
  const problem = searchProblem(field, isPattern);
  if (problem !== undefined)
    throw queryShardFailure(context, "illegal_argument_exception", problem);
  if (!field.isIndexed && !context.limits.allowsExpensive) {
    throw expensive(
      context,
      `Cannot search on field [${field.name}] since it is not indexed and 'search.allow_expensive_queries' is set to false.`,
    );
  }
}

/** Why no term of a field can be looked up; `undefined` where one can. */
export function searchProblem(field: Field, isPattern = false): string | undefined {
  if (field.isIndexed) return undefined;
  const isKeyedTerm = field.flattenedKey !== undefined && field.hasDocValues && !isPattern;
  const isFlattened = (field.type === "flattened" && !isKeyedTerm) || isRangeField(field);
  if (isFlattened || (isPattern && field.kind === "text"))
    return `Cannot search on field [${field.name}] since it is not indexed.`;
  return field.hasDocValues && field.kind !== "text"
    ? undefined
    : `Cannot search on field [${field.name}] since it is not indexed nor has doc values.`;
}

/** True when any value of the field lies in the range, both ends included. */
export function acceptsRange(
  field: Field,
  range: ValueRange,
): (document: SearchDocument) => boolean {
  const read = createReader(field);
  const { from, to } = range;
  if (from === 0 && tellsZerosApart(field))
    return (document) => read(document).some((value) => Object.is(value, from));
  return (document) => {
    for (const value of read(document)) if (value >= from && value <= to) return true;
    return false;
  };
}

/** True for a field of every document whose terms are not weighed. */
function isConstant(name: string): boolean {
  return isMetadata(name) && name !== "_ignored" && name !== "_routing";
}

/**
 * The exact query on one field: no analysis of the value; text and keywords are scored by BM25, the
 * rest scores `boost`.
 */
export function exactQuery(
  context: SearchContext,
  field: Field | undefined,
  raw: unknown,
  boost: number,
): CompiledQuery {
  if (field === undefined) return matchNone;
  if (field.name === "_index") return indexQuery(context, [raw], boost);
  if (isRangeField(field)) {
    requireSearchable(context, field);
    return rangeFieldQuery(context, field, { gte: raw, lte: raw }, utc, boost);
  }
  if (field.type === "sparse_vector") return tokenQuery(context, field, javaText(raw), boost);
  const range = termRange(context, field, raw);
  if (range === undefined) return matchNone;
  const isScored = field.kind === "text" || field.kind === "keyword" || field.kind === "boolean";
  if (!isScored || !field.isIndexed || isConstant(field.name)) {
    const text = (): string | undefined => rangeText(field, range);
    return counted(constantScore(acceptsRange(field, range), boost, text), "points");
  }
  if (field.type === "constant_keyword") return constantScore(acceptsRange(field, range), boost);
  const occurrence =
    field.kind === "text"
      ? new TextOccurrence(field, [toJavaText(raw)])
      : new ValueOccurrence(field, range.from);
  const shown = field.kind === "boolean" ? (range.from === 1 ? "T" : "F") : String(range.from);
  const text = (): string => `${field.name}:${shown}`;
  return scoresAlike(field)
    ? constantScore((document) => occurrence.visit(document) > 0, boost, text)
    : counted(scoredQuery(context, occurrence, boost, text));
}

/** A query for numbers as Lucene writes it; `undefined` for other fields. */
function rangeText({ name, kind, isIndexed }: Field, { from, to }: ValueRange): string | undefined {
  const isPlain = (kind === "long" || kind === "date") && isIndexed && !isMetadata(name);
  return isPlain ? `${name}:[${String(from)} TO ${String(to)}]` : undefined;
}

/** `_index` takes patterns; what it matches is known before any document is looked at. */
export function indexQuery(
  context: SearchContext,
  names: readonly unknown[],
  boost: number,
): CompiledQuery {
  const isWanted = names.some((name) => simplePattern(textOf(name)).test(context.index));
  return isWanted ? constantScore(() => true, boost) : matchNone;
}

/**
 * A query that scores the occurrences of a term by BM25.
 *
 * @param text the query as Lucene writes it; absent where that is not known
 * @param rarity where the rarity comes from, when not from the occurrence itself
 */
export function scoredQuery(
  context: SearchContext,
  occurrence: Occurrence,
  boost: number,
  text?: () => string,
  rarity?: Occurrence,
): CompiledQuery {
  const score = createTermScorer(context, occurrence, boost, rarity);
  return {
    score,
    isConstant: context.corpus === undefined || !context.isScored,
    explained:
      text === undefined
        ? undefined
        : () => explainTerm(context, occurrence, boost, text(), rarity),
  };
}

/** Occurrences of one term of a text field, or of one value of a keyword field. */
export function occurrenceOf(field: Field, term: string): Occurrence {
  return field.kind === "text"
    ? new TextOccurrence(field, [term])
    : new ValueOccurrence(field, term);
}

/** Occurrences of one analysed term in a text field; or of any of several that count as one. */
export class TextOccurrence implements Occurrence {
  totalTerms = 0;
  length = 0;
  readonly #terms: readonly string[];
  readonly #term: string;
  readonly #read: (document: SearchDocument) => TermList;
  readonly #hasFrequencies: boolean;
  readonly #hasNorms: boolean;

  constructor(field: Field, terms: readonly string[]) {
    this.#terms = terms;
    this.#term = terms.length === 1 ? (terms[0] ?? "") : "";
    this.#read = createTermReader(field);
    this.#hasFrequencies = field.analysis?.hasFrequencies ?? true;
    this.#hasNorms = field.analysis?.hasNorms ?? true;
  }

  visit(document: SearchDocument): number {
    const { terms, length } = this.#read(document);
    // Without frequencies each term counts once.
    const distinct = this.#hasFrequencies ? undefined : new Set(terms).size;
    this.totalTerms = distinct ?? terms.length;
    this.length = this.#hasNorms ? (distinct ?? length) : 1;
    let count = 0;
    if (this.#terms.length === 1) {
      for (let at = 0; at < terms.length; at++) if (terms[at] === this.#term) count++;
    } else {
      for (const term of terms) if (this.#terms.includes(term)) count++;
    }
    return this.#hasFrequencies || count === 0 ? count : 1;
  }
}

/** Occurrence of a whole value: once or not at all, of any length, unless a keyword says more. */
export class ValueOccurrence implements Occurrence {
  totalTerms = 0;
  length = 1;
  readonly #value: IndexedValue;
  readonly #read: (document: SearchDocument) => readonly IndexedValue[];
  /** The terms of all keys of a `flattened` field, which the server keeps in one field. */
  readonly #readAll: ((document: SearchDocument) => readonly IndexedValue[]) | undefined;
  /** 0: lengths do not count. With frequencies the server counts each value twice. */
  readonly #lengthFactor: number;
  readonly #hasFrequencies: boolean;

  constructor(field: Field, value: IndexedValue) {
    this.#value = value;
    this.#read = createReader(field);
    this.#readAll =
      field.flattenedKey === undefined
        ? undefined
        : createReader({ ...field, flattenedKey: undefined });
    const { norms, index_options: options } = field.parameters;
    const isKeyword = field.type === "keyword";
    this.#hasFrequencies = isKeyword && options === "freqs";
    this.#lengthFactor = !isKeyword || String(norms) !== "true" ? 0 : this.#hasFrequencies ? 2 : 1;
  }

  visit(document: SearchDocument): number {
    const values = this.#read(document);
    const count = values.length < 2 || this.#hasFrequencies ? values.length : new Set(values).size;
    this.totalTerms = this.#readAll?.(document).length ?? count;
    if (this.#lengthFactor > 0) this.length = count * this.#lengthFactor;
    if (!this.#hasFrequencies) return values.includes(this.#value) ? 1 : 0;
    return values.filter((value) => value === this.#value).length;
  }
}
