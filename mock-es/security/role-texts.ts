/** Lists of texts in roles. */
import { EsError } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { readTextArray } from "../json/text-array.ts";

/**
 * The texts of a member of a role; `undefined` for null.
 *
 * @throws {EsError} 400 for what is no list of texts
 */
export function textList(
  role: string,
  holder: JsonObject,
  key: string,
): readonly string[] | undefined {
  try {
    return readTextArray(holder, key);
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    const cause = error.toCause();
    const { container = holder, key: at = key, point = "value" } = error.stand ?? {};
    throw new EsError(400, "parse_exception", `failed to parse role [${role}]`, {
      root_cause: [cause],
      caused_by: cause,
    }).standingAt(container, at, point);
  }
}
