/** Patterns of field names. */
import { notSupported } from "../../es-error.ts";
import { isObject } from "../../json/json-value.ts";
import { createPathMatcher } from "../fetch/source-filter.ts";
import type { SearchContext } from "./document.ts";
import { isObjectType } from "./field.ts";

/**
 * Mapped fields whose full name fits a pattern with `*`, from the mappings where they can list
 * their fields, otherwise from the documents that are searched (multi-fields then stay out).
 */
export function expandFields(pattern: string, context: SearchContext): string[] {
  const matches = createPathMatcher([pattern]);
  const listed = context.mappings.fieldNames?.();
  const names = new Set<string>(listed);
  if (listed === undefined) {
    if (context.corpus === undefined) throw notSupported(`the field pattern [${pattern}]`);
    for (const document of context.corpus) collectNames(document.source, "", names);
  }
  return [...names].filter((name) => {
    const type = context.mappings.find(name)?.type;
    return type !== undefined && !isObjectType(type) && matches(name);
  });
}

function collectNames(value: unknown, path: string, names: Set<string>): void {
  if (Array.isArray(value)) {
    for (const element of value as readonly unknown[]) collectNames(element, path, names);
  } else if (isObject(value)) {
    for (const [name, inner] of Object.entries(value))
      collectNames(inner, path === "" ? name : `${path}.${name}`, names);
  } else {
    names.add(path);
  }
}
