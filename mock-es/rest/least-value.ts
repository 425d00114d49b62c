import { illegalArgument } from "../es-error.ts";
import type { QueryParameters } from "./query-parameters.ts";

/** Refuses a number below the least that a parameter can have. @throws {EsError} 400 */
export function checkAtLeast(
  query: QueryParameters,
  name: string,
  shown: string,
  least: number,
): void {
  const value = query.integer(name);
  if (value !== undefined && value < least) throw illegalArgument(`${shown} must be >= ${least}`);
}
