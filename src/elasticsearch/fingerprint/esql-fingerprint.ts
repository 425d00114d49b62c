/** The form of an ES|QL query. */
import { tokenizeEsql } from "../esql/esql-lexer.ts";
import { isOperator, lowerCase, type QueryToken } from "../esql/query-token.ts";
import { nameValue, stringValue } from "../esql/quoted-text.ts";
import { splitIndexList } from "../names/index-list.ts";
import { type FormItem, foldArrays, foldLists, foldSigns, formText, value } from "./query-form.ts";

/** Takes the values out of an ES|QL query. */
export function esqlForm(query: string): string {
  const { tokens } = tokenizeEsql(query);
  const items = new EsqlForm(tokens).items();
  return formText(foldLists(foldArrays(foldSigns(items)), takesList));
}

class EsqlForm {
  readonly #tokens: readonly QueryToken[];
  readonly #items: FormItem[] = [];
  #command = "";
  /** The last parameter of PROMQL, whose values are names only if it is `index`. */
  #parameter = "";
  #openBraces = 0;

  constructor(tokens: readonly QueryToken[]) {
    this.#tokens = tokens;
  }

  items(): FormItem[] {
    for (let at = 0; at < this.#tokens.length; at += 1) {
      const token = this.#tokens[at];
      if (token === undefined) break;
      const item = this.#item(token, at);
      if (item !== undefined) this.#items.push(item);
    }
    return this.#items;
  }

  #item(token: QueryToken, at: number): FormItem | undefined {
    const { kind, text } = token;
    switch (kind) {
      case "command":
        this.#command = lowerCase(token);
        return { kind: "keyword", text: text.toUpperCase() };
      case "word":
        return this.#word(token, at);
      case "name":
        return operand(nameValue(text), !this.#isReserved(nameValue(text)));
      case "source":
        return this.#source(text);
      case "string":
        return this.#isNameString(at) ? operand(JSON.stringify(stringValue(text)), true) : value;
      case "number":
      case "parameter":
        return value;
      case "name_parameter":
        return { kind: "operand", text: "??" };
      case "operator":
        if (text === "{") this.#openBraces += 1;
        if (text === "}") this.#openBraces -= 1;
        // The last semicolon says nothing.
        return text === ";" && at === this.#tokens.length - 1 ? undefined : { kind: "mark", text };
    }
  }

  #word(token: QueryToken, at: number): FormItem | undefined {
    const word = lowerCase(token);
    const next = this.#tokens[at + 1];
    if (this.#command === "promql") {
      this.#parameter = word;
      const isKeyword = promqlKeywords.has(word);
      return { kind: isKeyword ? "keyword" : "operand", text: isKeyword ? word : token.text };
    }
    if (nameCommands.has(this.#command)) {
      const isKeyword = nameKeywords.has(word);
      return isKeyword ? keyword(word) : { kind: "operand", text: token.text };
    }
    if (isOperator(next, "(") && !listKeywords.has(word) && !keywords.has(word)) {
      return { kind: "operand", text: word };
    }
    if (word === "true" || word === "false") return value;
    if (word === "null") return this.#isAfterIs() ? keyword(word) : value;
    if (keywords.has(word)) return keyword(word);
    // `1 day`: the unit belongs to the number.
    return this.#tokens[at - 1]?.kind === "number" ? undefined : operand(token.text, true);
  }

  #isReserved(name: string): boolean {
    const word = name.toLowerCase();
    return keywords.has(word) || word === "true" || word === "false" || word === "null";
  }

  #isAfterIs(): boolean {
    const last = this.#items.at(-1)?.text;
    return last === "IS" || (last === "NOT" && this.#items.at(-2)?.text === "IS");
  }

  /** `"a,b"` is the same as `a,b`. */
  #source(text: string): FormItem {
    if (this.#command === "promql" && this.#parameter !== "index") return value;
    const name = stringValue(text);
    const names = splitIndexList(name, name.length).items;
    const bare = names.map((item) => (bareSource.test(item) ? item : JSON.stringify(item)));
    return { kind: "operand", text: bare.join(", ") };
  }

  /** Keys of maps (`{"boost": 2}`), and names of metrics and labels in quotes in PromQL. */
  #isNameString(at: number): boolean {
    const [before, behind] = [this.#tokens[at - 1], this.#tokens[at + 1]];
    if (!isOperator(before, "{") && !isOperator(before, ",")) return false;
    if (this.#command === "promql") return this.#openBraces > 0;
    return isOperator(behind, ":");
  }
}

function keyword(word: string): FormItem {
  return { kind: "keyword", text: word.toUpperCase() };
}

function operand(name: string, canBeBare: boolean): FormItem {
  const isBare = canBeBare && (bareName.test(name) || name.startsWith('"'));
  return { kind: "operand", text: isBare ? name : `\`${name.replaceAll("`", "``")}\`` };
}

function takesList(before: FormItem | undefined): boolean {
  if (before?.kind === "operand") return before.text === "cidr_match";
  return before?.kind === "keyword" && listKeywords.has(before.text.toLowerCase());
}

const bareName = /^[A-Za-z_@\x80-\uffff][A-Za-z0-9_\x80-\uffff]*$/;
const bareSource = /^[^"=|()[\] \t\r\n]+$/;
const keywords: ReadonlySet<string> = new Set(
  (
    "and as asc by desc first in is join last like metadata not nulls on or rlike using " +
    "where with"
  ).split(" "),
);
const promqlKeywords: ReadonlySet<string> = new Set(
  "and bool by group_left group_right ignoring offset on or unless without".split(" "),
);
const listKeywords: ReadonlySet<string> = new Set(["in", "like", "rlike"]);
/** Commands that take names only, so that most keywords are names in them. */
const nameCommands: ReadonlySet<string> = new Set(["keep", "drop", "rename", "enrich"]);
const nameKeywords: ReadonlySet<string> = new Set(["as", "on", "with"]);
