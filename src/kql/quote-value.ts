/** Writing values so that a filter reads them back as they are. */

const plain = /^[\p{L}\p{N}_.@/+#%=&,;~-]+$/u;
const keywords = new Set(["and", "or", "not", "null"]);

/** The value as a filter has it: in quotes where it holds what filters give a meaning. */
export function quoteValue(value: string): string {
  return plain.test(value) && !keywords.has(value.toLowerCase()) ? value : inQuotes(value);
}

/** The value in quotes. */
export function inQuotes(value: string): string {
  const escaped = value
    .replaceAll(/["\\]/g, "\\$&")
    .replaceAll("\n", "\\n")
    .replaceAll("\r", "\\r")
    .replaceAll("\t", "\\t");
  return `"${escaped}"`;
}
