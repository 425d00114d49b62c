/** Objects that have two members of one name, which the server's parser refuses. */
import { findJsonProblem, type JsonProblem } from "./json-problem.ts";

/**
 * The problem of the first name that an object repeats; `undefined` when none does. `JSON.parse`
 * keeps the last of such members without a word.
 *
 * @param value the parsed text
 */
export function findRepeatedName(text: string, value: unknown): JsonProblem | undefined {
  // A quote and a colon stand behind each name, and in strings perhaps more: as many pairs as
  // members are proof that no name was lost. Otherwise the text is read again.
  if (countPairs(text) === countMembers(value)) return undefined;
  const problem = findJsonProblem(text);
  return problem.message.startsWith("Duplicate field") ? problem : undefined;
}

/** Colons that a quote stands before, with or without white space in between. */
function countPairs(text: string): number {
  let count = 0;
  for (let at = text.indexOf(":"); at !== -1; at = text.indexOf(":", at + 1)) {
    let before = at - 1;
    while (before >= 0 && text.charCodeAt(before) <= space) before--;
    if (text.charCodeAt(before) === quote) count++;
  }
  return count;
}

const space = 0x20;
const quote = 0x22;

function countMembers(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  let count = 0;
  if (Array.isArray(value)) {
    for (const element of value as readonly unknown[])
      if (typeof element === "object") count += countMembers(element);
    return count;
  }
  const object = value as Readonly<Record<string, unknown>>;
  for (const name in object) {
    count++;
    const member = object[name];
    if (typeof member === "object") count += countMembers(member);
  }
  // A number that is kept as text is an object with one member.
  return isRaw(object) ? 0 : count;
}

function isRaw(object: object): boolean {
  return Object.getPrototypeOf(object) === null;
}
