/** Members of queries that the server reads by its parsers of whole objects. */
import { EsError, xContentParseException } from "../../es-error.ts";
import { type JsonObject, tokenOf } from "../../json/json-value.ts";
import { isUnsupported, stageOf } from "../faults.ts";
import { booleanSetting } from "./clause.ts";
import { boostOf } from "./compiled-query.ts";

/** A refusal of a field's value, inside the server's own of the field. */
export function inField<T>(name: string, field: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EsError) || stageOf(error) !== "parse" || isUnsupported(error))
      throw error;
    throw xContentParseException(`[${name}] failed to parse field [${field}]`).around(error);
  }
}

/** As {@link inField}, for a value that stands in a body by itself. */
export function inMember<T>(name: string, body: JsonObject, key: string, run: () => T): T {
  return inField(name, key, () => {
    try {
      return run();
    } catch (error) {
      if (error instanceof EsError && error.place === undefined && error.stand === undefined)
        error.standingAt(body, key);
      throw error;
    }
  });
}

/** Checks a member that every query has, or one that `bool` has. @throws {EsError} */
export function checkObjectMember(name: string, body: JsonObject, key: string): void {
  const value = body[key];
  const token = tokenOf(value);
  const refuse = (): Error => {
    const reason = `[${name}] ${key} doesn't support values of type: ${token}`;
    return xContentParseException(reason).at(body, key);
  };
  if (key === "_name" && typeof value !== "string") throw refuse();
  if (key === "minimum_should_match" && typeof value === "object" && value !== null) throw refuse();
  if (key === "adjust_pure_negative") {
    if (typeof value !== "boolean" && typeof value !== "string") throw refuse();
    inMember(name, body, key, () => booleanSetting(body, key, true));
  }
  if (key !== "boost") return;
  if (typeof value !== "number" && typeof value !== "string") throw refuse();
  inMember(name, body, key, () => boostOf(name, body));
}
