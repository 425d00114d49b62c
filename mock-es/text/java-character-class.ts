/** Classes of characters of `java.util.regex`, as those of JavaScript with the flag `v`. */

/** What a pattern has that cannot be run here, or that Java does not take. */
export class PatternProblem extends Error {}

/** Flags that are on at a place of a pattern. */
export interface PatternFlags {
  readonly i: boolean;
  readonly m: boolean;
  readonly s: boolean;
  readonly x: boolean;
}

/** A place in a pattern, which moves on as it is read. */
export interface Cursor {
  readonly source: string;
  at: number;
}

/** What ends a line for Java. */
export const lineEnds = String.raw`\n\r\u0085\u2028\u2029`;
const vertical = String.raw`\n\v\f\r\u0085\u2028\u2029`;
const horizontal = String.raw`\t \u00a0\u1680\u180e\u2000-\u200a\u202f\u205f\u3000`;
const white = String.raw`\t\n\v\f\r `;

/** Escapes that stand for classes; those with capital letters are all others. */
const escapes: Readonly<Record<string, string>> = {
  d: "0-9",
  h: horizontal,
  s: white,
  v: vertical,
  w: "a-zA-Z0-9_",
};

const posix: Readonly<Record<string, string>> = {
  ASCII: String.raw`\x00-\x7f`,
  Alnum: "a-zA-Z0-9",
  Alpha: "a-zA-Z",
  Blank: String.raw`\t `,
  Cntrl: String.raw`\x00-\x1f\x7f`,
  Digit: "0-9",
  Graph: String.raw`\x21-\x7e`,
  Lower: "a-z",
  Print: String.raw`\x20-\x7e`,
  Punct: String.raw`\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e`,
  Space: white,
  Upper: "A-Z",
  XDigit: "0-9a-fA-F",
};

/** Names behind `Is` that are no script, in lower case. */
const binary: Readonly<Record<string, string>> = {
  alphabetic: String.raw`\p{Alphabetic}`,
  assigned: String.raw`\p{Assigned}`,
  control: String.raw`\p{Cc}`,
  digit: String.raw`\p{Nd}`,
  ideographic: String.raw`\p{Ideographic}`,
  letter: String.raw`\p{L}`,
  lowercase: String.raw`\p{Lowercase}`,
  punctuation: String.raw`\p{P}`,
  titlecase: String.raw`\p{Lt}`,
  uppercase: String.raw`\p{Uppercase}`,
  white_space: String.raw`\p{White_Space}`,
};

const category = /^(?:L[ultmo]?|M[nce]?|N[dlo]?|Z[slp]?|C[cfosn]?|P[dsecifo]?|S[mcko]?)$/;
/** With `CASE_INSENSITIVE`, each of them is all of them. */
const ofCase = ["Lu", "Ll", "Lt"];
const casedLetters = String.raw`\p{Lu}\p{Ll}\p{Lt}`;

/**
 * Reads the escape of a class behind its backslash, `d` or `p{Lu}`, and gives what stands within
 * brackets for it; `undefined` where it is none.
 *
 * @throws {PatternProblem} for a property that is not known here
 */
export function classEscape(cursor: Cursor, flags: PatternFlags): string | undefined {
  const letter = cursor.source[cursor.at] ?? "";
  const lower = letter.toLowerCase();
  const isNegated = letter !== lower;
  if (Object.hasOwn(escapes, lower)) {
    cursor.at++;
    return isNegated ? `[^${escapes[lower]}]` : escapes[lower];
  }
  if (lower !== "p") return undefined;
  const found = /^[pP](?:\{([^}]*)\}|([^{]))/.exec(cursor.source.slice(cursor.at));
  if (found === null) throw new PatternProblem("a property without a name");
  cursor.at += found[0].length;
  const inner = property(found[1] ?? found[2] ?? "", flags);
  return isNegated ? `[^${inner}]` : inner;
}

