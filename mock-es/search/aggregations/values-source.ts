/** Where aggregations take their values from. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { doubleText } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { printDate } from "../../values/date.ts";
import { createDocValues, requireDocValues } from "../fields/doc-values.ts";
import type { MappedField, SearchContext, SearchDocument } from "../fields/document.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { createPointReader } from "../fields/geo-point.ts";
import type { FieldReader } from "../fields/reader.ts";
import { type IndexedValue, indexedValue } from "../fields/value.ts";
import { shardFailure } from "../problem.ts";
import { inShard, unwrapped } from "../queries/shard-problem.ts";
import { shown } from "../queries/script-doc-values.ts";
import { compileValueScript } from "../queries/scripting.ts";
import { termRange } from "../queries/term-query.ts";
import type { AggregationContext } from "./aggregation.ts";
import { byIndex } from "./by-index.ts";
import { numberValue, type SourceForm, unmappedValue } from "./unmapped-values.ts";
import { zoneIn } from "./zone.ts";

/** Where an aggregation takes its values from. */
export interface ValuesSource {
  /** The field, of the type that its values have over all shards; `undefined` when none maps it. */
  readonly field: Field | undefined;
  /**
   * Values of a document, or the value of `missing` when it has none: dates in milliseconds.
   * Overwritten by the next call.
   */
  read(document: SearchDocument): readonly IndexedValue[];
  /**
   * As {@link read}, where values of several types stay what they are: `long 1` is not `double 1`.
   */
  identify(document: SearchDocument): readonly IndexedValue[];
}

const none: readonly IndexedValue[] = [];

/**
 * Resolves `field` and `missing` of an aggregation.
 *
 * @throws {EsError} when neither is given, for text fields, and for a type the aggregation does not
 *   take
 */
export function compileSource(
  type: string,
  body: JsonObject,
  context: AggregationContext,
  accepts: (field: Field) => boolean,
): ValuesSource {
  const name = body["field"];
  if (body["script"] !== undefined) return scriptSource(type, body, context, accepts);
  if (name === undefined)
    throw illegalArgument("Required one of fields [field, script], but none were specified.");
  if (typeof name !== "string") {
    const reason = `[${type}] field doesn't support values of type: ${tokenOf(name)}`;
    throw xContentParseException(reason).at(body, "field");
  }
  const zone = body["time_zone"] === undefined ? undefined : zoneIn(type, body);
  const form = { format: body["format"], zone };
  const source = sourceOfField(type, name, body["missing"], context, accepts, form);
  if (source.field !== undefined || body["value_type"] === undefined) return source;
  return unmappedSource(name, textOf(body["value_type"]), body["missing"], context);
}

/** Values of a script, or of a field through a script that sees each of them as `_value`. */
function scriptSource(
  type: string,
  body: JsonObject,
  context: AggregationContext,
  accepts: (field: Field) => boolean,
): ValuesSource {
  const { field: name, script, missing } = body;
  const isNumber = accepts === isNumeric;
  if (body["value_type"] !== undefined || accepts === isDate)
    throw notSupported(`[script] in the aggregation [${type}] with dates or [value_type]`);
  const own =
    name === undefined ? undefined : sourceOfField(type, textOf(name), missing, context, accepts);
  const source = isObject(script) ? script["source"] : script;
  if (typeof source === "string" && /\b_score\b/.test(source))
    throw notSupported(`[_score] in a script of the aggregation [${type}]`);
  const kind = own?.field?.kind;
  if (!isNumber && (kind === "date" || kind === "boolean" || kind === "ip"))
    throw notSupported(`[script] over a field of the type [${kind}] in the aggregation [${type}]`);
  // What a script makes of numbers are doubles.
  const isOfNumbers = kind === "long" || kind === "double";
  const run = byIndex(context, (shard) =>
    compileValueScript(script, shard, !isNumber && !isOfNumbers),
  );
  const asWanted = (value: IndexedValue): IndexedValue =>
    isNumber || isOfNumbers
      ? Number(value)
      : typeof value === "number"
        ? doubleText(value)
        : String(value);
  const read = (document: SearchDocument): readonly IndexedValue[] => {
    const compute = run(document);
    if (compute === undefined) return none;
    const found =
      own === undefined
        ? compute(document, 0)
        : own.read(document).flatMap((value) => compute(document, 0, scriptValue(value, own)));
    if (found.length === 0) return unmappedReader(missing)(document);
    return found.map(asWanted);
  };
  const field: Field | undefined =
    isOfNumbers && !isNumber && own?.field !== undefined
      ? { ...own.field, kind: "double", type: "double" }
      : undefined;
  return { field, read, identify: read };
}

function scriptValue(value: IndexedValue, { field }: ValuesSource): unknown {
  if (field === undefined) throw notSupported("[script] over a field that nothing maps");
  return shown(field, value);
}

