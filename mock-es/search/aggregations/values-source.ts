import {
  illegalArgument,
  type JsonObject,
  notSupported,
  shardFailure,
  textOf,
} from "../problem.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { createReader, resolveField, type Field } from "../fields/field.ts";
import { requireDocValues } from "../sort.ts";
import { termRange } from "../queries/term-query.ts";
import type { IndexedValue } from "../fields/value.ts";

/** Where an aggregation takes its values from. */
export interface ValuesSource {
  /** `undefined` when no mapping knows the field. */
  readonly field: Field | undefined;
  /**
   * Values of a document, or the value of `missing` when it has none. Overwritten by the next call.
   */
  read(document: SearchDocument): readonly IndexedValue[];
}

const NONE: readonly IndexedValue[] = [];

/**
 * Resolves `field` and `missing` of an aggregation.
 *
 * @throws {EsError} when neither is given, for text fields, and for a type the aggregation does not
 *   take
 */
export function compileSource(
  type: string,
  body: JsonObject,
  context: SearchContext,
  accepts: (field: Field) => boolean,
): ValuesSource {
  const name = body["field"];
  if (name === undefined)
    throw illegalArgument("Required one of fields [field, script], but none were specified. ");
  const { missing } = body;
  const field = resolveField(context, textOf(name));
  if (field === undefined || field.kind === "object" || field.kind === "nested") {
    const values: readonly IndexedValue[] =
      typeof missing === "string" || typeof missing === "number" ? [missing] : NONE;
    return { field: undefined, read: () => values };
  }
  requireDocValues(field, context);
  if (!accepts(field)) {
    const reason = `Field [${field.name}] of type [${field.type}] is not supported for aggregation [${type}]`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  const read = createReader(field);
  const substitute = missing === undefined ? undefined : termRange(context, field, missing)?.from;
  if (missing !== undefined && substitute === undefined)
    throw notSupported(`[missing] [${textOf(missing)}] in [${type}]`);
  if (substitute === undefined) return { field, read };
  const substitutes = [substitute];
  return {
    field,
    read(document) {
      const values = read(document);
      return values.length > 0 ? values : substitutes;
    },
  };
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

/** Any field that has values to group by. */
export function isAnything(): boolean {
  return true;
}
