/** The form of an SQL statement. */
import { isOperator, isWord, lowerCase, type QueryToken } from "../esql/query-token.ts";
import { nameValue } from "../esql/quoted-text.ts";
import { tokenizeSql } from "../esql/sql-lexer.ts";
import { type FormItem, foldLists, foldSigns, formText, value } from "./query-form.ts";

/** Takes the values out of an SQL statement. */
export function sqlForm(query: string): string {
  const { tokens } = tokenizeSql(query);
  return formText(foldLists(foldSigns(itemsOf(tokens)), takesList));
}

function itemsOf(tokens: readonly QueryToken[]): FormItem[] {
  const items: FormItem[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at];
    if (token === undefined) break;
    const escaped = escapeAt(tokens, at);
    const interval = intervalEnd(tokens, at);
    if (interval > at) {
      items.push(value);
      at = interval - 1;
    } else if (escaped === "value") {
      items.push(value);
      at += 3;
    } else if (escaped === "bracket") at += isWord(tokens[at + 1], "fn") ? 1 : 0;
    else if (!isLeftOut(tokens, at)) items.push(itemOf(tokens, at, items));
  }
  return items;
}

/** `{d '…'}`, `{ts …}` are values; `{fn f(x)}`, `{limit 1}`, `{escape '!'}` mean what is inside. */
function escapeAt(tokens: readonly QueryToken[], at: number): "value" | "bracket" | undefined {
  if (!isOperator(tokens[at], "{")) return undefined;
  const word = lowerCase(tokens[at + 1]);
  const isValue = word === "d" || word === "t" || word === "ts" || word === "guid";
  return isValue && isOperator(tokens[at + 3], "}") ? "value" : "bracket";
}

/** The position behind `INTERVAL -'1 2' DAY TO HOUR`; `at` itself when there is none. */
function intervalEnd(tokens: readonly QueryToken[], at: number): number {
  if (!isWord(tokens[at], "interval")) return at;
  let end = at + 1;
  if (isOperator(tokens[end], "-") || isOperator(tokens[end], "+")) end += 1;
  if (!isLiteral(tokens[end])) return at;
  end += 1;
  if (intervalUnits.has(lowerCase(tokens[end]))) end += 1;
  if (isWord(tokens[end], "to") && intervalUnits.has(lowerCase(tokens[end + 1]))) end += 2;
  return end;
}

/** Closing braces of escapes, the last semicolon, and strings that continue the one before. */
function isLeftOut(tokens: readonly QueryToken[], at: number): boolean {
  const token = tokens[at];
  if (isOperator(token, "}")) return true;
  if (isOperator(token, ";")) return at === tokens.length - 1;
  return token?.kind === "string" && tokens[at - 1]?.kind === "string";
}

function isLiteral(token: QueryToken | undefined): boolean {
  return token?.kind === "string" || token?.kind === "number" || token?.kind === "parameter";
}

function itemOf(tokens: readonly QueryToken[], at: number, items: readonly FormItem[]): FormItem {
  const token = tokens[at];
  if (token === undefined || isLiteral(token)) return value;
  if (token.kind === "operator") {
    return { kind: "mark", text: token.text === "<>" ? "!=" : token.text };
  }
  if (token.kind === "name") return nameItem(nameValue(token.text));
  const word = lowerCase(token);
  // A keyword behind a dot is the name of a column.
  if (isOperator(tokens[at - 1], ".")) return { kind: "operand", text: token.text };
  if (word === "true" || word === "false") return value;
  if (word === "null") {
    const [last, beforeLast] = [items.at(-1)?.text, items.at(-2)?.text];
    const isTest = last === "IS" || (last === "NOT" && beforeLast === "IS") || last === "NULLS";
    return isTest ? { kind: "keyword", text: "NULL" } : value;
  }
  if (keywords.has(word)) return { kind: "keyword", text: word.toUpperCase() };
  const isFunction = isOperator(tokens[at + 1], "(");
  return { kind: "operand", text: isFunction ? word.toUpperCase() : token.text };
}

function nameItem(name: string): FormItem {
  const isBare = bareName.test(name) && !keywords.has(name.toLowerCase());
  return { kind: "operand", text: isBare ? name : `"${name.replaceAll('"', '""')}"` };
}

function takesList(before: FormItem | undefined): boolean {
  return before?.kind === "keyword" && before.text === "IN";
}

const bareName = /^[A-Za-z_\x80-\uffff][A-Za-z0-9_@\x80-\uffff]*$/;
const intervalUnits: ReadonlySet<string> = new Set(
  "year years month months day days hour hours minute minutes second seconds".split(" "),
);
/** Reserved words, and those that begin or join clauses. */
const keywords: ReadonlySet<string> = new Set(
  (
    "all and any as asc between by case cast catalog convert desc describe distinct else end " +
    "escape exists explain extract false for from frozen full group having in include inner is " +
    "join left like limit match natural not null nulls on or order outer pivot query right rlike " +
    "select show sys then true using when where with"
  ).split(" "),
);