/** Types of fields that `value_type` stands for where nothing maps the field. */
const valueTypes: Readonly<Record<string, string>> = {
  string: "keyword",
  byte: "long",
  short: "long",
  integer: "long",
  long: "long",
  float: "double",
  double: "double",
  number: "double",
  numeric: "double",
  date: "date",
  ip: "ip",
  boolean: "boolean",
};

/** Values of a field that nothing maps: that of `missing`, as a field of the type would have it. */
function unmappedSource(
  name: string,
  valueType: string,
  missing: unknown,
  context: AggregationContext,
): ValuesSource {
  const type = valueTypes[valueType];
  if (type === undefined) throw notSupported(`[value_type] [${valueType}]`);
  const [shard] = context.shards;
  if (shard === undefined) return unmapped(missing);
  const find = (asked: string): MappedField | undefined =>
    asked === name ? { type, parameters: {} } : undefined;
  const field = resolveField({ ...shard, mappings: { find } }, name);
  const value = field === undefined ? undefined : indexedValue(field, missing);
  const values: readonly IndexedValue[] = value === undefined ? none : [value];
  return { field, read: () => values, identify: () => values };
}

const plainForm: SourceForm = {};

/** As {@link compileSource}, for a field by its name. */
export function sourceOfField(
  type: string,
  name: string,
  missing: unknown,
  context: AggregationContext,
  accepts: (field: Field) => boolean,
  form: SourceForm = plainForm,
): ValuesSource {
  const byIndex = new Map<string, FieldReader>();
  const ownFields = new Map<string, Field>();
  const fields: Field[] = [];
  for (const shard of context.shards) {
    if (byIndex.has(shard.index)) continue;
    const field = resolveField(shard, name);
    if (field === undefined || field.kind === "object" || field.kind === "nested") {
      byIndex.set(shard.index, constantReader(unmappedValue(type, missing, shard, form)));
      continue;
    }
    byIndex.set(shard.index, mappedReader(type, name, field, missing, shard, accepts, form));
    ownFields.set(shard.index, field);
    fields.push(field);
  }
  const [first] = fields;
  const [only] = byIndex.values();
  if (byIndex.size === 1 && only !== undefined) return { field: first, read: only, identify: only };
  if (first === undefined) return unmapped(missing);
  const merged = mergeFields(name, first, fields);
  const isDouble = merged.kind === "double";
  return {
    field: merged,
    identify(document) {
      const values = byIndex.get(document.index)?.(document) ?? none;
      const kind = ownFields.get(document.index)?.kind;
      return kind === merged.kind ? values : values.map((value) => `${kind} ${value}`);
    },
    read(document) {
      const values = byIndex.get(document.index)?.(document) ?? none;
      // A whole number beyond 2^53 among fractions is one of them.
      return isDouble ? values.map(asDouble) : values;
    },
  };
}

function asDouble(value: IndexedValue): IndexedValue {
  return typeof value === "bigint" ? Number(value) : value;
}

function unmapped(missing: unknown): ValuesSource {
  const read = unmappedReader(missing);
  return { field: undefined, read, identify: read };
}

function unmappedReader(missing: unknown): FieldReader {
  const value = typeof missing === "boolean" ? String(missing) : missing;
  const isValue = typeof value === "string" || typeof value === "number";
  return constantReader(isValue ? value : undefined);
}

function constantReader(value: IndexedValue | undefined): FieldReader {
  const values: readonly IndexedValue[] = value === undefined ? none : [value];
  return () => values;
}

