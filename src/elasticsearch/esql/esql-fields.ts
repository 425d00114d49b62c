/** Lists of fields in ES|QL commands: `a = x + 1, b`, `a*, b.c`, `a AS b`. */
import { isClosing, isOpening } from "./esql-pipeline.ts";
import { isOperator, isWord, type QueryToken } from "./query-token.ts";
import { nameValue } from "./quoted-text.ts";

/** One item of a list of expressions. */
export interface EsqlField {
  /** The column that it makes: its name, else the text of the expression. */
  readonly name: string;
  readonly isNamed: boolean;
  /** The column that the expression is and nothing else. */
  readonly copied: string | undefined;
  /** All columns and functions that the expression names. */
  readonly columns: readonly string[];
}

/**
 * Items of EVAL, ROW and STATS.
 *
 * @param query the text that the tokens are from: a column without a name is called by its text
 */
export function fieldsOf(tokens: readonly QueryToken[], query: string): EsqlField[] {
  return itemsOf(tokens).map((item) => {
    const target = takeName(item, 0);
    const isNamed = target !== undefined && isOperator(item[target.end], "=");
    const expression = isNamed ? item.slice(target.end + 1) : item;
    const copied = takeName(expression, 0);
    const isCopy = copied !== undefined && copied.end === expression.length;
    const last = item.at(-1);
    const text = query.slice(
      item[0]?.start,
      last === undefined ? 0 : last.start + last.text.length,
    );
    return {
      name: isNamed ? target.name : isCopy ? copied.name : text,
      isNamed,
      copied: isCopy ? copied.name : undefined,
      columns: namesIn(expression),
    };
  });
}

/** Items of KEEP and DROP; `*` is a wildcard. */
export function patternsOf(tokens: readonly QueryToken[]): string[] {
  return itemsOf(tokens).map((item) => takeName(item, 0, true)?.name ?? "");
}

/** Old name → new name, from `old AS new` and `new = old`. */
export function renamesOf(tokens: readonly QueryToken[]): Map<string, string> {
  const renames = new Map<string, string>();
  for (const item of itemsOf(tokens)) {
    const first = takeName(item, 0);
    if (first === undefined) continue;
    const second = takeName(item, first.end + 1);
    if (second === undefined) continue;
    if (isWord(item[first.end], "as")) renames.set(first.name, second.name);
    else if (isOperator(item[first.end], "=")) renames.set(second.name, first.name);
  }
  return renames;
}

/** What stands before and behind a keyword outside brackets; nothing behind when it is missing. */
export function splitAtWord(
  tokens: readonly QueryToken[],
  keyword: string,
): readonly [before: readonly QueryToken[], behind: readonly QueryToken[]] {
  let level = 0;
  for (const [at, token] of tokens.entries()) {
    if (isOpening(token)) level += 1;
    else if (isClosing(token)) level -= 1;
    else if (level === 0 && isWord(token, keyword))
      return [tokens.slice(0, at), tokens.slice(at + 1)];
  }
  return [tokens, []];
}

/** Splits at commas outside brackets. */
function itemsOf(tokens: readonly QueryToken[]): QueryToken[][] {
  const items: QueryToken[][] = [[]];
  let level = 0;
  for (const token of tokens) {
    if (isOpening(token)) level += 1;
    if (isClosing(token)) level -= 1;
    if (level === 0 && isOperator(token, ",")) items.push([]);
    else items.at(-1)?.push(token);
  }
  return items.filter((item) => item.length > 0);
}

/**
 * A name with its dots, from a position on.
 *
 * @param isPattern quoted and unquoted parts may follow each other without a dot
 */
function takeName(
  tokens: readonly QueryToken[],
  start: number,
  isPattern = false,
): { name: string; end: number } | undefined {
  let name = "";
  let needsPart = true;
  for (let at = start; ; at += 1) {
    const token = tokens[at];
    if (isNamePart(token) && (needsPart || isPattern)) {
      name += nameValue(token.text);
      needsPart = false;
    } else if (isOperator(token, ".") && !needsPart) {
      name += ".";
      needsPart = true;
    } else return needsPart ? undefined : { name, end: at };
  }
}

function isNamePart(token: QueryToken | undefined): token is QueryToken {
  return token?.kind === "word" || token?.kind === "name";
}

function namesIn(tokens: readonly QueryToken[]): string[] {
  const names: string[] = [];
  for (let at = 0; at < tokens.length;) {
    const found = takeName(tokens, at);
    if (found !== undefined) names.push(found.name);
    at = found?.end ?? at + 1;
  }
  return names;
}
