/** Lucene's form of queries on numbers, dates, and whether there is a value at all. */
import { doubleText } from "../../json/java-number.ts";
import type { JsonObject } from "../../json/json-value.ts";
import { notSupported } from "../../es-error.ts";
import type { SearchContext } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { nestedCounter } from "../fields/nested-documents.ts";
import { nextTo } from "../fields/range-values.ts";
import { createReader } from "../fields/reader.ts";
import type { IndexedValue } from "../fields/value.ts";
import { boosted } from "../queries/compound-queries.ts";
import { compileClause } from "../queries/query.ts";
import { readBounds } from "../queries/range-query.ts";
import { exactQuery, termRange } from "../queries/term-query.ts";
import { type LuceneQuery, none } from "./lucene-query.ts";

/** What the values of a field are in a shard. */
interface Held {
  readonly documents: number;
  readonly withValues: number;
  readonly least: IndexedValue | undefined;
  readonly most: IndexedValue | undefined;
}

function held(field: Field, context: SearchContext): Held {
  const read = createReader(field);
  let documents = 0;
  let withValues = 0;
  let least: IndexedValue | undefined;
  let most: IndexedValue | undefined;
  const nested = context.nestedPath === undefined ? nestedCounter(context.mappings) : () => 0;
  for (const document of context.corpus ?? []) {
    documents += 1 + nested(document);
    const values = read(document);
    if (values.length > 0) withValues++;
    for (const value of values) {
      if (least === undefined || value < least) least = value;
      if (most === undefined || value > most) most = value;
    }
  }
  return { documents, withValues, least, most };
}

/** Documents that have a value of a field; `undefined` for one that nothing maps. */
export function existing(name: string, context: SearchContext): LuceneQuery | undefined {
  const field = resolveField(context, name);
  if (field === undefined) return undefined;
  const hasNorms = field.kind === "text" && field.analysis?.hasNorms !== false;
  const known = ["text", "keyword", "long", "double", "date", "boolean", "ip"];
  const isOther = field.isRuntime || name.includes("*") || name.startsWith("_");
  if (isOther || (!known.includes(field.kind) && field.type !== "geo_point"))
    throw notSupported(`[profile] of [exists] of the field [${name}]`);
  const { documents, withValues } = held(field, context);
  if (documents === withValues) return { kind: "constant", query: { kind: "all" } };
  const isKept = hasNorms || (field.hasDocValues && field.kind !== "text");
  return {
    kind: "constant",
    query: {
      kind: "leaf",
      type: isKept ? "FieldExistsQuery" : "TermQuery",
      text: isKept ? existsText(field) : `_field_names:${field.name}`,
      isConstant: true,
      compile: (boost, isScored) =>
        boosted(compileClause({ exists: { field: name } }, { ...context, isScored }), boost),
    },
  };
}

function existsText(field: Field): string {
  return `FieldExistsQuery [field=${field.name}]`;
}

/** The most that each type holds. */
const largest: Readonly<Record<string, readonly [IndexedValue, IndexedValue]>> = {
  double: [-Infinity, Infinity],
  long: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
  date: [-9_223_372_036_854_775_808n, 9_223_372_036_854_775_807n],
  integer: [-2_147_483_648n, 2_147_483_647n],
};

/** Any of several whole numbers. */
export function anyPoint(
  field: Field,
  values: readonly unknown[],
  clause: JsonObject,
  context: SearchContext,
): LuceneQuery {
  limitsOf(field);
  const wanted = values.flatMap((value) => termRange(context, field, value)?.from ?? []);
  const numbers = [...new Set(wanted)].sort((a, b) => (a < b ? -1 : 1)).map(String);
  return {
    kind: "leaf",
    type: "PointInSetQuery",
    text: `${field.name}:{${numbers.join(" ")}}`,
    compile: (boost, isScored) => boosted(compileClause(clause, { ...context, isScored }), boost),
    isConstant: true,
  };
}

