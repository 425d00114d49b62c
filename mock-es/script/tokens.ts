/** Tokens of Painless scripts. */
import { Double } from "./values.ts";

/** What a token is. */
export type TokenKind = "name" | "number" | "string" | "operator" | "end";

/** A token and where it stands, in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

/** A script that does not parse, or uses what is not covered. */
export class ScriptProblem extends Error {
  override readonly name = "ScriptProblem";
  readonly at: number;
  /** True for a part of the language that exists but is not imitated. */
  readonly isUncovered: boolean;

  constructor(message: string, at: number, isUncovered = false) {
    super(message);
    this.at = at;
    this.isUncovered = isUncovered;
  }
}

const pattern =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<name>[A-Za-z_]\w*)|(?<number>0[xX][0-9a-fA-F]+[lL]?|(?:\d+\.\d+|\d+)(?:[eE][+-]?\d+)?[fFdDlL]?)|(?<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|(?<operator>==~|=~|===|!==|\?\.|\?:|<=|>=|==|!=|&&|\|\||\+\+|--|\+=|-=|\*=|\/=|%=|->|::|<<|>>|[-+*/%=<>!?:;,.(){}[\]&|^~])/y;

/**
 * Takes a script apart.
 *
 * @throws {ScriptProblem} for a character that begins no token
 */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < source.length) {
    const at = pattern.lastIndex;
    const groups = pattern.exec(source)?.groups;
    if (groups === undefined) {
      const shown = source.slice(at, at + 10);
      throw new ScriptProblem(`unexpected character [${shown.charAt(0)}].`, at);
    }
    for (const kind of ["name", "number", "string", "operator"] as const) {
      const text = groups[kind];
      if (text === undefined) continue;
      if (kind === "operator" && beginsExpression(text, tokens.at(-1)))
        throw new ScriptProblem("a regular expression", at, true);
      tokens.push({ kind, text, at });
    }
  }
  tokens.push({ kind: "end", text: "", at: source.length });
  return tokens;
}

/** True for an operator of regular expressions, or a slash where a value has to stand. */
function beginsExpression(text: string, before: Token | undefined): boolean {
  if (text === "=~" || text === "==~") return true;
  if (text !== "/") return false;
  return before?.kind === "operator"
    ? ![")", "]", "}"].includes(before.text)
    : before?.text === "return";
}

/** The text that a string literal stands for. */
export function unquoted(literal: string): string {
  return literal.slice(1, -1).replaceAll(/\\(.)/g, (_, character: string) => {
    if (character === "n") return "\n";
    if (character === "t") return "\t";
    return character === "r" ? "\r" : character;
  });
}

/** The number that a literal stands for. */
export function toNumber(text: string): unknown {
  if (/^0x/i.test(text)) return Number(text.replace(/l$/i, ""));
  const suffix = /[fdl]$/i.exec(text)?.[0].toLowerCase();
  const digits = suffix === undefined ? text : text.slice(0, -1);
  if (suffix === "f") return new Double(Math.fround(Number(digits)));
  return suffix === "d" || /[.e]/i.test(digits) ? new Double(Number(digits)) : Number(digits);
}
