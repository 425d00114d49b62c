/** Sorts over several indices whose values do not go together. */
import { EsError } from "../../es-error.ts";
import { isObject } from "../../json/json-value.ts";
import type { SortValueType } from "./sort-key.ts";

/** The refusal of a key whose values are texts in one index and numbers in another. */
export function incompatibleSort(
  given: unknown,
  at: number,
  [one, other]: readonly [SortValueType, SortValueType],
): EsError {
  const key: unknown = [given].flat()[at];
  const field = isObject(key) ? Object.keys(key)[0] : key;
  const reason = `Can't sort on field [${String(field)}]; the field has incompatible sort types: [${one.toUpperCase()}] and [${other.toUpperCase()}] across shards!`;
  return new EsError(400, "search_phase_execution_exception", "", {
    root_cause: [],
    phase: "fetch",
    grouped: true,
    failed_shards: [],
    caused_by: { type: "illegal_argument_exception", reason },
  });
}
