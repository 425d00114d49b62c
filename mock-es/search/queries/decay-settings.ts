/** Settings of decay functions. */
import { illegalArgument } from "../../es-error.ts";
import type { JsonObject } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { numberOf } from "./compiled-query.ts";
import { inQuery } from "./shard-problem.ts";

/** The `decay`: the score at the distance of the scale. @throws {EsError} on the shard */
export function decayOf(settings: JsonObject, context: SearchContext): number {
  return inQuery(context, () => {
    const decay = numberOf(settings["decay"] ?? 0.5);
    if (decay > 0 && decay < 1) return decay;
    throw illegalArgument("function_score : decay must be in the range [0..1].");
  });
}

/** @throws {EsError} on the shard for a scale that is none */
export function requireScale(scale: number, context: SearchContext): void {
  if (scale > 0) return;
  inQuery(context, () => {
    throw illegalArgument("function_score : scale must be > 0.0.");
  });
}
