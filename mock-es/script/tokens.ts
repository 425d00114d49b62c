/** Tokens of Painless scripts. */
import { ScriptProblem } from "./problems.ts";
import { Double } from "./values.ts";

/** What a token is. */
export type TokenKind = "name" | "number" | "string" | "pattern" | "operator" | "end";

/** A token and where it stands, in UTF-16 units. */
export interface Token {
  readonly kind: TokenKind;
  readonly text: string;
  readonly at: number;
}

const pattern =
  /\s+|\/\/[^\n]*|\/\*[\s\S]*?\*\/|(?<name>[A-Za-z_]\w*)|(?<number>0[xX][0-9a-fA-F]+[lL]?|(?:\d+\.\d+|\d+)(?:[eE][+-]?\d+)?[fFdDlL]?)|(?<string>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")|(?<operator>>>>=|>>>|<<=|>>=|==~|=~|===|!==|\?\.|\?:|<=|>=|==|!=|&&|\|\||\+\+|--|\+=|-=|\*=|\/=|%=|&=|\|=|\^=|->|::|<<|>>|[-+*/%=<>!?:;,.(){}[\]&|^~$])/y;

const regularExpression = /\/(?:[^/\\\n]|\\.)+\/[cilmsUux]*/y;

/**
 * Takes a script apart.
 *
 * @throws {ScriptProblem} for a character that begins no token
 */
export function tokensOf(source: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < source.length) {
    if (source.charAt(at) === "/" && startsPattern(source, at, tokens.at(-1))) {
      regularExpression.lastIndex = at;
      const [text] = regularExpression.exec(source) ?? [];
      if (text !== undefined) {
        tokens.push({ kind: "pattern", text, at });
        at += text.length;
        continue;
      }
    }
    pattern.lastIndex = at;
    const found = pattern.exec(source);
    if (found === null) throw unexpected(source, at);
    for (const kind of ["name", "number", "string", "operator"] as const) {
      const text = found.groups?.[kind];
      if (text !== undefined) tokens.push({ kind, text, at });
    }
    at = pattern.lastIndex;
  }
  tokens.push({ kind: "end", text: "", at: source.length });
  return tokens;
}

function unexpected(source: string, at: number): ScriptProblem {
  const isText = /['"]/.test(source.charAt(at));
  const shown = isText ? source.slice(at).split("\n")[0] : source.charAt(at);
  return new ScriptProblem(`unexpected character [${shown}].`, at);
}

/** True for a slash where a value has to stand. */
function startsPattern(source: string, at: number, before: Token | undefined): boolean {
  if (/^\/[/*]/.test(source.slice(at, at + 2))) return false;
  if (before === undefined) return true;
  if (before.kind === "operator") return ![")", "]", "}", "++", "--"].includes(before.text);
  return before.kind === "name" && ["return", "in", "else"].includes(before.text);
}

/** The text that a string literal stands for. */
export function unquoted(literal: string): string {
  return literal.slice(1, -1).replaceAll(/\\(.)/g, "$1");
}

/**
 * The number that a literal stands for.
 * @throws {ScriptProblem} for a whole number that is too large for its type
 */
export function toNumber(text: string, at: number): unknown {
  const isHex = /^0x/i.test(text);
  const suffix = (isHex ? /l$/i : /[fdl]$/i).exec(text)?.[0].toLowerCase();
  const digits = suffix === undefined ? text : text.slice(0, -1);
  if (suffix === "l") return BigInt.asIntN(64, BigInt(digits));
  if (suffix === "f") return new Double(Math.fround(Number(digits)), true);
  if (suffix === "d" || (!isHex && /[.e]/i.test(digits))) return new Double(Number(digits));
  const number = Number(digits);
  if (isHex && number < 2 ** 32) return number | 0;
  if (number >= 2 ** 31 + 1) {
    const hint = BigInt(digits) < 2n ** 63n ? " If you want a long, try [L]." : "";
    throw new ScriptProblem(`Invalid int constant [${text}].${hint}`, at);
  }
  return number;
}
