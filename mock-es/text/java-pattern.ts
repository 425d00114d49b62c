/** Regular expressions that were written for Java. */
import { illegalArgument, notSupported } from "../es-error.ts";

/**
 * Compiles a pattern of `java.util.regex`.
 *
 * @param javaFlags names of flags, joined by `|`: `CASE_INSENSITIVE|COMMENTS`
 * @throws {EsError} 400 for a pattern that JavaScript cannot run
 */
export function javaPattern(source: string, flags: string, javaFlags = ""): RegExp {
  let all = flags;
  for (const name of javaFlags.split("|").filter((entry) => entry !== "")) {
    if (name === "CASE_INSENSITIVE") all += "i";
    else if (name === "MULTILINE") all += "m";
    else if (name === "DOTALL") all += "s";
    else if (name !== "UNICODE_CASE" && name !== "UNICODE_CHARACTER_CLASS")
      throw notSupported(`the pattern flag [${name}]`);
  }
  const translated = source
    .replaceAll(/([+*?}])\+/g, "$1")
    .replaceAll(/\\p\{(Alpha|IsAlphabetic)\}/g, "\\p{L}")
    .replaceAll(/\\p\{(Digit|IsDigit)\}/g, "\\p{Nd}")
    .replaceAll(/\\p\{(Punct|IsPunctuation)\}/g, "\\p{P}")
    .replaceAll(/\\p\{Upper\}/g, "\\p{Lu}")
    .replaceAll(/\\p\{Lower\}/g, "\\p{Ll}")
    .replaceAll(/\\p\{Alnum\}/g, "[\\p{L}\\p{Nd}]")
    .replaceAll(/\\p\{Space\}/g, "\\s");
  try {
    return new RegExp(translated, all);
  } catch {
    // With the flag `u`, JavaScript refuses escapes that need none; Java does not.
    try {
      return new RegExp(translated, all.replace("u", ""));
    } catch {
      throw illegalArgument(`the pattern [${source}] is not supported by mock-es`);
    }
  }
}
