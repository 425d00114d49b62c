/** Values of the type `join` in documents. */
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { isRelation, parentsOf } from "../search/fields/join-field.ts";
import { documentParsing } from "./document-problem.ts";
import type { Walk } from "./document-walk.ts";

/**
 * Checks a value: the name of a relation, or an object with `name` and `parent`.
 *
 * @throws {EsError} 400 `document_parsing_exception`
 */
export function checkJoin(walk: Walk, field: string, value: unknown, parameters: JsonObject): void {
  const refuse = (reason: string): Error =>
    documentParsing(walk, `failed to parse: ${reason}`, {
      type: "illegal_argument_exception",
      reason,
    });
  const { name: given, parent } = isObject(value) ? value : { name: value, parent: undefined };
  if (given === undefined || given === null) throw refuse(`null join name in field [${field}]`);
  const name = textOf(given);
  const parentOf = parentsOf(parameters["relations"]);
  if (!isRelation(parentOf, name)) throw refuse(`unknown join name [${name}] for field [${field}]`);
  if (!parentOf.has(name)) return;
  if (parent === undefined || parent === null)
    throw refuse(`[parent] is missing for join field [${field}]`);
  if (walk.routing === undefined) throw refuse(`[routing] is missing for join field [${field}]`);
}
