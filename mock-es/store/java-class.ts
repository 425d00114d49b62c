/** Java's classes of JSON values, which some refusals name. */
import { EsError } from "../es-error.ts";
import { isObject } from "../json/json-value.ts";

/** Name of the class of a value that is no object and no list; that of null is a text's. */
export function javaClass(value: unknown): string {
  if (typeof value === "string" || value === null) return "String";
  if (typeof value === "boolean") return "Boolean";
  return typeof value === "bigint" ? "Long" : Number.isInteger(value) ? "Integer" : "Double";
}

/** What Java says where it expected a value of another kind. */
export function classCast(value: unknown, wanted: "List" | "Map"): EsError {
  const type = Array.isArray(value)
    ? "java.util.ArrayList"
    : isObject(value)
      ? "java.util.LinkedHashMap"
      : `java.lang.${javaClass(value)}`;
  const other = `java.util.${wanted}`;
  const reason = `class ${type} cannot be cast to class ${other} (${type} and ${other} are in module java.base of loader 'bootstrap')`;
  return new EsError(400, "class_cast_exception", reason);
}

/** What Java says where it expected a value. @param what the call, and `because` of what */
export function nullPointer(what: string): EsError {
  return new EsError(400, "null_pointer_exception", `Cannot invoke ${what} is null`);
}
