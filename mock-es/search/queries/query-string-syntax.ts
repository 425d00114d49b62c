/** A query string as a tree. `field` is absent where the default fields are meant. */
export type QueryStringNode =
  | { readonly kind: "all" }
  | { readonly kind: "any" }
  | { readonly kind: "exists"; readonly field: string }
  | {
      readonly kind: "text";
      readonly field: string | undefined;
      readonly text: string;
      readonly edits: string | undefined;
      /** Several words, which are looked for together. */
      readonly isRun?: boolean;
    }
  | {
      readonly kind: "phrase";
      readonly field: string | undefined;
      readonly text: string;
      readonly slop: number;
    }
  | { readonly kind: "wildcard"; readonly field: string | undefined; readonly pattern: string }
  | { readonly kind: "regexp"; readonly field: string | undefined; readonly pattern: string }
  | {
      readonly kind: "range";
      readonly field: string | undefined;
      readonly bounds: Readonly<Record<string, string>>;
    }
  | { readonly kind: "boost"; readonly node: QueryStringNode; readonly boost: number }
  | { readonly kind: "clauses"; readonly clauses: readonly QueryStringClause[] };

/** A part of a query string and whether it must, may or must not match. */
export interface QueryStringClause {
  readonly occur: "must" | "should" | "must_not";
  readonly node: QueryStringNode;
}

/** Thrown for a query string that does not parse; the message says where. */
export class QueryStringSyntaxError extends Error {
  override readonly name = "QueryStringSyntaxError";
}

/**
 * Parses the syntax of Lucene's classic query parser, with its way of joining clauses: `AND` makes
 * both of its sides required, `OR` makes them optional, whatever stands around them.
 *
 * @throws {QueryStringSyntaxError}
 */
export function parseQueryString(text: string, defaultOperator: "and" | "or"): QueryStringNode {
  return new Parser(text, defaultOperator).parse();
}

