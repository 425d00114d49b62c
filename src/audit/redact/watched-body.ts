/** Bodies that name indices of credentials which the path of their request does not name. */
import { Buffer } from "node:buffer";
import type {
  BodyRedactor,
  RedactedSink,
  RedactionResult,
  RedactionState,
} from "./body-redactor.ts";
import { BodyDateMath } from "./body-date-math.ts";
import { BodyWildcards } from "./body-wildcards.ts";
import { firstSecretMember, firstSecretName } from "./named-indices.ts";
import { firstHidden, isBinary, type WatchedForm } from "./hidden-names.ts";
import { firstWide } from "./wide-text.ts";

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
/** Bytes of the longest member `_index` with its value less one. */
const longestTail = 288;

const quote = 0x22;

/** Where and how names are looked for. */
export interface NameWatch {
  /**
   * `members`: as members `_index`. `answer`: in quotes, too. `request`: anywhere, date math and
   * hidden letters included.
   */
  readonly names: "members" | "answer" | "request";
  /**
   * By wildcards, too, which only requests that read understand; behind lengths that look like
   * letters where they are `binary`.
   */
  readonly wildcards: "none" | "text" | "binary";
  readonly form: WatchedForm;
}

/** What becomes of the parts of a watched body. */
export interface WatchedParts {
  /** Takes what stands before the first name; `undefined`: it is passed on as received. */
  readonly before: BodyRedactor | undefined;
  /** Makes the redaction of what follows, which must not need the beginning of a body. */
  readonly behind: (isText: boolean) => BodyRedactor;
}

/**
 * Passes a body on as received until it names an index of credentials; from there on it is looked
 * through, or not stored where it is no text. An answer does as a page of a scroll or a point in
 * time, where the members `_index` and `_id` of a hit stand before its `_source`; a request as
 * `_bulk`, `_mget` and ES|QL.
 *
 * Searching costs a tenth of what hashing a body does. The digest is missing: it would have to be
 * computed of every such body.
 */
export class WatchedBody implements BodyRedactor {
  readonly #watch: NameWatch;
  readonly #parts: WatchedParts;
  readonly #wildcards: BodyWildcards | undefined = undefined;
  readonly #dateMath: BodyDateMath | undefined = undefined;
  #rest: BodyRedactor | undefined = undefined;
  /** What became of the part before the first name. */
  #before: RedactionResult | undefined = undefined;
  #hasPassed = false;
  /** The end of what was passed on, in which a name may have begun. */
  #tail: Buffer = Buffer.alloc(0);

  constructor(watch: NameWatch, parts: WatchedParts) {
    this.#watch = watch;
    this.#parts = parts;
    if (watch.wildcards !== "none")
      this.#wildcards = new BodyWildcards(watch.wildcards === "binary");
    if (watch.names === "request") this.#dateMath = new BodyDateMath(watch.form === "text");
  }

  passes(bytes: Buffer, start: number, end: number): boolean {
    return this.#parts.before === undefined && this.#first(bytes, start, end) < 0;
  }

  write(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    if (this.#rest !== undefined) return this.#rest.write(bytes, start, end, sink);
    const near = this.#firstAcross(bytes, start, end);
    const at = near < 0 ? this.#first(bytes, start, end) : near;
    if (at < 0) {
      this.#pass(bytes, start, end, sink);
      this.#wildcards?.pass(bytes, start, end);
      this.#dateMath?.pass(bytes, start, end);
      this.#tail = Buffer.concat([this.#tail, bytes.subarray(start, end)].map(lastBytes));
      this.#tail = lastBytes(this.#tail);
      return;
    }
    if (at > start) this.#pass(bytes, start, at, sink);
    this.#before = this.#parts.before?.finish(sink);
    const isText = !isBinary(this.#watch.form) && bytes[at] !== 0;
    this.#rest = this.#parts.behind(isText);
    this.#rest.write(bytes, at, end, sink);
  }

  finish(sink: RedactedSink): RedactionResult {
    const rest = this.#rest?.finish(sink);
    if (rest === undefined)
      return this.#parts.before?.finish(sink) ?? { state: "none", removed: 0, hmac: "" };
    const passed = this.#hasPassed ? (this.#before?.state ?? "none") : undefined;
    return {
      state: joinedState(passed, rest.state),
      removed: rest.removed + (this.#before?.removed ?? 0),
      hmac: this.#hasPassed ? "" : rest.hmac,
      namesCredentials: true,
    };
  }

  #pass(bytes: Buffer, start: number, end: number, sink: RedactedSink): void {
    this.#hasPassed = true;
    if (this.#parts.before === undefined) sink.keep(bytes, start, end);
    else this.#parts.before.write(bytes, start, end, sink);
  }

  /**
   * Where the first name near the beginning of a piece begins, or `start` where it began at the end
   * of what was passed on; -1: there is none.
   */
  #firstAcross(bytes: Buffer, start: number, end: number): number {
    const { length } = this.#tail;
    if (length === 0) return -1;
    const first = bytes.subarray(start, Math.min(end, start + longestTail));
    const joined = Buffer.concat([this.#tail, first]);
    const at = this.#firstName(joined, 0, joined.length, length < longestTail);
    return at < 0 ? -1 : start + Math.max(0, at - length);
  }

  /** Where the first name, wildcard or date begins; -1: there is none. */
  #first(bytes: Buffer, start: number, end: number): number {
    let first = this.#firstName(bytes, start, end, this.#tail.length === 0);
    const wildcard = this.#wildcards?.first(bytes, start, first < 0 ? end : first) ?? -1;
    if (wildcard >= 0) first = wildcard;
    const date = this.#dateMath?.first(bytes, start, first < 0 ? end : first) ?? -1;
    return date < 0 ? first : date;
  }

  /** Where the first name begins; -1: there is none. @param isStart nothing stands before */
  #firstName(bytes: Buffer, start: number, end: number, isStart: boolean): number {
    const { names, form, wildcards } = this.#watch;
    const whole = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    const isRequest = names === "request";
    const isQuoted = !isRequest && !isBinary(form);
    let first =
      wildcards === "none"
        ? firstSecretMember(whole, isBinary(form))
        : firstSecretName(whole, wildcards === "binary", isStart);
    if (names === "members") return first < 0 ? -1 : start + first;
    for (const [searched, rest] of this.#wildcards === undefined ? marks : marksOfWildcards) {
      let at = whole.indexOf(searched);
      while (at >= 0 && (first < 0 || at < first)) {
        const from = at + searched.length;
        const isName = rest.compare(whole, from, Math.min(whole.length, from + rest.length)) === 0;
        if (isName && (!isQuoted || (at > 0 && whole[at - 1] === quote))) first = at;
        else at = whole.indexOf(searched, at + 1);
      }
    }
    if (isRequest) {
      first = firstHidden(whole, form, first);
      if (!isBinary(form)) first = firstWide(whole, first);
    }
    return first < 0 ? -1 : start + first;
  }
}

/** The state of a body whose parts have these states. */
function joinedState(before: RedactionState | undefined, behind: RedactionState): RedactionState {
  if (before === undefined || before === behind) return behind;
  if ([before, behind].some((state) => state === "hidden" || state === "bounded")) return "bounded";
  return "redacted";
}

function lastBytes(bytes: Buffer): Buffer {
  return bytes.length > longestTail ? bytes.subarray(-longestTail) : bytes;
}
