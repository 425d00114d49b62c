/**
 * Lays JSON out over lines without reading its values: numbers keep all their digits, strings their
 * escapes, members their order.
 */

const step = "  ";
/** Texts between structural characters: a string, or a number or word. */
const tokens = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gs;
const number = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
/** Deeper values stay on one line. */
const maxDepth = 200;

/** Marks parts of the laid out text, for colours. */
export type JsonMark = (text: string, kind: "name" | "string" | "other") => string;

const unmarked: JsonMark = (text) => text;

/**
 * The text with one member or element a line; `undefined` when it is no JSON value, or no object
 * and no array.
 *
 * @param isCut the text is the beginning of a longer one: what is there of the value is laid out
 */
export function layOutJson(
  text: string,
  mark: JsonMark = unmarked,
  isCut = false,
): string | undefined {
  const start = text.trimStart()[0];
  if (start !== "{" && start !== "[") return undefined;
  const layout = new Layout(mark);
  let end = 0;
  for (const found of text.matchAll(tokens)) {
    if (text.slice(end, found.index).trim() !== "" || !layout.take(found[0])) {
      if (isCut && end > 0) break;
      return undefined;
    }
    end = found.index + found[0].length;
  }
  // A string that is cut has no closing quote.
  if (isCut) return layout.text + mark(text.slice(end).trim(), "string");
  return text.slice(end).trim() === "" && layout.isWhole ? layout.text : undefined;
}

/** The same of many values, a line each (NDJSON); `undefined` when a line is none. */
export function layOutJsonLines(text: string, isCut = false): string | undefined {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const laidOut: string[] = [];
  for (const [at, line] of lines.entries()) {
    const value = layOutJson(line, unmarked, isCut && at === lines.length - 1);
    if (value === undefined) return undefined;
    laidOut.push(value);
  }
  return laidOut.length === 0 ? undefined : laidOut.join("\n");
}

type Expectation =
  | "value"
  | "valueOrEnd"
  | "name"
  | "nameOrEnd"
  | "colon"
  | "separator"
  | "nothing";

class Layout {
  readonly #mark: JsonMark;
  readonly #open: string[] = [];
  text = "";
  #expects: Expectation = "value";

  constructor(mark: JsonMark) {
    this.#mark = mark;
  }

  get isWhole(): boolean {
    return this.#expects === "nothing";
  }

  /** @returns whether the token may stand here */
  take(token: string): boolean {
    switch (token) {
      case "{":
      case "[":
        return this.#begin(token);
      case "}":
      case "]":
        return this.#end(token);
      case ",":
        return this.#comma();
      case ":":
        if (this.#expects !== "colon") return false;
        this.text += ": ";
        this.#expects = "value";
        return true;
      default:
        return this.#scalar(token);
    }
  }

  #begin(token: "{" | "["): boolean {
    if (!this.#isValueExpected() || this.#open.length === maxDepth) return false;
    this.#beforeElement();
    this.text += token;
    this.#open.push(token);
    this.#expects = token === "{" ? "nameOrEnd" : "valueOrEnd";
    return true;
  }

  #end(token: "}" | "]"): boolean {
    const isEmpty = this.#expects === "nameOrEnd" || this.#expects === "valueOrEnd";
    if (!isEmpty && this.#expects !== "separator") return false;
    if (this.#open.pop() !== (token === "}" ? "{" : "[")) return false;
    if (!isEmpty) this.text += this.#lineBreak();
    this.text += token;
    this.#afterValue();
    return true;
  }

  #comma(): boolean {
    if (this.#expects !== "separator") return false;
    this.text += ",";
    this.#expects = this.#open.at(-1) === "{" ? "name" : "value";
    return true;
  }

  #scalar(token: string): boolean {
    const isString = token.startsWith('"');
    if (this.#expects === "name" || this.#expects === "nameOrEnd") {
      if (!isString) return false;
      this.text += this.#lineBreak() + this.#mark(token, "name");
      this.#expects = "colon";
      return true;
    }
    if (!this.#isValueExpected()) return false;
    const isWord = token === "true" || token === "false" || token === "null";
    if (!isString && !isWord && !number.test(token)) return false;
    this.#beforeElement();
    this.text += this.#mark(token, isString ? "string" : "other");
    this.#afterValue();
    return true;
  }

  #isValueExpected(): boolean {
    return this.#expects === "value" || this.#expects === "valueOrEnd";
  }

  /** Elements of arrays begin on lines of their own, values of members behind their names. */
  #beforeElement(): void {
    if (this.#open.at(-1) === "[") this.text += this.#lineBreak();
  }

  #afterValue(): void {
    this.#expects = this.#open.length === 0 ? "nothing" : "separator";
  }

  #lineBreak(): string {
    return `\n${step.repeat(this.#open.length)}`;
  }
}
