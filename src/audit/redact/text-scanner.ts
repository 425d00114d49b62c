/** Finds secrets in plain text: pairs of name and value, credentials in URLs and behind schemes. */
import type { Buffer } from "node:buffer";

import { ByteSearch, wantedBytes } from "./byte-search.ts";
import {
  cdataEnd,
  cdataStart,
  labelBefore,
  nameInTag,
  tagEnd,
  tagNameEnd,
  tagStart,
} from "./markup.ts";
import { isCredentialField, isSecretName, isSecretParameter, isValueMember } from "./name-bits.ts";
import {
  closesString,
  firstInBrackets,
  lineEnd,
  literalBehind,
  quoteBefore,
  quotes,
} from "./literals.ts";
import { pemEnd, pemStart } from "./pem.ts";
import { LastLetter } from "./last-letter.ts";
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
import { mode } from "./value-mode.ts";
import { blockStart, SecretBlock } from "./yaml-block.ts";

/** Longest name that is looked at, with separators, in bytes. */
const maxName = 80;
/** A shorter word behind the name of a scheme is a word, in bytes. */
const minCredential = 8;

const space = 0x20;
const equals = 0x3d;
const comma = 0x2c;
const smallE = 0x65;
const lessThan = 0x3c;
const slash = 0x2f;
const backslash = 0x5c;

