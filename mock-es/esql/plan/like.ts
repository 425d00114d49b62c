/** The patterns of LIKE and RLIKE. */
import { EsError } from "../../es-error.ts";
import { createAutomaton } from "../../text/automaton.ts";
import { parseRegexp } from "../../text/regexp-syntax.ts";
import type { Span } from "../syntax/span.ts";
import type { Analysis } from "./analysis.ts";

/** A test for texts. `*` stands for any characters in LIKE, `?` for one. */
export function likePattern(
  analysis: Analysis,
  span: Span,
  pattern: string,
  isRegexp: boolean,
): (text: string) => boolean {
  if (!isRegexp) {
    const expression = new RegExp(`^${wildcardSource(analysis, span, pattern)}$`, "su");
    return (text) => expression.test(text);
  }
  try {
    const parsed = parseRegexp(pattern, { hasOperators: true, ignoreCase: false });
    const automaton = createAutomaton(parsed);
    if (automaton !== undefined) return (text) => automaton.matches(text);
  } catch (error) {
    if (error instanceof EsError)
      throw analysis.unsupported(span, `the pattern [${pattern}] of RLIKE`);
    throw error;
  }
  throw analysis.unsupported(span, `the pattern [${pattern}] of RLIKE`);
}

function wildcardSource(analysis: Analysis, span: Span, pattern: string): string {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === "\\") {
      const next = pattern.charAt(++at);
      if (next !== "*" && next !== "?" && next !== "\\")
        throw analysis.unsupported(span, `the pattern [${pattern}] of LIKE`);
      source += `\\${next}`;
    } else if (character === "*") source += ".*";
    else if (character === "?") source += ".";
    else source += character.replace(/[\\^$.*+?()[\]{}|/]/, String.raw`\$&`);
  }
  return source;
}
