/** Patterns with `*` and `?`, which EQL does not escape, and with regular expressions. */
import { EsError } from "../es-error.ts";
import { createAutomaton } from "../text/automaton.ts";
import { parseRegexp } from "../text/regexp-syntax.ts";

/** True for a text in which something stands for other characters. */
export function hasWildcard(pattern: string): boolean {
  return /[*?]/.test(pattern);
}

/** A pattern as a query of the index takes it: backslashes stand for themselves. */
export function wildcardValue(pattern: string): string {
  return pattern.replaceAll("\\", "\\\\");
}

/** A text of which nothing stands for anything else. */
export function escaped(text: string): string {
  return text.replaceAll(/[\\*?]/g, String.raw`\$&`);
}

/** A test for texts that fit a pattern with `*` and `?`. */
export function wildcardTest(pattern: string, ignoresCase: boolean): (text: string) => boolean {
  const source = pattern
    .replaceAll(/[\\^$.+()[\]{}|/]/g, String.raw`\$&`)
    .replaceAll(/\*+/g, ".*")
    .replaceAll("?", ".");
  const expression = new RegExp(`^${source}$`, ignoresCase ? "sui" : "su");
  return (text) => expression.test(text);
}

/**
 * A test for texts that fit a regular expression as a whole; `undefined` for one that is not read
 * here.
 */
export function regexpTest(
  pattern: string,
  ignoresCase: boolean,
): ((text: string) => boolean) | undefined {
  try {
    const automaton = createAutomaton(
      parseRegexp(pattern, { hasOperators: true, ignoreCase: ignoresCase }),
    );
    return automaton === undefined ? undefined : (text) => automaton.matches(text);
  } catch (error) {
    if (error instanceof EsError) return undefined;
    throw error;
  }
}
