import { isRawNumber } from "./exact-numbers.ts";

/**
 * JSON as the server prints it with `pretty`: two spaces a level, ` : ` between name and value, a
 * newline at the end.
 */
export function prettyJson(value: unknown): string {
  return `${print(value, "")}\n`;
}

function print(value: unknown, indent: string): string {
  if (typeof value !== "object" || value === null || isRawNumber(value))
    return JSON.stringify(value) ?? "null";
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[ ]";
    return `[\n${value.map((element) => inner + print(element, inner)).join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).filter(([, member]) => member !== undefined);
  if (members.length === 0) return "{ }";
  return `{\n${members.map(([name, member]) => `${inner}${JSON.stringify(name)} : ${print(member, inner)}`).join(",\n")}\n${indent}}`;
}
