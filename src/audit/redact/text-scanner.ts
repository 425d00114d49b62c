/** Finds secrets in plain text: pairs of name and value, credentials in URLs and behind schemes. */
import { isCredentialField, isSecretName, isSecretParameter } from "./name-bits.ts";
import type { NameMatcher } from "./name-matcher.ts";
import type { SecretSpans } from "./secret-spans.ts";
import {
  authorityEnd,
  authorityStart,
  byteSet,
  endsWithScheme,
  firstOf,
  hasPlainPort,
  isHarmless,
  lastAtSign,
  looksRandom,
  entityStart,
  nameStart,
  token68End,
} from "./text-bytes.ts";

/** Longest name that is looked at, with separators, in bytes. */
const maxName = 80;
/** A shorter word behind the name of a scheme is a word, in bytes. */
const minCredential = 8;

/** Bytes of `ENCRYPTED PRIVATE KEY` and the dashes, and some more. */
const maxPemLabel = 48;

const space = 0x20;
const equals = 0x3d;
const backslash = 0x5c;

/** Bytes at which something may begin: separators of pairs, the blank behind a scheme's name. */
const starts = byteSet("=: ");
const blanks = byteSet(" \t\r\n");
const blanksOfLine = byteSet(" \t");
const quotes = byteSet("\"'`");
const behindName = byteSet(" \t\"'`\\])");
const endsPlain = byteSet(" \t\r\n&;,\"'`<>)]}");
const endsProse = byteSet("\r\n\"'`<>)]}");
const endsLine = byteSet("\r\n<");
const endsWord = byteSet(" \t\r\n\"'`<>");

/** How the value ends that is being read. */
const mode = {
  none: 0,
  /** Its name was read, but nothing of it. */
  awaited: 1,
  /** At a white space or separator. */
  plain: 2,
  /** At the end of the line, at a quote, at a closing bracket. */
  prose: 3,
  /** At the end of the line, or at the quote in which the line stands. */
  line: 4,
  quoted: 5,
  /** Behind the bracket that closes it. */
  bracketed: 6,
  /** At the dashes of the line that ends a key in PEM (RFC 7468 §2), or at a quote. */
  pem: 7,
} as const;

/**
 * Looks through text that comes in segments: lines, contents of JSON strings, parts of long lines
 * cut at a white space. Costs about one table look-up a byte.
 */
export class TextScanner {
  /** Where the authority of a URL begins that goes on to the end of the last segment; -1: none. */
  openAuthority = -1;

  readonly #names: NameMatcher;
  readonly #extra: NameMatcher | undefined;
  readonly #spans: SecretSpans;
  #mode: number = mode.none;
  /** The mode of the value that is awaited. */
  #next: number = mode.none;
  /** The quote that ends the value or line; 0: none does. */
  #quote = 0;
  /** Backslashes before the quote that opened a string: JSON inside JSON has them. */
  #escapes = 0;
  #depth = 0;
  #isInString = false;
  /** No `@` stands in this range, so that hostile text is not searched again and again. */
  #searchedFrom = 0;
  #searchedTo = 0;

  /** @param spans takes what is found */
  constructor(names: NameMatcher, extra: NameMatcher | undefined, spans: SecretSpans) {
    this.#names = names;
    this.#extra = extra;
    this.#spans = spans;
  }

  /** The last segment ended within a secret, or before its first byte. */
  get isInside(): boolean {
    return this.#mode !== mode.none;
  }

  /** The next segment has nothing to do with those before. */
  reset(): void {
    this.#mode = mode.none;
  }

