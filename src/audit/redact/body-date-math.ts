/** Date math in a request's body that names an index of credentials: `<.sec{now{'urity'}}>`. */
import { Buffer } from "node:buffer";
import { ByteSearch, wantedBytes } from "./byte-search.ts";
import { mayBeginSecretIndex, namesSecretIndex } from "./secret-indices.ts";
import { byteSet } from "./text-bytes.ts";

/** An expression is not longer, with the escapes in it, in bytes. */
const longest = 512;
/** Bytes of a name before its first brace that are looked at. */
const longestStart = 64;
/**
 * Expressions of one body that are resolved, which takes a microsecond each: so many, and one more
 * for each KiB of it. One more counts as one that names such an index.
 */
const freeExpressions = 64;
const bytesPerExpression = 1024;

const lessThans = new ByteSearch(wantedBytes("<"));
/** Some encoders write `<` so in any text. */
const escapedLessThan = Buffer.from(String.raw`\u003`);
const letterC = 0x63;
const greaterThan = 0x3e;
/** The end of `>` as an escape, which a piece may begin with or hold. */
const mayEndEscape = /^.{0,4}e|\\u003e/i;
const dot = 0x2e;
const brace = 0x7b;
const backslash = 0x5c;
/** What follows the beginning of a name in date math. */
const goesOn = byteSet("{}\\>*");
/** `now`, a date, or an escape. */
const beginsDate = byteSet("n0123456789+-\\");
/** What ends a name that is no date math. */
const nameBytes = byteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
const expression = /^[^>\n]*?(?=>|\\u003e)/i;
/** With a date that ends, in ASCII: what else Elasticsearch reads as date math is none of them. */
const withDate = /^[ -~]*\{[ -~]*\}[ -~]*$/;
/** No index of credentials has another letter, so a wildcard among them finds none. */
const isAscii = /^[ -~]*$/;
const escapes = /\\(?:u00([0-9a-f]{2})|(["\\/]))/gi;
const empty = Buffer.alloc(0);

/**
 * Looks at each `<` behind which a name with a leading dot may stand, and resolves what follows it
 * up to its `>`. Resumable; looks at each byte about once.
 */
export class BodyDateMath {
  readonly #isJson: boolean;
  /** The end of what was passed, in which an expression may have begun. */
  #tail: Buffer = empty;
  #passed = 0;
  #resolved = 0;

  /** @param isJson a backslash stands there twice */
  constructor(isJson: boolean) {
    this.#isJson = isJson;
  }

  /** Where the first begins in `bytes[start, end)`, or went on from before; -1: there is none. */
  first(bytes: Buffer, start: number, end: number): number {
    const tail = this.#tail;
    const near = bytes.subarray(start, Math.min(end, start + longest));
    if (
      tail.length > 0 &&
      (near.includes(greaterThan) || mayEndEscape.test(near.toString("latin1")))
    ) {
      const joined = Buffer.concat([tail, near]);
      const at = this.#firstIn(joined, tail.length, tail.length);
      if (at >= 0) return start + Math.max(0, at - tail.length);
    }
    const part = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    const at = this.#firstIn(part, part.length, 0);
    return at < 0 ? -1 : start + at;
  }

  /** What was searched has been passed on. */
  pass(bytes: Buffer, start: number, end: number): void {
    const last = bytes.subarray(Math.max(start, end - longest), end);
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-longest);
    this.#passed += end - start;
  }

  /**
   * Index of the first expression in `bytes` that begins before `before`; -1: there is none.
   *
   * @param known those that end before have been looked at
   */
  #firstIn(bytes: Buffer, before: number, known: number): number {
    const plain = this.#firstPlain(bytes, before, known);
    const escaped = this.#firstEscaped(bytes, plain < 0 ? before : plain, known);
    return escaped < 0 ? plain : escaped;
  }

  #firstPlain(bytes: Buffer, before: number, known: number): number {
    lessThans.reset();
    let at = lessThans.next(bytes, 0, before);
    while (at < before) {
      if (this.#mayBegin(bytes, at + 1) && this.#names(bytes, at + 1, known)) return at;
      at = lessThans.next(bytes, at + 1, before);
    }
    return -1;
  }

  #firstEscaped(bytes: Buffer, before: number, known: number): number {
    let at = bytes.indexOf(escapedLessThan);
    while (at >= 0 && at < before) {
      const from = at + escapedLessThan.length;
      const isOne = ((bytes[from] ?? 0) | 0x20) === letterC;
      if (isOne && this.#mayBegin(bytes, from + 1) && this.#names(bytes, from + 1, known))
        return at;
      at = bytes.indexOf(escapedLessThan, from);
    }
    return -1;
  }

  /** Whether what stands before the first brace may begin such a name. */
  #mayBegin(bytes: Buffer, from: number): boolean {
    const next = bytes[from];
    if (next === brace) return beginsDate[bytes[from + 1] ?? 0] === 1;
    if (next === backslash) return !this.#isJson || bytes[from + 1] === backslash;
    if (next !== dot) return false;
    const most = Math.min(bytes.length, from + longestStart);
    let end = from;
    while (end < most && nameBytes[bytes[end] ?? 0] === 1) end += 1;
    if (end < most && goesOn[bytes[end] ?? 0] === 0) return false;
    return mayBeginSecretIndex(bytes, from, end);
  }

  #names(bytes: Buffer, from: number, known: number): boolean {
    const text = bytes.toString("latin1", from, Math.min(bytes.length, from + longest));
    const raw = expression.exec(text)?.[0];
    // It may end in the next piece.
    if (raw === undefined && text.length < longest) return false;
    if (raw !== undefined && from + raw.length < known) return false;
    this.#resolved += 1;
    if (this.#resolved > freeExpressions + (this.#passed + from) / bytesPerExpression) return true;
    if (raw === undefined) return false;
    const plain = withoutEscapes(raw);
    return resolvesToOne(plain) || (plain !== raw && resolvesToOne(raw));
  }
}

function resolvesToOne(text: string): boolean {
  if (withDate.test(text)) return namesSecretIndex(`<${text}>`, false);
  if (text.includes("{") || !isAscii.test(text)) return false;
  return namesSecretIndex(text.replaceAll("\\", ""), false);
}

function withoutEscapes(text: string): string {
  return text.replaceAll(escapes, (_, digits?: string, char?: string) =>
    digits === undefined ? (char ?? "") : String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
