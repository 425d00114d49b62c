/** Patterns of names in roles: `*`, `?`, and Lucene's regular expressions between slashes. */
import { EsError, illegalArgument } from "../es-error.ts";
import { type Automaton, createAutomaton } from "../text/automaton.ts";
import { parseRegexp, parseWildcard } from "../text/regexp-syntax.ts";

/** What a name has to fit, or must not. */
export interface PatternPart {
  readonly automaton: Automaton;
  readonly isNegated: boolean;
}

/**
 * The parts of a pattern, all of which a name fits.
 *
 * @throws {EsError} 400 for a broken regular expression, or an operator that is not computed: of
 *   those only `a&b` and `~(a)` as a whole are
 */
export function partsOf(pattern: string): readonly PatternPart[] {
  if (!(pattern.length > 1 && pattern.startsWith("/") && pattern.endsWith("/")))
    return [{ automaton: automatonOf(parseWildcard(pattern, false), pattern), isNegated: false }];
  return pattern
    .slice(1, -1)
    .split("&")
    .map((part) => {
      const inner = /^~\((.*)\)$/s.exec(part)?.[1];
      const automaton = automatonOf(parseRegexp(inner ?? part, options), pattern);
      return { automaton, isNegated: inner !== undefined };
    });
}

/**
 * A test for names that a pattern fits.
 *
 * @throws {EsError} as {@link partsOf}
 */
export function namePattern(pattern: string): (name: string) => boolean {
  if (pattern === "*") return () => true;
  if (!/[*?\\]/.test(pattern) && !pattern.startsWith("/")) return (name) => name === pattern;
  const parts = partsOf(pattern);
  return (name) => parts.every(({ automaton, isNegated }) => automaton.matches(name) !== isNegated);
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

const options = { hasOperators: true, ignoreCase: false };

function automatonOf(parsed: ReturnType<typeof parseRegexp>, pattern: string): Automaton {
  const automaton = createAutomaton(parsed);
  if (automaton === undefined) throw illegalArgument(`the pattern [${pattern}] is too complex`);
  return automaton;
}