  /** Searches `bytes[start, end)` and adds what it finds, ascending. */
  scan(bytes: Uint8Array, start: number, end: number): void {
    this.#searchedTo = 0;
    this.openAuthority = -1;
    let at = start;
    if (this.#mode === mode.awaited) at = this.#begin(bytes, start, end);
    else if (this.#mode !== mode.none) at = this.#value(bytes, start, end);
    while (at < end) {
      const byte = bytes[at] ?? 0;
      if (starts[byte] === 0) at += 1;
      else if (byte === space) at = this.#scheme(bytes, start, at, end);
      else at = this.#pair(bytes, start, at, end);
    }
  }

  /** A `:` or `=` stands at `at`. */
  #pair(bytes: Uint8Array, start: number, at: number, end: number): number {
    const isEquals = bytes[at] === equals;
    if (!isEquals) {
      const authority = authorityStart(bytes, at + 1, end);
      if (authority > 0) return this.#url(bytes, authority, end);
    }
    const lowest = at - maxName > start ? at - maxName : start;
    let nameEnd = at;
    while (nameEnd > lowest && behindName[bytes[nameEnd - 1] ?? 0] === 1) nameEnd -= 1;
    if (bytes[nameEnd - 1] === 0x3b) nameEnd = entityStart(bytes, lowest, nameEnd);
    let bits = this.#names.match(bytes, lowest, nameEnd);
    if (this.#extra !== undefined) bits |= this.#extra.match(bytes, lowest, nameEnd);
    if (bits === 0 || !this.#isSecret(bits, bytes, lowest, nameEnd, isEquals)) return at + 1;
    const isLine = (bits & isCredentialField) !== 0 && !isEquals && nameEnd === at;
    this.#next = isLine ? mode.line : isEquals ? mode.plain : mode.prose;
    this.#quote = isLine ? quoteBefore(bytes, start, nameStart(bytes, start, nameEnd)) : 0;
    let value = at + 1;
    // `=>`, `==` and `:=`.
    while (value < end && (bytes[value] === equals || bytes[value] === 0x3e)) value += 1;
    return this.#begin(bytes, value, end);
  }

  #isSecret(
    bits: number,
    bytes: Uint8Array,
    start: number,
    nameEnd: number,
    isEquals: boolean,
  ): boolean {
    if ((bits & isSecretName) !== 0) return true;
    if ((bits & isSecretParameter) === 0 || !isEquals) return false;
    // The more usual words are parameters only in a query: `?`, `&` or `;` stands before them.
    const from = nameStart(bytes, start, nameEnd);
    const before = from > start ? bytes[from - 1] : 0;
    return before === 0x3f || before === 0x26 || before === 0x3b;
  }

  /** A value begins at `at` or behind blanks. */
  #begin(bytes: Uint8Array, at: number, end: number): number {
    const isLine = this.#next === mode.line;
    let from = at;
    while (from < end && (isLine ? blanksOfLine : blanks)[bytes[from] ?? 0] === 1) from += 1;
    this.#mode = from === end ? mode.awaited : this.#next;
    if (from === end || isLine) return this.#value(bytes, from, end);
    let first = from;
    while (first < end && bytes[first] === backslash) first += 1;
    const byte = bytes[first] ?? 0;
    if (quotes[byte] === 1) {
      this.#mode = mode.quoted;
      this.#quote = byte;
      this.#escapes = first - from;
      return this.#value(bytes, first + 1, end);
    }
    if (byte === 0x7b || byte === 0x5b) {
      this.#mode = mode.bracketed;
      this.#depth = 0;
      this.#isInString = false;
    }
    return this.#value(bytes, from, end);
  }

  /** Reads a value from `from` on, or on. @returns index behind it */
  #value(bytes: Uint8Array, from: number, end: number): number {
    const stop = this.#valueEnd(bytes, from, end);
    if (stop < end) this.#mode = mode.none;
    if (!isHarmless(bytes, from, stop)) this.#add(from, stop);
    return stop;
  }

