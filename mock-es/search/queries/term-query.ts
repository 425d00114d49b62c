import { constantScore, matchNone, type CompiledQuery } from "./compiled-query.ts";
import { evaluateDate } from "../../values/date.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { createTermReader, type TermList } from "../fields/document-terms.ts";
import { createReader, type Field } from "../fields/field.ts";
import { cidrRange, ipKey } from "../../values/ip-address.ts";
import { notSupported, shardFailure } from "../problem.ts";
import { createTermScorer, type Occurrence } from "./term-statistics.ts";
import { toNumber, type IndexedValue } from "../fields/value.ts";

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
 *   number
 */
export function termRange(
  context: SearchContext,
  field: Field,
  raw: unknown,
): ValueRange | undefined {
  switch (field.kind) {
    case "text":
    case "keyword":
      return only(String(raw));
    case "long":
    case "double": {
      const number = typeof raw === "string" && raw.trim() === "" ? NaN : Number(raw);
      if (Number.isNaN(number) || typeof raw === "boolean") throw numberFormat(context, raw);
      if (field.kind === "long" && !Number.isInteger(number)) return undefined;
      const value = toNumber(field, number);
      return value === undefined ? undefined : only(value);
    }
    case "boolean":
      if (raw === true || raw === "true") return only(1);
      if (raw === false || raw === "false" || raw === "") return only(0);
      throw queryShardFailure(
        context,
        "illegal_argument_exception",
        `Can't parse boolean value [${String(raw)}], expected [true] or [false]`,
      );
    case "date": {
      const options = {
        index: context.index,
        format: field.dateFormat,
        nowMs: context.nowMs,
        offset: 0,
      };
      const from = evaluateDate(raw, { ...options, roundUp: false });
      return { from, to: evaluateDate(raw, { ...options, roundUp: true }) };
    }
    case "ip": {
      const text = String(raw);
      const block = text.includes("/") ? cidrRange(text) : undefined;
      if (block !== undefined) return { from: block[0], to: block[1] };
      const key = ipKey(text);
      if (key !== undefined) return only(key);
      throw queryShardFailure(
        context,
        "illegal_argument_exception",
        `'${text}' is not an IP string literal.`,
      );
    }
    case "object":
    case "nested":
      return undefined;
    case "unsupported":
      throw notSupported(`a query on the field [${field.name}] of type [${field.type}]`);
  }
}

function only(value: IndexedValue): ValueRange {
  return { from: value, to: value };
}

function numberFormat(context: SearchContext, raw: unknown): Error {
  return queryShardFailure(
    context,
    "number_format_exception",
    `For input string: "${String(raw)}"`,
  );
}

/** A shard's `query_shard_exception`, by default `failed to create query: …`, with its cause. */
export function queryShardFailure(
  context: SearchContext,
  type: string,
  reason: string,
  text = `failed to create query: ${reason}`,
): Error {
  return shardFailure(context.index, "query_shard_exception", text, {
    index_uuid: "_na_",
    index: context.index,
    caused_by: { type, reason },
  });
}

/** True when any value of the field lies in the range, both ends included. */
export function acceptsRange(
  field: Field,
  range: ValueRange,
): (document: SearchDocument) => boolean {
  const read = createReader(field);
  const { from, to } = range;
  return (document) => {
    for (const value of read(document)) if (value >= from && value <= to) return true;
    return false;
  };
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
  const range = termRange(context, field, raw);
  if (range === undefined) return matchNone;
  if (field.kind !== "text" && field.kind !== "keyword" && field.kind !== "boolean") {
    return constantScore(acceptsRange(field, range), boost);
  }
  if (field.name.startsWith("_")) return constantScore(acceptsRange(field, range), boost);
  const occurrence =
    field.kind === "text"
      ? new TextOccurrence(field, String(raw))
      : new ValueOccurrence(field, range.from);
  const score = createTermScorer(context, occurrence, boost);
  return { score, isConstant: context.corpus === undefined || !context.isScored };
}

/** Occurrences of one analysed term in a text field. */
export class TextOccurrence implements Occurrence {
  totalTerms = 0;
  length = 0;
  readonly #term: string;
  readonly #read: (document: SearchDocument) => TermList;

  constructor(field: Field, term: string) {
    this.#term = term;
    this.#read = createTermReader(field);
  }

  visit(document: SearchDocument): number {
    const { terms, length } = this.#read(document);
    this.totalTerms = length;
    this.length = length;
    let count = 0;
    for (let at = 0; at < terms.length; at++) if (terms[at] === this.#term) count++;
    return count;
  }
}

/** Occurrence of a whole value: once or not at all, and without regard to length. */
class ValueOccurrence implements Occurrence {
  totalTerms = 0;
  readonly length = 1;
  readonly #value: IndexedValue;
  readonly #read: (document: SearchDocument) => readonly IndexedValue[];

  constructor(field: Field, value: IndexedValue) {
    this.#value = value;
    this.#read = createReader(field);
  }

  visit(document: SearchDocument): number {
    const values = this.#read(document);
    this.totalTerms = values.length;
    return values.includes(this.#value) ? 1 : 0;
  }
}
