/** The syntax of simple query strings, after Lucene's SimpleQueryParser. */

/** Operators that can be switched off. */
export const simpleFlags = [
  "AND",
  "ESCAPE",
  "FUZZY",
  "NOT",
  "OR",
  "PHRASE",
  "PRECEDENCE",
  "PREFIX",
  "SLOP",
  "WHITESPACE",
] as const;

/** One of them. */
export type SimpleFlag = (typeof simpleFlags)[number];

/** A simple query string as a tree. */
export type SimpleNode =
  | { readonly kind: "all" }
  | { readonly kind: "not"; readonly node: SimpleNode }
  | { readonly kind: "clauses"; readonly isAnd: boolean; readonly clauses: readonly SimpleNode[] }
  | {
      readonly kind: "text" | "prefix" | "phrase" | "fuzzy";
      readonly text: string;
      /** Moves of a phrase, or edits of a word. */
      readonly number: number;
    };

/** Parses; `undefined` for a text without any word. */
export function parseSimpleSyntax(
  text: string,
  isAnd: boolean,
  flags: ReadonlySet<SimpleFlag>,
): SimpleNode | undefined {
  if (text.trim() === "*") return { kind: "all" };
  return new Parser(text, isAnd, flags).parse();
}

/** Deepest nesting of parentheses. */
const maxDepth = 50;

class Parser {
  readonly #text: string;
  readonly #isAnd: boolean;
  readonly #flags: ReadonlySet<SimpleFlag>;
  #at = 0;
  #depth = 0;

  constructor(text: string, isAnd: boolean, flags: ReadonlySet<SimpleFlag>) {
    this.#text = text;
    this.#isAnd = isAnd;
    this.#flags = flags;
  }

  parse(end = this.#text.length): SimpleNode | undefined {
    let top: SimpleNode | undefined;
    let isAnd: boolean | undefined;
    let topIsAnd: boolean | undefined;
    let nots = 0;
    const add = (node: SimpleNode): void => {
      const given = nots % 2 === 1 ? ({ kind: "not", node } as const) : node;
      nots = 0;
      const wanted = isAnd ?? this.#isAnd;
      isAnd = undefined;
      if (top === undefined) top = given;
      else if (top.kind === "clauses" && topIsAnd === wanted)
        top = { ...top, clauses: [...top.clauses, given] };
      else {
        top = { kind: "clauses", isAnd: wanted, clauses: [top, given] };
        topIsAnd = wanted;
      }
    };
    while (this.#at < end) {
      const character = this.#text[this.#at] ?? "";
      if (character === "(" && this.#has("PRECEDENCE")) {
        const inner = this.#group(end);
        if (inner !== undefined) add(inner);
      } else if (character === ")" && this.#has("PRECEDENCE")) this.#at++;
      else if (character === '"' && this.#has("PHRASE")) {
        const phrase = this.#phrase(end);
        if (phrase !== undefined) add(phrase);
      } else if (character === "+" && this.#has("AND")) {
        if (isAnd === undefined && top !== undefined) isAnd = true;
        this.#at++;
      } else if (character === "|" && this.#has("OR")) {
        if (isAnd === undefined && top !== undefined) isAnd = false;
        this.#at++;
      } else if (character === "-" && this.#has("NOT")) {
        nots++;
        this.#at++;
        continue;
      } else if (/\s/.test(character) && this.#has("WHITESPACE")) this.#at++;
      else {
        const word = this.#word(end);
        if (word !== undefined) add(word);
        continue;
      }
      if (!/[("]/.test(character)) nots = 0;
    }
    return top;
  }

  #has(flag: SimpleFlag): boolean {
    return this.#flags.has(flag);
  }

  #group(end: number): SimpleNode | undefined {
    const start = ++this.#at;
    let depth = 1;
    let at = start;
    for (; at < end && depth > 0; at++) {
      if (this.#text[at] === "\\") at++;
      else if (this.#text[at] === "(") depth++;
      else if (this.#text[at] === ")") depth--;
    }
    // Parentheses that are not closed, or too many of them, are ignored.
    if (depth > 0 || this.#depth >= maxDepth) return undefined;
    this.#depth++;
    const inner = this.parse(at - 1);
    this.#depth--;
    this.#at = at;
    return inner;
  }

  #phrase(end: number): SimpleNode | undefined {
    const start = ++this.#at;
    let text = "";
    let at = start;
    while (at < end && this.#text[at] !== '"') {
      if (this.#text[at] === "\\" && this.#has("ESCAPE") && at + 1 < end) at++;
      text += this.#text[at++] ?? "";
    }
    if (at >= end) return undefined;
    this.#at = at + 1;
    let slop = 0;
    if (this.#text[this.#at] === "~" && this.#has("SLOP")) {
      const found = /^~(\d+)/.exec(this.#text.slice(this.#at, end));
      if (found !== null) {
        slop = Number(found[1]);
        this.#at += found[0].length;
      }
    }
    return text === "" ? undefined : { kind: "phrase", text, number: slop };
  }

  #word(end: number): SimpleNode | undefined {
    let text = "";
    let isPrefix = false;
    let edits = 0;
    while (this.#at < end) {
      const character = this.#text[this.#at] ?? "";
      if (character === "\\" && this.#has("ESCAPE") && this.#at + 1 < end) {
        text += this.#text[this.#at + 1] ?? "";
        this.#at += 2;
        isPrefix = false;
        continue;
      }
      if (this.#endsWord(character)) break;
      if (character === "~" && text !== "" && this.#has("FUZZY")) {
        const found = /^~(\d*)(?=$|[\s"|+()])/.exec(this.#text.slice(this.#at, end));
        if (found !== null) {
          edits = found[1] === "" ? 2 : Number(found[1]);
          this.#at += found[0].length;
          break;
        }
      }
      isPrefix = character === "*";
      text += character;
      this.#at++;
    }
    if (text === "") return undefined;
    if (edits > 0) return { kind: "fuzzy", text, number: edits };
    if (isPrefix && text.length > 1 && this.#has("PREFIX"))
      return { kind: "prefix", text: text.slice(0, -1), number: 0 };
    return { kind: "text", text, number: 0 };
  }

  #endsWord(character: string): boolean {
    return (
      (character === '"' && this.#has("PHRASE")) ||
      (character === "|" && this.#has("OR")) ||
      (character === "+" && this.#has("AND")) ||
      ((character === "(" || character === ")") && this.#has("PRECEDENCE")) ||
      (/\s/.test(character) && this.#has("WHITESPACE"))
    );
  }
}