function mappedReader(
  type: string,
  name: string,
  field: Field,
  missing: unknown,
  shard: SearchContext,
  accepts: (field: Field) => boolean,
  { format, zone }: SourceForm,
): FieldReader {
  const hasFormat = format !== undefined;
  if (type === "weighted_avg" && !accepts(field)) {
    if (field.type === "geo_point") throw notSupported("[weighted_avg] of points");
    requireDocValues(field, shard);
    if (hasFormat) refuseFormat(field, shard);
    const reason = `Expected numeric type on field [${name}], but got [${field.type}]`;
    throw shardFailure(shard.index, "illegal_argument_exception", reason);
  }
  const isPoint = field.type === "geo_point" && field.hasDocValues;
  const plain = isPoint ? pointTexts(field) : createDocValues(field, shard);
  if (hasFormat && !isDateLike(field)) refuseFormat(field, shard);
  if (isPoint && missing !== undefined) throw notSupported(`[missing] of points in [${type}]`);
  if (zone !== undefined && field.kind !== "date") {
    const reason = `Field [${field.name}] of type [${field.type}] does not support custom time zones`;
    throw shardFailure(shard.index, "illegal_argument_exception", reason);
  }
  const isDate = field.kind === "date" && typeof format === "string";
  const substitute = missingValue(
    shard,
    isDate ? { ...field, dateFormat: format } : field,
    missing,
  );
  if (!accepts(field) || (isPoint && !pointTypes.has(type))) {
    const reason = `Field [${field.name}] of type [${field.type}] is not supported for aggregation [${type}]`;
    throw shardFailure(shard.index, "illegal_argument_exception", reason);
  }
  if (isDate) inShard(shard, () => printDate(0, format));
  const read = field.type === "date_nanos" ? inMilliseconds(plain) : plain;
  if (missing === undefined || missing === null) return read;
  if (substitute === undefined) throw notSupported(`[missing] [${textOf(missing)}] in [${type}]`);
  const isFraction = typeof substitute === "number" && !Number.isInteger(substitute);
  if (isFraction && field.kind !== "double" && type === "terms")
    throw notSupported(`[missing] [${textOf(missing)}] in [terms] of whole numbers`);
  const isNanos = field.type === "date_nanos" && typeof missing !== "number";
  const substitutes = [isNanos ? toMilliseconds(substitute) : substitute];
  return (document) => {
    const values = read(document);
    return values.length > 0 ? values : substitutes;
  };
}

function refuseFormat(field: Field, { index }: SearchContext): never {
  const reason = `Field [${field.name}] of type [${field.type}] does not support custom formats`;
  throw shardFailure(index, "illegal_argument_exception", reason);
}

/** The value of `missing`, read as the field reads what it writes itself. */
function missingValue(
  shard: SearchContext,
  field: Field,
  missing: unknown,
): IndexedValue | undefined {
  if (missing === undefined || missing === null) return undefined;
  // A number is taken as it is; a text is read as the field shows its values.
  if (isNumeric(field) && typeof missing === "number") return missing;
  return formattedValue(shard, field, missing);
}

/**
 * Reads what an aggregation says of a field's values as the field's format reads it.
 *
 * @throws {EsError} the refusal of the shard
 */
export function formattedValue(
  shard: SearchContext,
  field: Field | undefined,
  missing: unknown,
): IndexedValue | undefined {
  if (field === undefined) return numberValue(shard, missing);
  if (isPlainNumber(field)) numberValue(shard, missing);
  if (field.kind === "boolean" && !/^(?:true|false)$/.test(String(missing))) {
    const reason = `Cannot parse boolean [${textOf(missing)}], expected either [true] or [false]`;
    throw shardFailure(shard.index, "illegal_argument_exception", reason);
  }
  const indexed = { ...field, isIndexed: true };
  return unwrapped(shard, () => termRange(shard, indexed, missing)?.from);
}

/** Aggregations that take points beside those that are about points. */
const pointTypes: ReadonlySet<string> = new Set(["value_count", "cardinality", "missing"]);

function pointTexts(field: Field): FieldReader {
  const read = createPointReader(field);
  return (document) => read(document).map(({ lat, lon }) => `${lat},${lon}`);
}

function inMilliseconds(read: FieldReader): FieldReader {
  return (document) => read(document).map(toMilliseconds);
}

function toMilliseconds(nanos: IndexedValue): number {
  return Number(BigInt(nanos) / 1_000_000n);
}

/** One field for what several indices map. @throws {EsError} for types that do not mix */
function mergeFields(name: string, first: Field, fields: readonly Field[]): Field {
  let merged = first;
  for (const field of fields) {
    if (field.kind === merged.kind) continue;
    const kinds = [field.kind, merged.kind];
    if (kinds.includes("long") && kinds.includes("double")) {
      merged = merged.kind === "double" ? merged : field;
    } else if (isNumeric(field) && isNumeric(merged)) continue;
    else {
      throw new EsError(
        400,
        "illegal_argument_exception",
        `Merging/Reducing the aggregations failed when computing the aggregation [${name}] because the field you gave in the aggregation query existed as two different types in two different indices`,
      );
    }
  }
  return merged;
}

/** Fields whose values are numbers: numbers themselves, dates and booleans. */
export function isNumeric(field: Field): boolean {
  return (
    field.kind === "long" ||
    field.kind === "double" ||
    field.kind === "date" ||
    field.kind === "boolean"
  );
}

/** Fields of dates. */
export function isDate(field: Field): boolean {
  return field.kind === "date";
}

/** Fields whose values are counted as dates: dates, and numbers as milliseconds. */
export function isDateLike(field: Field): boolean {
  return isNumeric(field) && field.kind !== "boolean";
}

/** Fields of numbers that are no dates. */
export function isPlainNumber(field: Field): boolean {
  return field.kind === "long" || field.kind === "double";
}

/** Any field that has values to group by. */
export function isAnything(): boolean {
  return true;
}
