/** A part of a search over several fields. */
import { EsError, isRefusal } from "../../es-error.ts";
import type { SearchContext } from "../fields/document.ts";
import { nestedScope, parentPathOf } from "../fields/nested-documents.ts";
import type { QueryMaker } from "./query-maker.ts";
import { acceptsExisting } from "./term-level-queries.ts";
import { leniently } from "./text-queries.ts";
import type { WeightedField } from "./weighted-fields.ts";

/**
 * Makes the query on one of the fields. Its refusal does not count where the search is lenient, or
 * where the field was found by a pattern and no document of the shard has it: the server leaves out
 * such a field.
 */
export function onField<T>(
  { name, boost, isOptional }: WeightedField,
  isLenient: boolean,
  maker: QueryMaker<T>,
  make: () => T,
): T {
  const nothing = (): T => maker.none(`failed [${name}] query`);
  try {
    return maker.boosted(leniently(isLenient, make, nothing), boost);
  } catch (error) {
    if (!isOptional || !(error instanceof EsError)) throw error;
    const { context } = maker;
    // What is refused by name would find nothing where no document that is searched has it.
    const isThere = isRefusal(error)
      ? isIn(context, name)
      : error.type !== "search_phase_execution_exception" || isWritten(name, context);
    if (isThere) throw error;
    return nothing();
  }
}

/** True where a document of the shard, or a nested object in one, has the field. */
export function isWritten(name: string, context: SearchContext): boolean {
  const { roots = context.corpus, mappings } = context;
  const whole = { ...context, corpus: roots, nestedPath: undefined };
  const path = parentPathOf(mappings, name);
  return isIn(path === undefined ? whole : { ...whole, ...nestedScope(whole, path) }, name);
}

function isIn(context: SearchContext, name: string): boolean {
  const exists = acceptsExisting(context, name);
  for (const document of context.corpus ?? []) if (exists(document)) return true;
  return false;
}
