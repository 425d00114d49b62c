/** Patterns of names in roles: `*`, `?`, and Lucene's regular expressions between slashes. */
import { EsError, illegalArgument } from "../es-error.ts";
import { createAutomaton } from "../text/automaton.ts";
import { parseRegexp, parseWildcard } from "../text/regexp-syntax.ts";

/**
 * A test for names that a pattern fits.
 *
 * @throws {EsError} 400 for a broken regular expression, or an operator that is not computed: of
 *   those only `a&b` and `~(a)` as a whole are
 */
export function namePattern(pattern: string): (name: string) => boolean {
  if (pattern === "*") return () => true;
  if (pattern.length > 1 && pattern.startsWith("/") && pattern.endsWith("/")) {
    const parts = pattern
      .slice(1, -1)
      .split("&")
      .map((part) => expression(part, pattern));
    return (name) => parts.every((test) => test(name));
  }
  if (!/[*?\\]/.test(pattern)) return (name) => name === pattern;
  return matcher(parseWildcard(pattern, false), pattern);
}

/** False for a regular expression that is none. */
export function isPattern(text: string): boolean {
  try {
    namePattern(text);
    return true;
  } catch (error) {
    if (error instanceof EsError) return false;
    throw error;
  }
}

function expression(source: string, pattern: string): (name: string) => boolean {
  const inner = /^~\((.*)\)$/s.exec(source)?.[1];
  const matches = matcher(parseRegexp(inner ?? source, options), pattern);
  return inner === undefined ? matches : (name) => !matches(name);
}

const options = { hasOperators: true, ignoreCase: false };

function matcher(
  parsed: ReturnType<typeof parseRegexp>,
  pattern: string,
): (name: string) => boolean {
  const automaton = createAutomaton(parsed);
  if (automaton === undefined) throw illegalArgument(`the pattern [${pattern}] is too complex`);
  return (name) => automaton.matches(name);
}

/**
 * True when one of some patterns fits everything that another pattern fits. What only several of
 * them fit together is not seen, nor are parts of regular expressions.
 */
export function isCovered(pattern: string, by: readonly string[]): boolean {
  if (pattern.startsWith("/")) return by.includes(pattern) || by.includes("*");
  // A wildcard of the pattern stands for any text, so only a wildcard can take it: a character that
  // no name has takes its place.
  const probe = pattern.replaceAll("*", "\u{10FFFE}");
  return by.some((other) => {
    if (other === pattern || other === "*") return true;
    if (pattern.includes("*") && (other.includes("?") || other.startsWith("/"))) return false;
    return namePattern(other)(probe);
  });
}