/** Where something may begin: separators of pairs, tags, the blank behind a scheme's name. */
const starts = wantedBytes("=: ,<");
const blanks = byteSet(" \t\r\n");
const blanksOfLine = byteSet(" \t");
const behindName = byteSet(" \t\"'`\\])");
const endsPlain = byteSet(" \t\r\n&;,\"'`<>)]}");
const endsProse = byteSet("\r\n\"'`<>)]}");
const endsElement = byteSet("<");
const endsWord = byteSet(" \t\r\n\"'`<>");

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
  readonly #starts = new ByteSearch(starts);
  #mode: number = mode.none;
  /** The mode of the value that is awaited. */
  #next: number = mode.none;
  /** The quote that ends the value or line; 0: none does. */
  #quote = 0;
  /** Backslashes before the quote that opened a string: JSON inside JSON has them. */
  #escapes = 0;
  #depth = 0;
  #isInString = false;
  readonly #block = new SecretBlock();
  /** No `@` stands in this range, so that hostile text is not searched again and again. */
  #searchedFrom = 0;
  #searchedTo = 0;
  readonly #lastLetter = new LastLetter();

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
  scan(bytes: Buffer, start: number, end: number): void {
    this.#searchedTo = 0;
    this.#lastLetter.reset(start);
    this.openAuthority = -1;
    let at = start;
    if (this.#mode === mode.block) at = this.#blockEnd(bytes, start, end);
    else if (this.#mode === mode.awaited) at = this.#begin(bytes, start, end);
    else if (this.#mode !== mode.none) at = this.#value(bytes, start, end);
    this.#starts.reset();
    for (;;) {
      at = this.#starts.next(bytes, at, end);
      if (at >= end) return;
      const byte = bytes[at];
      if (byte === space) at = this.#scheme(bytes, start, at, end);
      else if (byte === comma) at = this.#listed(bytes, start, at, end);
      else if (byte === lessThan) at = this.#tag(bytes, start, at, end);
      else at = this.#pair(bytes, start, at, end);
    }
  }

  /** A `:` or `=` stands at `at`. */
  #pair(bytes: Buffer, start: number, at: number, end: number): number {
    const isEquals = bytes[at] === equals;
    if (!isEquals) {
      const authority = authorityStart(bytes, at + 1, end);
      if (authority > 0) return this.#url(bytes, authority, end);
    }
    const lowest = at - maxName > start ? at - maxName : start;
    const letters = this.#lastLetter.before(bytes, lowest, at);
    // No name stands before it; long rows of them are looked at again and again otherwise.
    if (letters <= lowest || bytes[at - 1] === equals) return at + 1;
    let nameEnd = at;
    while (nameEnd > lowest && behindName[bytes[nameEnd - 1] ?? 0] === 1) nameEnd -= 1;
    if (bytes[nameEnd - 1] === 0x3b) nameEnd = entityStart(bytes, lowest, nameEnd);
    const last = Math.min(letters, nameEnd);
    let bits = this.#names.match(bytes, lowest, last);
    if (this.#extra !== undefined) bits |= this.#extra.match(bytes, lowest, last);
    // A word before it belongs to a name (`Api Key`), but not the name of a tag to its attribute.
    if (bits === 0 && isEquals && bytes[nameEnd - 1] === smallE)
      bits = this.#names.match(bytes, nameStart(bytes, lowest, nameEnd), nameEnd) & isValueMember;
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
    bytes: Buffer,
    start: number,
    nameEnd: number,
    isEquals: boolean,
  ): boolean {
    if ((bits & isSecretName) !== 0) return true;
    if (!isEquals) return false;
    if ((bits & isValueMember) !== 0) return this.#isNamedInTag(bytes, start, nameEnd);
    if ((bits & isSecretParameter) === 0) return false;
    // The more usual words are parameters only in a query: `?`, `&` or `;` stands before them.
    const from = nameStart(bytes, start, nameEnd);
    const before = from > start ? bytes[from - 1] : 0;
    return before === 0x3f || before === 0x26 || before === 0x3b;
  }

  /**
   * A comma stands at `at`, perhaps between a name in quotes, the first in its brackets, and its
   * value in quotes: `('X-Api-Key', '…')`, `headers.put("token", "…")`.
   */
  #listed(bytes: Buffer, start: number, at: number, end: number): number {
    if (at === start || quotes[bytes[at - 1] ?? 0] === 0) return at + 1;
    const name = firstInBrackets(bytes, Math.max(start, at - maxName), at);
    if (name === undefined || !this.#isSecretName(name, 0, name.length)) return at + 1;
    const from = literalBehind(bytes, at + 1, end);
    if (from === 0) return at + 1;
    this.#next = mode.plain;
    return this.#begin(bytes, from, end);
  }

  /** A tag may begin at `at`, named like a secret, or behind the name of one. */
  #tag(bytes: Buffer, start: number, at: number, end: number): number {
    const lowest = at - maxName > start ? at - maxName : start;
    const label = labelBefore(bytes, lowest, at);
    if (label !== undefined && this.#isSecretName(label, 0, label.length))
      return this.#beginElement(bytes, at, end);
    const nameEnd = tagNameEnd(bytes, at, end);
    const behind = nameEnd === at + 1 ? 0 : tagEnd(bytes, at, end);
    if (behind === 0) return at + 1;
    const isEmpty = bytes[behind - 2] === slash || bytes[behind + 1] === slash;
    if (nameEnd - at <= maxName && this.#isSecretName(bytes, at + 1, nameEnd))
      return isEmpty ? behind : this.#beginElement(bytes, behind, end);
    return at + 1;
  }

  /** Whether another attribute of its tag says that a `value` is a secret. */
  #isNamedInTag(bytes: Buffer, start: number, at: number): boolean {
    const from = tagStart(bytes, start, at);
    const name = from < 0 ? undefined : nameInTag(bytes, from, tagEnd(bytes, from, bytes.length));
    return name !== undefined && this.#isSecretName(name, 0, name.length);
  }

  /** The text of an element begins behind the tags and blanks at `at`. */
  #beginElement(bytes: Buffer, at: number, end: number): number {
    this.#next = mode.element;
    let from = at;
    for (;;) {
      while (from < end && blanks[bytes[from] ?? 0] === 1) from += 1;
      this.#mode = from === end ? mode.awaited : mode.element;
      if (from === end) return end;
      if (bytes[from] !== lessThan) return this.#value(bytes, from, end);
      const section = cdataStart(bytes, from, end);
      if (section > 0) {
        this.#mode = mode.cdata;
        return this.#value(bytes, section, end);
      }
      this.#mode = mode.none;
      const behind = tagEnd(bytes, from, end);
      if (behind === 0) return from + 1;
      from = behind;
    }
  }

  #isSecretName(bytes: Buffer, start: number, end: number): boolean {
    let bits = this.#names.match(bytes, start, end);
    if (this.#extra !== undefined) bits |= this.#extra.match(bytes, start, end);
    return (bits & isSecretName) !== 0;
  }

  /** A value begins at `at` or behind blanks. */
  #begin(bytes: Buffer, at: number, end: number): number {
    if (this.#next === mode.element) return this.#beginElement(bytes, at, end);
    const isLine = this.#next === mode.line;
    let from = at;
    while (from < end && (isLine ? blanksOfLine : blanks)[bytes[from] ?? 0] === 1) from += 1;
    this.#mode = from === end ? mode.awaited : this.#next;
    if (from === end || isLine) return this.#value(bytes, from, end);
    const block = this.#next === mode.prose ? blockStart(bytes, from, end) : 0;
    if (block > 0) {
      this.#mode = mode.block;
      this.#block.begin();
      return this.#blockEnd(bytes, block, end);
    }
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

  #blockEnd(bytes: Buffer, from: number, end: number): number {
    const behind = this.#block.read(bytes, from, end, this.#spans);
    if (behind < 0) return end;
    this.#mode = mode.none;
    return behind;
  }

  /** Reads a value from `from` on, or on. @returns index behind it */
  #value(bytes: Buffer, from: number, end: number): number {
    const stop = this.#valueEnd(bytes, from, end);
    let last = stop;
    // The ends of lines stay.
    if (this.#mode >= mode.element)
      while (last > from && blanks[bytes[last - 1] ?? 0] === 1) last -= 1;
    if (stop < end) this.#mode = mode.none;
    if (!isHarmless(bytes, from, last)) this.#add(from, last);
    return stop;
  }

  #valueEnd(bytes: Buffer, from: number, end: number): number {
    switch (this.#mode) {
      case mode.plain:
        return firstOf(endsPlain, bytes, from, end);
      case mode.prose:
        return firstOf(endsProse, bytes, from, end);
      case mode.line:
        return lineEnd(bytes, from, end, this.#quote);
      case mode.quoted:
        return this.#closingQuote(bytes, from, end);
      case mode.bracketed:
        return this.#closingBracket(bytes, from, end);
      case mode.pem:
        return pemEnd(bytes, from, end);
      case mode.element:
        return firstOf(endsElement, bytes, from, end);
      case mode.cdata:
        return cdataEnd(bytes, from, end);
      default:
        return from;
    }
  }

  #closingQuote(bytes: Buffer, from: number, end: number): number {
    let run = 0;
    for (let at = from; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === this.#quote && closesString(run, this.#escapes)) return at - this.#escapes;
      run = byte === backslash ? run + 1 : 0;
    }
    return end;
  }

  #closingBracket(bytes: Buffer, from: number, end: number): number {
    let run = 0;
    for (let at = from; at < end; at += 1) {
      const byte = bytes[at] ?? 0;
      if (byte === 0x22) {
        if (!this.#isInString) this.#escapes = run;
        if (!this.#isInString || closesString(run, this.#escapes))
          this.#isInString = !this.#isInString;
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

  /** An authority begins at `from`; credentials end at its last `@`. */
  #url(bytes: Buffer, from: number, end: number): number {
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
  #lateAtSign(bytes: Buffer, from: number, end: number): number {
    if (from >= this.#searchedFrom && from < this.#searchedTo) return -1;
    const stop = firstOf(endsWord, bytes, from, end);
    const last = lastAtSign(bytes, from, stop);
    if (last >= 0) return last;
    this.#searchedFrom = from;
    this.#searchedTo = stop;
    return -1;
  }

  /** A blank stands at `at`, perhaps behind the name of an authentication scheme. */
  #scheme(bytes: Buffer, start: number, at: number, end: number): number {
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
  #pem(bytes: Buffer, at: number, end: number): number {
    const from = pemStart(bytes, at, end);
    if (from === 0) return at + 1;
    this.#mode = mode.pem;
    return this.#value(bytes, from, end);
  }

  #add(from: number, to: number): void {
    this.#spans.add(from, to, true);
  }
}
