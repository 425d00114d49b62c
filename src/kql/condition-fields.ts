/** Which fields a filter looks at. */
import type { Condition } from "./condition.ts";

/** Names of the fields, those of a free text included. */
export function fieldsOf(condition: Condition): Set<string> {
  const names = new Set<string>();
  collect(condition, names);
  return names;
}

/** Names of the fields that are named in it. */
export function namedFieldsOf(condition: Condition): Set<string> {
  const names = new Set<string>();
  collect(condition, names, false);
  return names;
}

function collect(condition: Condition, names: Set<string>, withText = true): void {
  switch (condition.kind) {
    case "all":
    case "none":
      return;
    case "and":
    case "or":
      for (const part of condition.of) collect(part, names, withText);
      return;
    case "not":
      collect(condition.of, names, withText);
      return;
    case "freeText":
    case "freePattern":
      if (withText) collect(condition.of, names, withText);
      return;
    case "nested":
      names.add(condition.field.name);
      collect(condition.of, names, withText);
      return;
    case "unmapped":
      names.add(condition.name);
      return;
    default:
      names.add(condition.field.name);
  }
}
