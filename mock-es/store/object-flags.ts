/** Settings that objects of a mapping have, its root among them. */
import { textOf } from "../json/json-value.ts";
import { nodeBoolean, notABoolean } from "../values/node-boolean.ts";

/** What happens to fields that a document brings and no mapping knows. */
export type DynamicSetting = "true" | "false" | "strict" | "runtime";

/**
 * Reads a value of `dynamic`.
 *
 * @throws {EsError} 400
 */
export function readDynamic(value: unknown): DynamicSetting {
  const text = textOf(value).toLowerCase();
  if (text === "true" || text === "false" || text === "strict" || text === "runtime") return text;
  return readFlag(value, "dynamic.dynamic") ? "true" : "false";
}

/**
 * Reads a boolean of an object's mapping.
 *
 * @throws {EsError} 400
 */
export function readFlag(value: unknown, name: string): boolean {
  if (value === null) throw notABoolean("null", name);
  return nodeBoolean(value, name, false);
}
