/** Indices of the system, which a grant reaches only when it says so. */
import { namePattern } from "./name-pattern.ts";

/**
 * Their names. The mock has no such indices, and they can be named. Facts of a server that has
 * nothing but security.
 */
export const restrictedNames: readonly string[] = [
  ".security",
  String.raw`/\.security-[0-9]+(.*)/`,
  ".security-profile",
  String.raw`/\.security-profile-[0-9]+(.*)/`,
  ".security-tokens",
  String.raw`/\.security-tokens-[0-9]+(.*)/`,
  ".synonyms",
  ".synonyms-*",
  ".tasks*",
];
const tests = restrictedNames.map(namePattern);

/** True for a name that belongs to the system. */
export function isRestrictedIndex(name: string): boolean {
  return name.startsWith(".") && tests.some((test) => test(name));
}
