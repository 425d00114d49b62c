/** Wildcard patterns of index names: `*` stands for any characters, everything else for itself. */

/** Whether the pattern matches the whole name. Linear for the short names that indices have. */
export function matchesWildcard(pattern: string, name: string): boolean {
  const firstStar = pattern.indexOf("*");
  if (firstStar < 0) return pattern === name;
  const lastStar = pattern.lastIndexOf("*");
  const suffixLength = pattern.length - lastStar - 1;
  if (name.length < firstStar + suffixLength) return false;
  if (!name.startsWith(pattern.slice(0, firstStar))) return false;
  if (!name.endsWith(pattern.slice(lastStar + 1))) return false;
  // The leftmost place of each part between two stars leaves the most room for those behind it.
  const end = name.length - suffixLength;
  let from = firstStar;
  let star = firstStar;
  while (star < lastStar) {
    const next = pattern.indexOf("*", star + 1);
    const part = pattern.slice(star + 1, next);
    const at = name.indexOf(part, from);
    if (at < 0 || at + part.length > end) return false;
    from = at + part.length;
    star = next;
  }
  return true;
}

/**
 * Whether some name matches both patterns. Exact: with a `*` in each, a common name exists if and
 * only if one prefix begins the other and one suffix ends the other, because everything between
 * can stand one behind the other.
 */
export function wildcardsIntersect(one: string, other: string): boolean {
  if (!one.includes("*")) return matchesWildcard(other, one);
  if (!other.includes("*")) return matchesWildcard(one, other);
  const onePrefix = one.slice(0, one.indexOf("*"));
  const otherPrefix = other.slice(0, other.indexOf("*"));
  if (!onePrefix.startsWith(otherPrefix) && !otherPrefix.startsWith(onePrefix)) return false;
  const oneSuffix = one.slice(one.lastIndexOf("*") + 1);
  const otherSuffix = other.slice(other.lastIndexOf("*") + 1);
  return oneSuffix.endsWith(otherSuffix) || otherSuffix.endsWith(oneSuffix);
}
