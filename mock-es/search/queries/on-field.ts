/** A part of a search over several fields. */
import { EsError, isRefusal } from "../../es-error.ts";
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
    const isOfShard =
      error instanceof EsError &&
      (error.type === "search_phase_execution_exception" || isRefusal(error));
    if (!isOptional || !isOfShard) throw error;
    const { context } = maker;
    const exists = acceptsExisting(context, name);
    for (const document of context.corpus ?? []) if (exists(document)) throw error;
    return nothing();
  }
}
