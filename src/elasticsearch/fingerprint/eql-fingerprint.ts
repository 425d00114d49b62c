/** The form of an EQL query. */
import { tokenizeEql } from "../esql/eql-lexer.ts";
import { isWord, lowerCase, type QueryToken } from "../esql/query-token.ts";
import { nameValue, stringValue } from "../esql/quoted-text.ts";
import { type FormItem, foldLists, foldSigns, formText, value } from "./query-form.ts";

/** Takes the values out of an EQL query. Keywords of EQL are written in lower case only. */
export function eqlForm(query: string): string {
  const { tokens } = tokenizeEql(query);
  const items = tokens.map((token, at) => itemOf(token, tokens[at + 1]));
  return formText(foldLists(foldSigns(items), takesList));
}

function itemOf(token: QueryToken, next: QueryToken | undefined): FormItem {
  switch (token.kind) {
    case "string":
      // `"my event" where …`: the event category.
      return isWord(next, "where") ? nameItem(stringValue(token.text)) : value;
    case "number":
      return value;
    case "name":
      return nameItem(nameValue(token.text));
    case "operator":
      return { kind: "mark", text: token.text };
    default: {
      const word = lowerCase(token);
      if (word === "true" || word === "false" || word === "null") return value;
      return { kind: keywords.has(token.text) ? "keyword" : "operand", text: token.text };
    }
  }
}

function nameItem(name: string): FormItem {
  const isBare = bareName.test(name) && !keywords.has(name);
  return { kind: "operand", text: isBare ? name : `\`${name.replaceAll("`", "``")}\`` };
}

/** `in (…)`, `: (…)`, `like (…)`, and functions that take any number of patterns. */
function takesList(before: FormItem | undefined): boolean {
  if (before === undefined) return false;
  if (before.kind === "mark") return before.text === ":" || before.text === "!:";
  return listWords.has(before.text.toLowerCase().replace(/~$/, ""));
}

const bareName = /^[A-Za-z_@\x80-\uffff][A-Za-z0-9_\x80-\uffff]*$/;
const keywords: ReadonlySet<string> = new Set(
  (
    "and any by fork in in~ join like like~ maxspan not of or regex regex~ sample sequence until " +
    "where with"
  ).split(" "),
);
const listWords: ReadonlySet<string> = new Set("in like regex cidrmatch wildcard match".split(" "));
