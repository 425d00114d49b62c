/** Tokens of Elasticsearch SQL. */
import type { QueryTokenKind, QueryTokens } from "./query-token.ts";
import type { TextCursor } from "./text-cursor.ts";
import { tokensOf, type TokenText } from "./tokens-of.ts";

/** Splits an SQL statement into tokens, by the rules of SqlBase.g4. Never throws; linear. */
export function tokenizeSql(query: string): QueryTokens {
  return tokensOf(query, "--", tokenAt);
}

function tokenAt(cursor: TextCursor): TokenText {
  const first = cursor.text[cursor.at] ?? "";
  const kind = quotes.get(first);
  if (kind !== undefined) {
    const text = cursor.takeDoubling(first);
    if (text !== undefined) return { kind, text };
    cursor.isBroken = true;
  }
  const number = cursor.take(numberPattern);
  if (number !== undefined) return { kind: "number", text: number };
  const word = cursor.take(wordPattern);
  if (word !== undefined) return { kind: "word", text: word };
  if (first === "?") return { kind: "parameter", text: cursor.takeCharacter() };
  return { kind: "operator", text: cursor.take(operator) ?? cursor.takeCharacter() };
}

const quotes: ReadonlyMap<string, QueryTokenKind> = new Map([
  ["'", "string"],
  ['"', "name"],
  ["`", "name"],
]);
/** Digits that letters follow are a name (DIGIT_IDENTIFIER), unless they are an exponent. */
const numberPattern = /(?:[0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)(?:[eE][+-]?[0-9]+)?(?![A-Za-z0-9_@])/y;
const wordPattern = /[A-Za-z0-9_@\x80-\uffff]+/y;
const operator = /<=>|::|\|\||<>|!=|<=|>=/y;
