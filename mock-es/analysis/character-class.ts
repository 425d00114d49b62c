/** The classes of characters that tokenizers name: `letter`, `digit`, `punctuation`, … */
import { illegalArgument } from "../es-error.ts";

const classes: Readonly<Record<string, string>> = {
  letter: String.raw`\p{L}`,
  digit: String.raw`\p{Nd}`,
  whitespace: String.raw`\s`,
  punctuation: String.raw`\p{P}`,
  symbol: String.raw`\p{S}`,
};

/** A pattern for one character of a class. @throws {EsError} 400 for a class that there is not */
export function characterClass(name: string, custom: string): string {
  if (name === "custom") {
    const characters = Array.from(custom).map((one) => one.replace(/[\\\]^-]/, "\\$&"));
    return `[${characters.join("")}]`;
  }
  const found = Object.hasOwn(classes, name) ? classes[name] : undefined;
  if (found !== undefined) return found;
  throw illegalArgument(
    `Unknown token type: '${name}', must be one of [letter, digit, whitespace, punctuation, symbol, custom]`,
  );
}
