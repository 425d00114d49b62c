/** What an SQL statement reads. */
import { splitIndexList } from "../names/index-list.ts";
import { type QuerySource, type QuerySourceKind, SourceList } from "./query-source.ts";
import { isOperator, isWord, lowerCase, type QueryToken } from "./query-token.ts";
import { nameValue } from "./quoted-text.ts";
import { tokenizeSql } from "./sql-lexer.ts";

/** Sources of an SQL statement. */
export interface SqlSources {
  /** First word in lower case: `select`, `with`, `show`, `describe`, `sys`, `explain` … */
  readonly statement: string;
  /** In the order of the text, the first 1,000. */
  readonly sources: readonly QuerySource[];
  readonly sourceTotal: number;
  /** False when part of the statement could not be read; then sources may be missing. */
  readonly isWhole: boolean;
}

/**
 * Finds the tables of an SQL statement: names behind FROM and JOIN (with catalog, quoted lists and
 * subselects), and those of SHOW, DESCRIBE and SYS, which list names and columns only.
 */
export function sqlSources(query: string): SqlSources {
  const { tokens, isWhole } = tokenizeSql(query);
  const scan = new TableScan(tokens);
  scan.run();
  const { items, total } = scan.sources;
  return { statement: lowerCase(tokens[0]), sources: items, sourceTotal: total, isWhole };
}

/** An open bracket, or the whole statement. */
interface Level {
  /** Between FROM and the next clause: a comma is followed by another table. */
  isInFrom: boolean;
  /** Whether FROM belongs to a function: `EXTRACT(YEAR FROM x)`. */
  readonly isFunction: boolean;
}

class TableScan {
  readonly sources = new SourceList();
  readonly #tokens: readonly QueryToken[];
  readonly #levels: Level[] = [{ isInFrom: false, isFunction: false }];
  /** Names of `WITH name AS (…)`, which are no tables. */
  readonly #named = new Set<string>();
  #at = 0;

  constructor(tokens: readonly QueryToken[]) {
    this.#tokens = tokens;
  }

