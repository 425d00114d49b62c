/** Which fields a filter looks at. */
import type { Condition } from "./condition.ts";

/** Names of the fields, those of a free text included. */
export function fieldsOf(condition: Condition): Set<string> {
  const names = new Set<string>();
  collect(condition, names);
  return names;
}

function collect(condition: Condition, names: Set<string>): void {
  switch (condition.kind) {
    case "all":
    case "none":
      return;
    case "and":
    case "or":
      for (const part of condition.of) collect(part, names);
      return;
    case "not":
    case "freeText":
    case "freePattern":
      collect(condition.of, names);
      return;
    case "nested":
      names.add(condition.field.name);
      collect(condition.of, names);
      return;
    case "unmapped":
      names.add(condition.name);
      return;
    default:
      names.add(condition.field.name);
  }
}
