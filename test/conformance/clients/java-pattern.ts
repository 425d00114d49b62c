/** Patterns of test files, which are written for Java. */

/**
 * The pattern of a `/…/` in a file. `isVerbose` reads it with Java's flag COMMENTS: white space and
 * comments from `#` to the end of a line do not count unless escaped.
 */
export function toPattern(source: string, isVerbose: boolean): RegExp {
  const plain = isVerbose ? withoutComments(source) : source;
  // Possessive quantifiers only save Java work; `$` also matches before a last newline there.
  const translated = plain.replaceAll(/([+*?}])\+/g, "$1").replace(/(?<!\\)\$$/, "(?:\\n?)$");
  return new RegExp(translated, /\\[pP]\{/.test(translated) ? "u" : "");
}

function withoutComments(source: string): string {
  let result = "";
  for (let at = 0; at < source.length; at++) {
    const character = source.charAt(at);
    if (character === "\\") {
      const next = source.charAt(++at);
      // With the flag `u`, JavaScript knows no escape of a character that needs none.
      result += /[\s#]/.test(next) ? escapedSpace(next) : character + next;
    } else if (character === "#") {
      while (at < source.length && source.charAt(at) !== "\n") at++;
    } else if (!/\s/.test(character)) result += character;
  }
  return result;
}

function escapedSpace(character: string): string {
  return character === "\n" ? "\\n" : character;
}
