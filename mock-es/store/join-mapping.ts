/** Fields of the type `join` in mappings. */
import { toTexts } from "../json/coerce.ts";
import { isObject } from "../json/json-value.ts";
import { illegalArgument } from "../es-error.ts";
import type { FlatFields } from "./flat-fields.ts";

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
