/** Tokens of EQL, the Event Query Language. */
import type { QueryTokens } from "./query-token.ts";
import type { TextCursor } from "./text-cursor.ts";
import { tokensOf, type TokenText } from "./tokens-of.ts";

/** Splits an EQL query into tokens, by the rules of EqlBase.g4. Never throws; linear. */
export function tokenizeEql(query: string): QueryTokens {
  return tokensOf(query, "//", tokenAt);
}

function tokenAt(cursor: TextCursor): TokenText {
  const first = cursor.text[cursor.at] ?? "";
  if (first === '"') {
    return { kind: "string", text: cursor.takeTripleQuoted() ?? cursor.takeEscaped('"') };
  }
  if (first === "'") return { kind: "string", text: cursor.takeEscaped("'") };
  const legacy = cursor.take(legacyString);
  if (legacy !== undefined) return { kind: "string", text: legacy };
  if (first === "`") {
    const name = cursor.takeDoubling("`");
    if (name !== undefined) return { kind: "name", text: name };
    cursor.isBroken = true;
  }
  // `1h` is one token here: EQL has numbers with units in `maxspan` only.
  const number = cursor.take(numberPattern);
  if (number !== undefined) return { kind: "number", text: number };
  const word = cursor.take(wordPattern);
  if (word !== undefined) return { kind: "word", text: word };
  return { kind: "operator", text: cursor.take(operator) ?? cursor.takeCharacter() };
}

/** `?"…"`: a raw string of versions before 7.11. */
const legacyString = /\?"[^"\r\n]*"|\?'[^'\r\n]*'/y;
const numberPattern = /(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?[A-Za-z]*/y;
/** `~` behind a word makes a comparison ignore case: `in~`, `like~`, `cidrMatch~`. */
const wordPattern = /[A-Za-z_@\x80-\uffff][A-Za-z0-9_\x80-\uffff]*~?/y;
const operator = /!:|==|!=|<=|>=/y;
