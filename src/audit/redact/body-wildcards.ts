/** Wildcards in the body of a request that may match an index of credentials: `FROM .sec*`. */
import { Buffer } from "node:buffer";
import { ByteSearch, wantedBytes } from "./byte-search.ts";
import { mayBeginSecretIndex } from "./secret-indices.ts";
import { byteSet } from "./text-bytes.ts";

const dot = 0x2e;
const star = 0x2a;
const backslash = 0x5c;
const blank = 0x20;

/** What names of these indices consist of. Behind any other byte a name may begin. */
const nameBytes = byteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
const quotes = byteSet("\"'\\");
/** Escapes of JSON of one letter, such as `\n`. */
const shortEscapes = byteSet("bfnrt");
const escapeOfFour = 0x75;

/** No index of credentials has a longer name, with an escape before it, in bytes. */
const longestName = 48;
/** Directly behind these words of ES|QL and SQL stands a pattern of text, never an index. */
const patternWords = /\br?like$/i;
/** How far before the name they may begin: the word, a blank and three escaped quotes, in bytes. */
const wordBefore = 16;
/** Bytes of a body that tell what a `*` behind them ends. */
const context = longestName + wordBefore;

const stars = new ByteSearch(wantedBytes("*"));
const empty = Buffer.alloc(0);

/**
 * Looks for a name with a leading dot up to its first `*`, behind anything that is no part of a
 * name: white space, a quote, a comma, the `:` of a remote cluster, an escape. What follows the `*`
 * decides nothing, as the patterns of the indices end with `*`, too. Resumable; looks at each byte
 * about twice.
 */
export class BodyWildcards {
  readonly #isBinary: boolean;
  /** The end of what was passed; shorter than `context`: all of it. */
  #tail: Buffer = empty;

  /** @param isBinary what stands before a name may be its length, which may look like a letter */
  constructor(isBinary: boolean) {
    this.#isBinary = isBinary;
  }

  /** Where the name of the first one begins in `bytes[start, end)`; -1: there is none. */
  first(bytes: Buffer, start: number, end: number): number {
    const tail = this.#tail;
    if (tail.length === 0) return this.#firstFrom(bytes, start, start, end);
    const near = Math.min(end, start + context);
    const head = bytes.subarray(start, near);
    if (head.includes(star)) {
      const joined = Buffer.concat([tail, head]);
      const at = this.#firstFrom(joined, 0, tail.length, joined.length);
      if (at >= 0) return start + Math.max(0, at - tail.length);
    }
    return this.#firstFrom(bytes, start, near, end);
  }

  /** What was searched has been passed on. */
  pass(bytes: Buffer, start: number, end: number): void {
    const last = bytes.subarray(Math.max(start, end - context), end);
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-context);
  }

  /** The same for each `*` in `bytes[from, end)`, of names that may begin at `start`. */
  #firstFrom(bytes: Buffer, start: number, from: number, end: number): number {
    stars.reset();
    let at = stars.next(bytes, from, end);
    while (at < end) {
      const name = nameBefore(bytes, start, at, this.#isBinary);
      if (name >= 0 && mayBeginSecretIndex(bytes, name, at) && !isPattern(bytes, start, name))
        return name;
      at = stars.next(bytes, at + 1, end);
    }
    return -1;
  }
}

/** Where the name with a leading dot begins that ends before `end`; -1: there is none. */
function nameBefore(bytes: Buffer, start: number, end: number, isBinary: boolean): number {
  const least = Math.max(start, end - longestName);
  let at = end;
  while (at > least && nameBytes[bytes[at - 1] ?? 0] === 1) {
    at -= 1;
    if (isBinary && bytes[at] === dot) return at;
  }
  if (at > start) {
    const before = bytes[at - 1] ?? 0;
    // The name began before an earlier `*`, or is longer than any.
    if (before === star || nameBytes[before] === 1) return -1;
    if (before === backslash) {
      const kind = bytes[at] ?? 0;
      if (kind === escapeOfFour) at += 5;
      else if (shortEscapes[kind] === 1) at += 1;
    }
  }
  return at < end && bytes[at] === dot ? at : -1;
}

/** Whether the name is a text behind a word such as RLIKE: `RLIKE \".*x\"`. */
function isPattern(bytes: Buffer, start: number, name: number): boolean {
  const least = Math.max(start, name - wordBefore);
  let at = name;
  while (at > least && quotes[bytes[at - 1] ?? 0] === 1) at -= 1;
  if (at === name || bytes[at - 1] !== blank) return false;
  while (at > least && bytes[at - 1] === blank) at -= 1;
  return patternWords.test(bytes.toString("latin1", least, at));
}
