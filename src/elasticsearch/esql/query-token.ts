/** Tokens of the query languages ES|QL, SQL and EQL. */

/**
 * - `command`: the word that begins a command of a pipeline, such as `FROM`;
 * - `word`: a keyword or an unquoted name;
 * - `name`: a name in back quotes, in SQL also in double quotes;
 * - `source`: an index expression or an enrich policy, quoted or not;
 * - `string`, `number`: literals;
 * - `parameter`: stands for a literal (`?`, `?1`, `?x`);
 * - `name_parameter`: stands for a name (`??x`);
 * - `operator`: everything else, brackets included.
 */
export type QueryTokenKind =
  | "command"
  | "word"
  | "name"
  | "source"
  | "string"
  | "number"
  | "parameter"
  | "name_parameter"
  | "operator";

/** A token: comments and white space have none. */
export interface QueryToken {
  readonly kind: QueryTokenKind;
  /** As written, quotes included. */
  readonly text: string;
  /** Where it stands in the query. */
  readonly start: number;
  /** An opening bracket behind which a query begins. */
  readonly opensPipeline: boolean;
}

/** What a query consists of. */
export interface QueryTokens {
  /** The text that was read. */
  readonly query: string;
  readonly tokens: readonly QueryToken[];
  /** False when something had to be passed over: an unclosed quote or comment, too many tokens. */
  readonly isWhole: boolean;
}

/** Elasticsearch reads queries of up to a million characters; a longer one is cut here. */
export const maxQueryLength = 1_000_000;

/** The token's text in lower case, `""` for none: for comparing keywords. */
export function lowerCase(token: QueryToken | undefined): string {
  return token === undefined ? "" : token.text.toLowerCase();
}

/** Whether the token is this operator. */
export function isOperator(token: QueryToken | undefined, text: string): boolean {
  return token?.kind === "operator" && token.text === text;
}

/** Whether the token is this keyword, in any case. */
export function isWord(token: QueryToken | undefined, keyword: string): boolean {
  return token?.kind === "word" && token.text.toLowerCase() === keyword;
}
