/** A position in the text of a query, and what all three languages pass over or read alike. */

/** Walks through one query. Never moves backwards, so a whole walk is linear. */
export class TextCursor {
  readonly text: string;
  at = 0;
  /** Something had no end: a quote or a comment. */
  isBroken = false;
  readonly #lineComment: string;
  #commentsNest = true;

  /** @param lineComment what begins a comment up to the end of the line: `//` or `--` */
  constructor(text: string, lineComment: string) {
    this.text = text;
    this.#lineComment = lineComment;
  }

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Passes over white space and comments. */
  skipBlank(): void {
    for (;;) {
      blank.lastIndex = this.at;
      if (blank.test(this.text)) this.at = blank.lastIndex;
      if (this.text.startsWith(this.#lineComment, this.at)) this.at = this.#lineEnd();
      else if (this.text.startsWith("/*", this.at)) this.#skipComment();
      else return;
    }
  }

  /** The position behind the next line end from here on. */
  #lineEnd(): number {
    lineEnd.lastIndex = this.at;
    const match = lineEnd.exec(this.text);
    return match === null ? this.text.length : match.index + 1;
  }

  /** Comments nest. One whose inner comments do not end is read as ending at the first mark. */
  #skipComment(): void {
    const end = this.#commentsNest ? this.#nestedEnd() : -1;
    if (end >= 0) {
      this.at = end;
      return;
    }
    // Once only: looking through the rest of the text for each comment would be quadratic.
    this.#commentsNest = false;
    const first = this.text.indexOf("*/", this.at + 2);
    if (first < 0) this.isBroken = true;
    this.at = first < 0 ? this.text.length : first + 2;
  }

  #nestedEnd(): number {
    let depth = 0;
    commentMark.lastIndex = this.at;
    for (;;) {
      const match = commentMark.exec(this.text);
      if (match === null) return -1;
      depth += match[0] === "/*" ? 1 : -1;
      if (depth === 0) return commentMark.lastIndex;
    }
  }

  /**
   * Reads what a sticky expression matches here.
   *
   * @returns undefined when it does not match, or matches nothing
   */
  take(sticky: RegExp): string | undefined {
    sticky.lastIndex = this.at;
    const match = sticky.exec(this.text);
    if (match === null || match[0] === "") return undefined;
    this.at = sticky.lastIndex;
    return match[0];
  }

  /** Whether a sticky expression matches here. */
  looksAt(sticky: RegExp): boolean {
    sticky.lastIndex = this.at;
    return sticky.test(this.text);
  }

  /** Reads text in quotes in which a doubled quote stands for one; undefined when it has no end. */
  takeDoubling(quote: string): string | undefined {
    let end = this.text.indexOf(quote, this.at + 1);
    while (end >= 0 && this.text[end + 1] === quote) end = this.text.indexOf(quote, end + 2);
    if (end < 0) return undefined;
    const start = this.at;
    this.at = end + 1;
    return this.text.slice(start, this.at);
  }

  /**
   * Reads text in quotes with backslash escapes. It ends with the line: a quote without a
   * counterpart takes the rest of it.
   */
  takeEscaped(quote: string): string {
    const start = this.at;
    const mark = quote === '"' ? stringMark : characterMark;
    mark.lastIndex = start + 1;
    for (let match = mark.exec(this.text); ; match = mark.exec(this.text)) {
      if (match?.[0] === "\\") {
        mark.lastIndex += 1;
        continue;
      }
      const isClosed = match?.[0] === quote;
      if (!isClosed) this.isBroken = true;
      this.at = match === null ? this.text.length : match.index + (isClosed ? 1 : 0);
      return this.text.slice(start, this.at);
    }
  }

  /** Reads `"""…"""` on one line, with up to two quotes more before the closing ones. */
  takeTripleQuoted(): string | undefined {
    if (!this.text.startsWith('"""', this.at)) return undefined;
    tripleMark.lastIndex = this.at + 3;
    const match = tripleMark.exec(this.text);
    if (match === null || match[0].length < 3) return undefined;
    const start = this.at;
    this.at = tripleMark.lastIndex;
    return this.text.slice(start, this.at);
  }

  /** Reads one character, of which nothing else is known. */
  takeCharacter(): string {
    const code = this.text.codePointAt(this.at) ?? 0;
    const character = String.fromCodePoint(code);
    this.at += character.length;
    return character;
  }
}

const blank = /[\s\u0000]+/y; // oxlint-disable-line no-control-regex -- NUL is passed over as well
const lineEnd = /[\r\n]/g;
const stringMark = /["\\\r\n]/g;
const characterMark = /['\\\r\n]/g;
const tripleMark = /"{3,5}|[\r\n]/g;
const commentMark = /\/\*|\*\//g;
