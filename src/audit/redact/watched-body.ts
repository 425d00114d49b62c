/** Bodies that name indices of credentials which the path of their request does not name. */
import { Buffer } from "node:buffer";
import type { BodyRedactor, RedactedSink, RedactionResult } from "./body-redactor.ts";
import { BodyWildcards } from "./body-wildcards.ts";

/**
 * How their names begin, in two parts: what is searched, and what must follow. Up to six bytes are
 * searched with `memchr`, ten times as fast as longer ones.
 */
const marks = [
  [Buffer.from(".secu"), Buffer.from("rity")],
  [Buffer.from(".secr"), Buffer.from("ets-inference")],
  [Buffer.from(".flee"), Buffer.from("t-secrets")],
  [Buffer.from(".conn"), Buffer.from("ector-secrets")],
] as const;
/**
 * A header of `_msearch` with `expand_wildcards` or `expandWildcards` reads hidden indices by `*`,
 * and by no name at all.
 */
const expansions = [
  [Buffer.from("_wildc"), Buffer.from("ards")],
  [Buffer.from("dWildc"), Buffer.from("ards")],
] as const;
const marksOfWildcards = [...marks, ...expansions] as const;
/**
 * A letter, dot, hyphen or `*` as an escape of JSON, which no encoder writes: only who hides a name
 * in a request does.
 */
const escapeStart = Buffer.from(String.raw`\u00`);
const hidesLetter = /^(?:2[ade]|6[1-9a-f]|7[0-9a])/i;
/** Bytes of the longest name less one. */
const longestTail = 17;

const quote = 0x22;

/**
 * Where names are looked for: in quotes, alone, as in answers; anywhere; anywhere and by wildcards,
 * which only requests that read understand, in text or in a binary format.
 */
export type WatchedNames = "quoted" | "anywhere" | "wildcards" | "binary wildcards";

/**
 * Passes a body on as received until it names an index of credentials; from there on it is looked
 * through. An answer does as a page of a scroll or a point in time, where the members `_index` and
 * `_id` of a hit stand before its `_source`; a request as `_bulk`, `_mget` and ES|QL.
 *
 * Searching costs a tenth of what hashing a body does. The digest is missing: it would have to be
 * computed of every such body.
 */
export class WatchedBody implements BodyRedactor {
  readonly #begin: () => BodyRedactor;
  readonly #isQuoted: boolean;
  readonly #wildcards: BodyWildcards | undefined = undefined;
  #rest: BodyRedactor | undefined = undefined;
  /** The end of what was passed on, in which a name may have begun. */
  #tail: Buffer = Buffer.alloc(0);

  /** @param begin makes the redaction of what follows; it must not need the beginning of a body */
  constructor(begin: () => BodyRedactor, names: WatchedNames) {
    this.#begin = begin;
    this.#isQuoted = names === "quoted";
    if (names === "wildcards" || names === "binary wildcards")
      this.#wildcards = new BodyWildcards(names === "binary wildcards");
  }

  passes(bytes: Buffer, start: number, end: number): boolean {
    return this.#first(bytes, start, end) < 0;
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    if (this.#rest !== undefined) return this.#rest.write(bytes, start, end, sink);
    const at = this.#goesOn(bytes, start, end) ? start : this.#first(bytes, start, end);
    if (at < 0) {
      sink.keep(bytes, start, end);
      this.#wildcards?.pass(bytes, start, end);
      this.#tail = Buffer.concat([this.#tail, bytes.subarray(start, end)].map(lastBytes));
      this.#tail = lastBytes(this.#tail);
      return;
    }
    if (at > start) sink.keep(bytes, start, at);
    this.#rest = this.#begin();
    this.#rest.write(bytes, at, end, sink);
  }

  finish(sink: RedactedSink): RedactionResult {
    const result = this.#rest?.finish(sink);
    if (result === undefined) return { state: "none", removed: 0, hmac: "" };
    return { ...result, hmac: "", namesCredentials: true };
  }

  /** Whether a name that began at the end of what was passed on ends in this piece. */
  #goesOn(bytes: Buffer, start: number, end: number): boolean {
    const tail = this.#tail;
    if (tail.length === 0) return false;
    const first = bytes.subarray(start, Math.min(end, start + longestTail));
    return this.#firstName(Buffer.concat([tail, first]), 0, tail.length + first.length) >= 0;
  }

  /** Where the first name or wildcard begins; -1: there is none. */
  #first(bytes: Buffer, start: number, end: number): number {
    const name = this.#firstName(bytes, start, end);
    const before = name < 0 ? end : name;
    const wildcard = this.#wildcards?.first(bytes, start, before) ?? -1;
    return wildcard < 0 ? name : wildcard;
  }

  /** Where the first name begins; -1: there is none. */
  #firstName(bytes: Buffer, start: number, end: number): number {
    const whole = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    let first = -1;
    for (const [searched, rest] of this.#wildcards === undefined ? marks : marksOfWildcards) {
      let at = whole.indexOf(searched);
      while (at >= 0 && (first < 0 || at < first)) {
        const from = at + searched.length;
        const isName = rest.compare(whole, from, Math.min(whole.length, from + rest.length)) === 0;
        if (isName && (!this.#isQuoted || at === 0 || whole[at - 1] === quote)) first = at;
        else at = whole.indexOf(searched, at + 1);
      }
    }
    if (!this.#isQuoted) first = firstHidden(whole, first);
    return first < 0 ? -1 : start + first;
  }
}

/** Index of the first escape that hides a letter, or `first` where that comes before; -1: none. */
function firstHidden(bytes: Buffer, first: number): number {
  const before = first < 0 ? bytes.length : first;
  let at = bytes.indexOf(escapeStart);
  while (at >= 0 && at < before) {
    const digits = at + escapeStart.length;
    if (digits + 2 > bytes.length) return first;
    if (hidesLetter.test(bytes.toString("latin1", digits, digits + 2))) return at;
    at = bytes.indexOf(escapeStart, digits);
  }
  return first;
}

function lastBytes(bytes: Buffer): Buffer {
  return bytes.length > longestTail ? bytes.subarray(-longestTail) : bytes;
}