const SPECIAL = /[\s+\-!():^[\]"{}~*?\\/]/;

class Parser {
  readonly #text: string;
  readonly #isAnd: boolean;
  #at = 0;
  #depth = 0;

  constructor(text: string, defaultOperator: "and" | "or") {
    this.#text = text;
    this.#isAnd = defaultOperator === "and";
  }

  parse(): QueryStringNode {
    const node = this.#clauses(undefined);
    if (this.#at < this.#text.length)
      throw this.#fail(`Encountered "${this.#text[this.#at] ?? ""}"`);
    return node;
  }

  #fail(problem: string): QueryStringSyntaxError {
    return new QueryStringSyntaxError(
      `Cannot parse '${this.#text}': ${problem} at line 1, column ${this.#at}.`,
    );
  }

  #skipSpace(): void {
    while (/\s/.test(this.#text[this.#at] ?? "")) this.#at++;
  }

  #take(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern, "y");
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #clauses(field: string | undefined): QueryStringNode {
    if (++this.#depth > 100) throw this.#fail("Encountered too deep nesting");
    const clauses: { occur: "must" | "should" | "must_not"; node: QueryStringNode }[] = [];
    for (;;) {
      this.#skipSpace();
      if (this.#at >= this.#text.length || this.#text[this.#at] === ")") break;
      const run = this.#run(field);
      if (run !== undefined) {
        clauses.push({ occur: this.#isAnd ? "must" : "should", node: run });
        continue;
      }
      const conjunction = this.#take(/(?:AND|OR)(?=[\s(+\-!"]|$)|&&|\|\|/);
      this.#skipSpace();
      const modifier = this.#take(/NOT(?=[\s(+\-!"])|[+\-!]/);
      this.#skipSpace();
      if (conjunction !== undefined && clauses.length === 0)
        throw this.#fail(`Encountered " <${conjunction}> "`);
      this.#join(clauses, conjunction, modifier, this.#clause(field));
    }
    this.#depth--;
    const [only] = clauses;
    return clauses.length === 1 && only !== undefined && only.occur !== "must_not"
      ? only.node
      : { kind: "clauses", clauses };
  }

  /**
   * Two or more words with nothing but space between them (`MultiTerm` in the grammar of Lucene's
   * parser).
   */
  #run(field: string | undefined): QueryStringNode | undefined {
    const start = this.#at;
    const words: string[] = [];
    let end = start;
    for (;;) {
      this.#skipSpace();
      const word = /^(?:AND|OR|NOT)(?=[\s(+\-!"]|$)|^&&|^\|\|/.test(this.#text.slice(this.#at))
        ? ""
        : this.#term();
      if (word === "" || hasWildcard(word)) break;
      if (words.length > 0 && this.#isTakenByNext()) break;
      words.push(word);
      end = this.#at;
    }
    const isRun = words.length > 1;
    this.#at = isRun ? end : start;
    const text = unescape(words.join(" "));
    return isRun ? { kind: "text", field, text, edits: undefined, isRun } : undefined;
  }

  /** True before what changes, or joins, the word in front of it. */
  #isTakenByNext(): boolean {
    const rest = this.#text.slice(this.#at).trimStart();
    return /^(?:[:~^]|\*(?=[\s)]|$)|(?:AND|OR)(?=[\s(+\-!"]|$)|&&|\|\|)/.test(rest);
  }

  #join(
    clauses: { occur: "must" | "should" | "must_not"; node: QueryStringNode }[],
    conjunction: string | undefined,
    modifier: string | undefined,
    node: QueryStringNode,
  ): void {
    const isAnd = conjunction === "AND" || conjunction === "&&";
    const isOr = conjunction === "OR" || conjunction === "||";
    const previous = clauses.at(-1);
    if (previous !== undefined && previous.occur !== "must_not") {
      if (isAnd) previous.occur = "must";
      if (isOr && this.#isAnd) previous.occur = "should";
    }
    const isProhibited = modifier === "NOT" || modifier === "-" || modifier === "!";
    const isRequired = modifier === "+" || (this.#isAnd ? !isOr : isAnd);
    clauses.push({ occur: isProhibited ? "must_not" : isRequired ? "must" : "should", node });
  }

  #clause(outer: string | undefined): QueryStringNode {
    let field = outer;
    const start = this.#at;
    const name = this.#term();
    if (name !== "" && this.#text[this.#at] === ":") {
      // A pattern of fields is written with escapes; alone, `*` means all.
      if (name !== "*" && hasWildcard(name)) throw this.#fail('Encountered " ":" ": ""');
      this.#at++;
      this.#skipSpace();
      field = unescape(name);
    } else {
      this.#at = start;
    }
    if (name === "*" && field === "*" && this.#take(/\*/) !== undefined)
      return this.#boosted({ kind: "all" });
    return this.#boosted(this.#value(field));
  }

  #boosted(node: QueryStringNode): QueryStringNode {
    const boost = this.#take(/\^\d+(?:\.\d+)?/);
    return boost === undefined ? node : { kind: "boost", node, boost: Number(boost.slice(1)) };
  }

  #value(field: string | undefined): QueryStringNode {
    const character = this.#text[this.#at];
    if (character === "(") {
      this.#at++;
      const node = this.#clauses(field);
      if (this.#take(/\)/) === undefined) throw this.#fail('Encountered "<EOF>"');
      if (node.kind !== "text" || node.isRun !== true) return node;
      // In parentheses, words stay together.
      return { kind: "clauses", clauses: [{ occur: this.#isAnd ? "must" : "should", node }] };
    }
    if (character === '"') return this.#phrase(field);
    if (character === "/") return this.#regexp(field);
    if (character === "[" || character === "{") return this.#range(field);
    return this.#word(field);
  }

  #phrase(field: string | undefined): QueryStringNode {
    const quoted = this.#take(/"(?:[^"\\]|\\[^])*"/);
    if (quoted === undefined)
      throw this.#fail('Lexical error: Encountered: <EOF> after prefix "\\""');
    const slop = this.#take(/~\d+/);
    return {
      kind: "phrase",
      field,
      text: unescape(quoted.slice(1, -1)),
      slop: Number(slop?.slice(1) ?? 0),
    };
  }

  #regexp(field: string | undefined): QueryStringNode {
    const quoted = this.#take(/\/(?:[^/\\]|\\[^])*\//);
    if (quoted === undefined)
      throw this.#fail('Lexical error: Encountered: <EOF> after prefix "/"');
    return { kind: "regexp", field, pattern: quoted.slice(1, -1).replaceAll("\\/", "/") };
  }

  #range(field: string | undefined): QueryStringNode {
    const pattern =
      /([[{])\s*("(?:[^"\\]|\\[^])*"|[^\s\]}]+)\s+TO\s+("(?:[^"\\]|\\[^])*"|[^\s\]}]+)\s*([\]}])/;
    const whole = this.#take(pattern);
    const found = whole === undefined ? null : pattern.exec(whole);
    if (found === null) throw this.#fail(`Encountered "${this.#text[this.#at] ?? ""}"`);
    const [, open, from = "", to = "", close] = found;
    const bounds: Record<string, string> = {};
    if (from !== "*") bounds[open === "[" ? "gte" : "gt"] = unquote(from);
    if (to !== "*") bounds[close === "]" ? "lte" : "lt"] = unquote(to);
    return { kind: "range", field, bounds };
  }

  #word(field: string | undefined): QueryStringNode {
    const word = this.#term();
    if (word === "") throw this.#fail(`Encountered "${this.#text[this.#at] ?? "<EOF>"}"`);
    const edits = this.#take(/~\d*/);
    if (edits !== undefined)
      return { kind: "text", field, text: unescape(word), edits: edits.slice(1) || "AUTO" };
    if (field === "_exists_") return { kind: "exists", field: unescape(word) };
    if (word === "*") return field === undefined ? { kind: "any" } : { kind: "exists", field };
    return hasWildcard(word)
      ? { kind: "wildcard", field, pattern: word }
      : { kind: "text", field, text: unescape(word), edits: undefined };
  }

  /**
   * One word with its escapes and wildcards; `+`, `-`, `!` and `/` are special at its beginning
   * only.
   */
  #term(): string {
    const start = this.#at;
    while (this.#at < this.#text.length) {
      const character = this.#text[this.#at] ?? "";
      if (character === "\\") {
        this.#at += 2;
        continue;
      }
      const isInner = this.#at > start && /[+\-!/]/.test(character);
      if (SPECIAL.test(character) && character !== "*" && character !== "?" && !isInner) break;
      this.#at++;
    }
    return this.#text.slice(start, this.#at);
  }
}

function unquote(text: string): string {
  return unescape(
    text.startsWith('"') && text.endsWith('"') && text.length > 1 ? text.slice(1, -1) : text,
  );
}

function unescape(text: string): string {
  return text.replaceAll(/\\([^])/g, "$1");
}

/** True for a word with a `*` or `?` that is not escaped. */
function hasWildcard(word: string): boolean {
  return /(?:^|[^\\])(?:\\\\)*[*?]/.test(word);
}
