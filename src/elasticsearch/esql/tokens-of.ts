/** The loop of the tokenizers of EQL and SQL. */
import { maxQueryLength, type QueryToken, type QueryTokens } from "./query-token.ts";
import { TextCursor } from "./text-cursor.ts";

/** What a token is, and its text. */
export type TokenText = Pick<QueryToken, "kind" | "text">;

/**
 * Splits the beginning of a query into tokens, up to the longest query that is read.
 *
 * @param comment with what a comment begins that goes on to the end of its line
 * @param tokenAt takes the token at the cursor, which is not at the end nor at a blank
 */
export function tokensOf(
  query: string,
  comment: "//" | "--",
  tokenAt: (cursor: TextCursor) => TokenText,
): QueryTokens {
  const cursor = new TextCursor(query.slice(0, maxQueryLength), comment);
  const tokens: QueryToken[] = [];
  for (cursor.skipBlank(); !cursor.isAtEnd; cursor.skipBlank()) {
    const start = cursor.at;
    const { kind, text } = tokenAt(cursor);
    tokens.push({ kind, text, start, opensPipeline: false });
  }
  const isWhole = !cursor.isBroken && query.length <= maxQueryLength;
  return { query: cursor.text, tokens, isWhole };
}
