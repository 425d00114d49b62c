/** Java's classes of JSON values, which some refusals name. */

/** Name of the class of a value that is no object and no list; that of null is a text's. */
export function javaClass(value: unknown): string {
  if (typeof value === "string" || value === null) return "String";
  if (typeof value === "boolean") return "Boolean";
  return typeof value === "bigint" ? "Long" : Number.isInteger(value) ? "Integer" : "Double";
}
