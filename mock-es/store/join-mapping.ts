/** Fields of the type `join` in mappings and documents. */
import { toTexts } from "../json/coerce.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { illegalArgument } from "../es-error.ts";
import { isRelation, parentsOf } from "../search/fields/join-field.ts";
import { documentParsing } from "./document-problem.ts";
import type { Walk } from "./document-walk.ts";
import type { FlatFields } from "./mapping-checks.ts";

/**
 * Completes the parameters of a `join` as the server shows them.
 *
 * @throws {EsError} 400 for relations that do not fit together
 */
export function completeJoin(parameters: Record<string, unknown>): void {
  parameters["eager_global_ordinals"] ??= true;
  const { relations = {} } = parameters;
  if (!isObject(relations)) throw illegalArgument("[relations] must be an object");
  const seen = new Map<string, string>();
  const shown: Record<string, unknown> = {};
  for (const [parent, given] of Object.entries(relations)) {
    const children = toTexts(given);
    for (const child of children) {
      const other = seen.get(child);
      if (other !== undefined)
        throw illegalArgument(`[${child}] cannot have multiple parents: [${other}, ${parent}]`);
      seen.set(child, parent);
    }
    shown[parent] = children.length === 1 ? children[0] : children;
  }
  parameters["relations"] = shown;
}

/** An index has one join field at most. @throws {EsError} 400 */
export function checkJoins(fields: FlatFields): void {
  const names = [...fields].filter(([, { type }]) => type === "join").map(([name]) => name);
  if (names.length < 2) return;
  throw illegalArgument(
    `Only one [parent-join] field can be defined per index, got [${names.join(", ")}]`,
  );
}

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