  run(): void {
    while (isWord(this.#peek(), "explain") || isWord(this.#peek(), "debug")) this.#skipOptions();
    const statement = lowerCase(this.#peek());
    if (metadataStatements.has(statement)) this.#listing();
    else for (; this.#at < this.#tokens.length; this.#at += 1) this.#step();
  }

  #peek(offset = 0): QueryToken | undefined {
    return this.#tokens[this.#at + offset];
  }

  get #level(): Level {
    return this.#levels.at(-1) ?? { isInFrom: false, isFunction: false };
  }

  /** `EXPLAIN (PLAN ANALYZED FORMAT TEXT) SELECT …` */
  #skipOptions(): void {
    this.#at += 1;
    if (!isOperator(this.#peek(), "(") || isWord(this.#peek(1), "select")) return;
    while (this.#at < this.#tokens.length && !isOperator(this.#peek(), ")")) this.#at += 1;
    this.#at += 1;
  }

  #step(): void {
    const token = this.#peek();
    if (isOperator(token, "(")) {
      const isFunction = isWord(this.#peek(-1), "extract");
      this.#levels.push({ isInFrom: false, isFunction });
    } else if (isOperator(token, ")")) {
      if (this.#levels.length > 1) this.#levels.pop();
    } else if (isOperator(token, ",")) {
      if (this.#level.isInFrom) this.#table();
    } else if (token?.kind === "word") this.#word(lowerCase(token));
  }

  #word(word: string): void {
    const level = this.#level;
    // A keyword behind a dot is the name of a column.
    if (isOperator(this.#peek(-1), ".")) return;
    if (word === "from" && !level.isFunction) {
      level.isInFrom = true;
      this.#table();
    } else if (word === "join" && level.isInFrom) this.#table();
    else if (clauses.has(word)) level.isInFrom = false;
    else if (word === "as" && isOperator(this.#peek(1), "(")) {
      const named = this.#peek(-1);
      if (named !== undefined) this.#named.add(nameValue(named.text));
    }
  }

  /** The table behind the current token; a bracket there is a subselect or a bracketed table. */
  #table(): void {
    while (isOperator(this.#peek(1), "(")) {
      this.#at += 1;
      // `(SELECT …)` is read like any query; in `(a JOIN b)` the table follows the bracket.
      const isQuery = isWord(this.#peek(1), "select") || isWord(this.#peek(1), "with");
      this.#levels.push({ isInFrom: !isQuery, isFunction: false });
      if (isQuery) return;
    }
    if (isWord(this.#peek(1), "frozen") && isName(this.#peek(2))) this.#at += 1;
    this.#addTable("index");
  }

  #addTable(kind: QuerySourceKind): void {
    let name = this.#takeName();
    if (name === "" || (this.#named.has(name) && kind === "index")) return;
    if (isOperator(this.#peek(1), ":")) {
      this.#at += 1;
      name += `:${this.#takeName()}`;
    }
    this.#add(kind, name);
  }

  /** The name behind the current token; the scan stands on it afterwards. */
  #takeName(): string {
    const token = this.#peek(1);
    if (!isName(token)) return "";
    this.#at += 1;
    if (token.kind === "name") return nameValue(token.text);
    // A wildcard needs quotes in newer versions; older ones took it without: `emp*2026*`.
    let name = token.text;
    for (;;) {
      const next = this.#peek(1);
      if (next === undefined || next.start !== token.start + name.length) return name;
      if (next.kind === "name" || !(isName(next) || isOperator(next, "*"))) return name;
      this.#at += 1;
      name += next.text;
    }
  }

  #add(kind: QuerySourceKind, list: string): void {
    for (const expression of splitIndexList(list, list.length).items) {
      const nesting = this.#levels.length - 1;
      this.sources.add({ kind, expression, mode: undefined, mayBeView: false, nesting });
    }
  }

  /** SHOW TABLES, SHOW COLUMNS, DESCRIBE, SYS TABLES, SYS COLUMNS. */
  #listing(): void {
    const what = lowerCase(this.#peek(1));
    const statement = lowerCase(this.#peek());
    if (statement === "show" || statement === "sys") {
      if (what !== "tables" && what !== "columns") return;
      this.#at += 1;
    }
    const before = this.sources.total;
    let catalog = "";
    for (; this.#at + 1 < this.#tokens.length; this.#at += 1) {
      const word = lowerCase(this.#peek(1));
      if (word === "catalog") {
        this.#at += isWord(this.#peek(2), "like") ? 2 : 1;
        catalog = likePattern(this.#peek(1));
        if (catalog !== "") catalog += ":";
      } else if (word === "type" || word === "escape") break;
      else if (word === "like") {
        this.#add("metadata", catalog + likePattern(this.#peek(2)));
        break;
      } else if (!listingWords.has(word) && isName(this.#peek(1))) {
        this.#addTable("metadata");
        break;
      }
    }
    if (this.sources.total === before) this.#add("metadata", `${catalog}*`);
  }
}

const metadataStatements: ReadonlySet<string> = new Set(["show", "describe", "desc", "sys"]);
const listingWords: ReadonlySet<string> = new Set(["include", "frozen", "from", "in", "table"]);
const clauses: ReadonlySet<string> = new Set([
  "select",
  "where",
  "group",
  "having",
  "order",
  "limit",
  "union",
  "pivot",
]);

function isName(token: QueryToken | undefined): token is QueryToken {
  return token?.kind === "word" || token?.kind === "name" || token?.kind === "number";
}

/** A LIKE pattern as a wildcard; `_` stands for one character, here for any number. */
function likePattern(token: QueryToken | undefined): string {
  if (token === undefined) return "";
  const isString = token.kind === "string";
  const text = isString ? token.text.slice(1, -1).replaceAll("''", "'") : nameValue(token.text);
  return isString ? text.replaceAll(/[%_]+/g, "*") : text;
}