  #valueEnd(bytes: Uint8Array, from: number, end: number): number {
    switch (this.#mode) {
      case mode.plain:
        return firstOf(endsPlain, bytes, from, end);
      case mode.prose:
        return firstOf(endsProse, bytes, from, end);
      case mode.line:
        return this.#lineEnd(bytes, from, end);
      case mode.quoted:
        return this.#closingQuote(bytes, from, end);
      case mode.bracketed:
        return this.#closingBracket(bytes, from, end);
      case mode.pem:
        return pemEnd(bytes, from, end);
      default:
        return from;
    }
  }

  #lineEnd(bytes: Uint8Array, from: number, end: number): number {
    let at = from;
    while (at < end && endsLine[bytes[at] ?? 0] === 0 && bytes[at] !== this.#quote) at += 1;
    return at;
  }

  #closingQuote(bytes: Uint8Array, from: number, end: number): number {
    let run = 0;
    for (let at = from; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === this.#quote && this.#isClosing(run)) return at - this.#escapes;
      run = byte === backslash ? run + 1 : 0;
    }
    return end;
  }

  #closingBracket(bytes: Uint8Array, from: number, end: number): number {
    let run = 0;
    for (let at = from; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === 0x22) {
        if (!this.#isInString) this.#escapes = run;
        if (!this.#isInString || this.#isClosing(run)) this.#isInString = !this.#isInString;
      }
      run = byte === backslash ? run + 1 : 0;
      if (this.#isInString) continue;
      if (byte === 0x7b || byte === 0x5b) this.#depth += 1;
      else if (byte === 0x7d || byte === 0x5d) this.#depth -= 1;
      if (this.#depth > 0) continue;
      this.#mode = mode.none;
      return at + 1;
    }
    return end;
  }

  /**
   * Whether a quote behind a run of backslashes closes a string. Where JSON stands in a string n
   * times, its quotes have `k = 2^n - 1` backslashes before them, a backslash is written as
   * `2k + 2`.
   */
  #isClosing(run: number): boolean {
    return run % (2 * this.#escapes + 2) === this.#escapes;
  }

  /** An authority begins at `from`; credentials end at its last `@`. */
  #url(bytes: Uint8Array, from: number, end: number): number {
    const stop = authorityEnd(bytes, from, end);
    let last = lastAtSign(bytes, from, stop);
    if (last < 0 && !hasPlainPort(bytes, from, stop)) {
      last = this.#lateAtSign(bytes, stop, end);
      // No URL has such a port: a password whose end was cut off.
      if (last < 0) last = stop;
    } else if (last < 0 && stop === end) this.openAuthority = from;
    if (last <= from) return stop;
    this.#add(from, last);
    return last;
  }

  /** The last `@` of the word behind a malformed authority, such as `//user:pa/ss@host`. */
  #lateAtSign(bytes: Uint8Array, from: number, end: number): number {
    if (from >= this.#searchedFrom && from < this.#searchedTo) return -1;
    const stop = firstOf(endsWord, bytes, from, end);
    const last = lastAtSign(bytes, from, stop);
    if (last >= 0) return last;
    this.#searchedFrom = from;
    this.#searchedTo = stop;
    return -1;
  }

  /** A blank stands at `at`, perhaps behind the name of an authentication scheme. */
  #scheme(bytes: Uint8Array, start: number, at: number, end: number): number {
    if (at === start) return at + 1;
    if (bytes[at - 1] === 0x4e && bytes[at - 6] === 0x2d) return this.#pem(bytes, at, end);
    if (!endsWithScheme(bytes, start, at)) return at + 1;
    let from = at + 1;
    while (from < end && bytes[from] === space) from += 1;
    if (from === end) {
      this.#mode = mode.awaited;
      this.#next = mode.plain;
      return end;
    }
    const stop = token68End(bytes, from, end);
    if (stop - from < minCredential || !looksRandom(bytes, from, stop)) return at + 1;
    this.#add(from, stop);
    return stop;
  }

  /** A blank stands at `at`, perhaps behind `-----BEGIN`. */
  #pem(bytes: Uint8Array, at: number, end: number): number {
    const stop = Math.min(end, at + maxPemLabel);
    const label = String.fromCharCode(...bytes.subarray(Math.max(0, at - 10), stop));
    const found = /^-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/.exec(label)?.[0];
    if (found === undefined) return at + 1;
    this.#mode = mode.pem;
    return this.#value(bytes, at - 10 + found.length, end);
  }

  #add(from: number, to: number): void {
    this.#spans.add(from, to, true);
  }
}

/** Index of the dashes behind a key in PEM, which may have fields with single dashes before it. */
function pemEnd(bytes: Uint8Array, from: number, end: number): number {
  for (let at = from; at < end; at += 1) {
    if (quotes[bytes[at] ?? 0] === 1) return at;
    if (bytes[at] === 0x2d && bytes[at + 1] === 0x2d) return at;
  }
  return end;
}

/** The quote before a name, in which its whole line stands; 0: none. */
function quoteBefore(bytes: Uint8Array, start: number, name: number): number {
  const byte = name > start ? (bytes[name - 1] ?? 0) : 0;
  return quotes[byte] === 1 ? byte : 0;
}