function limitsOf(field: Field): readonly [IndexedValue, IndexedValue] {
  const limits = Object.hasOwn(largest, field.type) ? largest[field.type] : undefined;
  if (limits !== undefined && field.isIndexed && field.hasDocValues && !field.name.startsWith("_"))
    return limits;
  throw notSupported(`[profile] of a query on the field [${field.name}] of type [${field.type}]`);
}

/** One number, or one date. */
export function exactPoint(field: Field, value: unknown, context: SearchContext): LuceneQuery {
  limitsOf(field);
  const range = termRange(context, field, value);
  if (range === undefined) return none(`Value [${String(value)}] has a decimal part`);
  const compile = (boost: number) => exactQuery(context, field, value, boost);
  const text = `${field.name}:[${String(range.from)} TO ${String(range.to)}]`;
  const { documents, withValues, least, most } = held(field, context);
  const isAll = least === range.from && most === range.to && documents === withValues;
  if (field.kind !== "long") return points(field, range.from, range.to, context, compile);
  if (isAll) return { kind: "all" };
  return {
    kind: "leaf",
    type: "IndexSortSortedNumericDocValuesRangeQuery",
    text,
    compile,
    isConstant: true,
  };
}

/** A range of numbers or dates; `undefined` when no date lies in it. */
export function rangeOfPoints(
  field: Field,
  settings: JsonObject,
  context: SearchContext,
): LuceneQuery | undefined {
  const [lowest, highest] = limitsOf(field);
  // Without a date to compare with, bounds are not read.
  if (field.kind === "date" && held(field, context).least === undefined) return undefined;
  const { lower, upper } = readBounds(context, field, settings);
  const beyond = (value: IndexedValue, step: 1 | -1): IndexedValue =>
    field.kind === "double" || Number.isInteger(Number(value))
      ? nextTo(field, value, step)
      : step > 0
        ? Math.ceil(Number(value))
        : Math.floor(Number(value));
  const from = lower === undefined ? lowest : lower.isOpen ? beyond(lower.value, 1) : lower.value;
  const to = upper === undefined ? highest : upper.isOpen ? beyond(upper.value, -1) : upper.value;
  const { boost: _boost, ...rest } = settings;
  const clause = { range: { [field.name]: rest } };
  const compile = (boost: number, isScored: boolean) =>
    boosted(compileClause(clause, { ...context, isScored }), boost);
  if (field.kind === "date") {
    const { least, most } = held(field, context);
    if (least === undefined || most === undefined || from > most || to < least) return undefined;
    if (from <= least && to >= most) return existing(field.name, context);
  }
  return points(field, from, to, context, compile);
}

function points(
  field: Field,
  from: IndexedValue,
  to: IndexedValue,
  context: SearchContext,
  compile: (boost: number, isScored: boolean) => ReturnType<typeof compileClause>,
): LuceneQuery {
  const { documents, withValues, least, most } = held(field, context);
  if (least === undefined || most === undefined || from > most || to < least) return none("");
  const isCovered = from <= least && to >= most;
  if (isCovered && withValues === documents) return { kind: "all" };
  const isDouble = field.kind === "double";
  const shown = (show: (value: IndexedValue) => string): string =>
    `${field.name}:[${show(from)} TO ${show(to)}]`;
  const range = shown(isDouble ? (value) => String(sortableBits(Number(value))) : String);
  const plain = shown(isDouble ? (value) => doubleText(Number(value)) : String);
  const index = isCovered ? existsText(field) : plain;
  const text = `IndexOrDocValuesQuery(indexQuery=${index}, dvQuery=${range})`;
  return {
    kind: "leaf",
    type: "IndexOrDocValuesQuery",
    text,
    explainedText: range,
    range: { field: field.name, from, to },
    compile,
    isConstant: true,
    isOnOneLevel: true,
  };
}

/** The bits of a double, as Lucene changes them so that they sort as the doubles do. */
function sortableBits(value: number): bigint {
  const bits = Buffer.alloc(8);
  bits.writeDoubleBE(value);
  const plain = bits.readBigInt64BE();
  return plain < 0n ? plain ^ 0x7fff_ffff_ffff_ffffn : plain;
}