function property(name: string, flags: PatternFlags): string {
  if (Object.hasOwn(posix, name))
    return flags.i && (name === "Lower" || name === "Upper") ? "a-zA-Z" : (posix[name] ?? "");
  const [, script] = /^(?:Is|script=|sc=)(.*)$/i.exec(name) ?? [];
  const [, general] = /^(?:Is|general_category=|gc=)?(.*)$/i.exec(name) ?? [];
  if (general !== undefined && category.test(general))
    return flags.i && ofCase.includes(general) ? casedLetters : `\\p{${general}}`;
  if (general === "LC") return casedLetters;
  if (name.startsWith("Is")) {
    const known = binary[name.slice(2).toLowerCase()];
    if (known !== undefined && !flags.i) return known;
  }
  if (script !== undefined && isScript(script)) return `\\p{Script=${script}}`;
  throw new PatternProblem(`the property [${name}]`);
}

function isScript(name: string): boolean {
  try {
    return new RegExp(`\\p{Script=${name}}`, "v").source !== "";
  } catch {
    return false;
  }
}

/** A character as JavaScript takes it anywhere in a pattern, and in a class. */
export function literal(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return /^[A-Za-z0-9]$/.test(character) ? character : `\\u{${code.toString(16)}}`;
}

/** With both of its cases, where these do not count. @throws {PatternProblem} beyond ASCII */
export function inBothCases(character: string, flags: PatternFlags): string {
  if (!flags.i) return literal(character);
  return /^[A-Za-z]$/.test(character)
    ? character.toLowerCase() + character.toUpperCase()
    : literal(character);
}

/** A range with both cases of its letters, where these do not count. */
function range(from: string, to: string, flags: PatternFlags): string {
  const [first = 0, last = 0] = [from.codePointAt(0), to.codePointAt(0)];
  if (last < first) throw new PatternProblem("a range that ends before it begins");
  const own = `${literal(from)}-${literal(to)}`;
  if (!flags.i) return own;
  const others = Array.from(alphabet)
    .flatMap((letter) => [letter, letter.toUpperCase()])
    .filter((letter) => first <= letter.charCodeAt(0) && letter.charCodeAt(0) <= last)
    .map((letter) => letter.toLowerCase() + letter.toUpperCase());
  return own + others.join("");
}

const alphabet = "abcdefghijklmnopqrstuvwxyz";

/**
 * Reads a class behind its opening bracket, those within it included.
 *
 * @param character reads a character behind a backslash
 * @throws {PatternProblem} for what is no class
 */
export function readClass(
  cursor: Cursor,
  flags: PatternFlags,
  character: (cursor: Cursor) => string,
): string {
  const { source } = cursor;
  const isNegated = source[cursor.at] === "^";
  if (isNegated) cursor.at++;
  const operands: string[] = [];
  let items = "";
  for (;;) {
    const here = source[cursor.at];
    if (here === undefined) throw new PatternProblem("a class without its end");
    if (here === "]" && (items !== "" || operands.length > 0)) {
      cursor.at++;
      break;
    }
    if (flags.x && /[\s#]/.test(here)) throw new PatternProblem("a class with comments");
    if (source.startsWith("&&", cursor.at)) {
      cursor.at += 2;
      operands.push(items);
      items = "";
    } else if (here === "[") {
      cursor.at++;
      items += readClass(cursor, flags, character);
    } else items += readItem(cursor, flags, character);
  }
  operands.push(items);
  if (operands.includes("")) throw new PatternProblem("an intersection with nothing");
  const inner =
    operands.length === 1 ? items : operands.map((operand) => `[${operand}]`).join("&&");
  return `[${isNegated ? "^" : ""}${inner}]`;
}

function readItem(
  cursor: Cursor,
  flags: PatternFlags,
  character: (cursor: Cursor) => string,
): string {
  const { source } = cursor;
  const isEscape = source[cursor.at] === "\\";
  if (isEscape) {
    cursor.at++;
    const known = classEscape(cursor, flags);
    if (known !== undefined) return known;
  }
  const from = isEscape ? character(cursor) : plain(cursor);
  const next = source[cursor.at + 1];
  if (source[cursor.at] !== "-" || next === undefined || next === "]" || next === "[")
    return inBothCases(from, flags);
  cursor.at++;
  if (source[cursor.at] !== "\\") return range(from, plain(cursor), flags);
  cursor.at++;
  return range(from, character(cursor), flags);
}

/** The character at a place, both halves of it. */
export function plain(cursor: Cursor): string {
  const character = String.fromCodePoint(cursor.source.codePointAt(cursor.at) ?? 0);
  cursor.at += character.length;
  return character;
}
