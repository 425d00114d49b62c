/** Indices of the system, which a grant reaches only when it says so. */
import { namePattern } from "./name-pattern.ts";

/** What security keeps its own objects in; the mock has no such indices, and they can be named. */
const tests = [".security", ".security-*", ".security-profile*", ".security-tokens*"].map(
  namePattern,
);

/** True for a name that belongs to the system. */
export function isRestrictedIndex(name: string): boolean {
  return name.startsWith(".security") && tests.some((test) => test(name));
}
