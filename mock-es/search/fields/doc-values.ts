/** Doc values: what sorts and aggregations read of fields. */
import { notSupported } from "../../es-error.ts";
import { shardFailure } from "../problem.ts";
import { createTermReader } from "./document-terms.ts";
import type { SearchContext, SearchDocument } from "./document.ts";
import type { Field } from "./field.ts";
import { createReader, type FieldReader } from "./reader.ts";
import { compareZeros } from "./zeros.ts";

/**
 * Refuses fields that have no values to sort or group by.
 *
 * @throws {EsError} a shard's `illegal_argument_exception`
 */
export function requireDocValues(field: Field, context: SearchContext): void {
  const refuse = (reason: string): Error =>
    shardFailure(context.index, "illegal_argument_exception", reason);
  if (field.name === "_id") {
    if (context.limits.allowsIdFielddata) return;
    throw refuse(
      "Fielddata access on the _id field is disallowed, you can re-enable it by updating the dynamic cluster setting: indices.id_field_data.enabled",
    );
  }
  if (field.type === "sparse_vector")
    throw refuse("[sparse_vector] fields do not support sorting, scripting or aggregating");
  if (field.kind === "unsupported" && (field.type !== "binary" || field.hasDocValues))
    throw notSupported(`sorting or grouping by the type [${field.type}]`);
  if (field.kind === "text") {
    if (hasFielddata(field)) return;
    throw refuse(
      `Fielddata is disabled on [${field.name}] in [${context.index}]. Text fields are not optimised for operations that require per-document field data like aggregations and sorting, so these operations are disabled by default. Please use a keyword field instead. Alternatively, set fielddata=true on [${field.name}] in order to load field data by uninverting the inverted index. Note that this can use significant memory.`,
    );
  }
  refuseFielddata(field.name, context);
  if (field.hasDocValues) return;
  throw refuse(
    `Can't load fielddata on [${field.name}] because fielddata is unsupported on fields of type [${field.type}]. Use doc values instead.`,
  );
}

/** Fields of the server that have no values to sort or group by, though every index has them. */
const withoutValues: ReadonlySet<string> = new Set(
  "_data_stream_timestamp _doc_count _field_names _ignored_source _nested_path _routing _source".split(
    " ",
  ),
);

/** @throws {EsError} a shard's refusal of a field of the server that has no doc values */
export function refuseFielddata(name: string, { index }: SearchContext): void {
  if (!withoutValues.has(name)) return;
  const reason = `Fielddata is not supported on field [${name}] of type [${name}]`;
  throw shardFailure(index, "illegal_argument_exception", reason);
}

function hasFielddata(field: Field): boolean {
  const { fielddata } = field.parameters;
  return fielddata === true || fielddata === "true";
}

/**
 * Reads the doc values of a field, numbers in their order; keywords, addresses and the terms of a
 * text with fielddata each once. The array is overwritten by the next call.
 *
 * @throws {EsError} for a field without doc values
 */
export function createDocValues(field: Field, context: SearchContext): FieldReader {
  requireDocValues(field, context);
  if (field.kind === "keyword" || field.kind === "ip") return eachOnce(createReader(field));
  if (field.kind !== "text") return inOrder(createReader(field));
  const read = createTermReader(field);
  return (document: SearchDocument) => [...new Set(read(document).terms)];
}

/** Ordinals are kept as a set, unlike numbers. */
function eachOnce(read: FieldReader): FieldReader {
  return (document) => {
    const values = read(document);
    return values.length < 2 ? values : [...new Set(values)];
  };
}

/** Sums depend on the order in which their numbers are added. */
function inOrder(read: FieldReader): FieldReader {
  return (document) => {
    const values = read(document);
    return values.length < 2
      ? values
      : values.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : compareZeros(a, b)));
  };
}
