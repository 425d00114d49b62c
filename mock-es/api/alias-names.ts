/** Names and patterns of aliases in requests. */
import { simplePattern } from "../text/simple-pattern.ts";

/** True for a name that is neither a pattern nor taken out of one. */
export function isPlainName(name: string): boolean {
  return !name.includes("*") && name !== "_all" && !name.startsWith("-");
}

/** True for a name that has to be there: no pattern, and nothing behind it takes it out again. */
export function mustExist(names: readonly string[], at: number): boolean {
  const name = names[at] ?? "";
  const firstPattern = names.findIndex((entry) => entry.includes("*"));
  const patternAt = firstPattern === -1 ? names.length : firstPattern;
  if (name === "_all" || name.includes("*") || (at > patternAt && name.startsWith("-")))
    return false;
  return !names
    .slice(Math.max(at + 1, patternAt))
    .some((entry) => entry.startsWith("-") && simplePattern(entry.slice(1)).test(name));
}

/** True for an alias that names and patterns lead to, one after the other. */
export function isWanted(alias: string, names: readonly string[]): boolean {
  let wanted = false;
  for (const name of names) {
    if (name.startsWith("-") && wanted) {
      if (simplePattern(name.slice(1)).test(alias)) wanted = false;
    } else if (name === "_all" || simplePattern(name).test(alias)) wanted = true;
  }
  return wanted;
}
