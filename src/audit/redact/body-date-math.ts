/** Date math in a request's body that names an index of credentials: `<.sec{now{'urity'}}>`. */
import { Buffer } from "node:buffer";
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

const lessThan = Buffer.from("<");
/** Some encoders write `<` so in any text. */
const escapedLessThan = Buffer.from(String.raw`\u003`);
const dot = 0x2e;
const brace = 0x7b;
const backslash = 0x5c;
/** What ends a name that is no date math. */
const nameBytes = byteSet("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");
const expression = /^[^>\n]*?(?=>|\\u003e)/i;
/** With a date that ends, in ASCII: what else Elasticsearch reads as date math is none of them. */
const withDate = /^[ -~]*\{[ -~]*\}[ -~]*$/;
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
    if (tail.length > 0) {
      const joined = Buffer.concat([tail, bytes.subarray(start, Math.min(end, start + longest))]);
      const at = this.#firstIn(joined, tail.length);
      if (at >= 0) return start + Math.max(0, at - tail.length);
    }
    const part = start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    const at = this.#firstIn(part, part.length);
    return at < 0 ? -1 : start + at;
  }

  /** What was searched has been passed on. */
  pass(bytes: Buffer, start: number, end: number): void {
    const last = bytes.subarray(Math.max(start, end - longest), end);
    this.#tail = Buffer.concat([this.#tail, last]).subarray(-longest);
    this.#passed += end - start;
  }

  /** Index of the first expression in `bytes` that begins before `before`; -1: there is none. */
  #firstIn(bytes: Buffer, before: number): number {
    const plain = this.#firstBehind(lessThan, bytes, before);
    const escaped = this.#firstBehind(escapedLessThan, bytes, plain < 0 ? before : plain);
    return escaped < 0 ? plain : escaped;
  }

  #firstBehind(mark: Buffer, bytes: Buffer, before: number): number {
    let at = bytes.indexOf(mark);
    while (at >= 0 && at < before) {
      const from = behind(bytes, at, mark);
      if (from > 0 && this.#mayBegin(bytes, from) && this.#names(bytes, from, at)) return at;
      at = bytes.indexOf(mark, at + mark.length);
    }
    return -1;
  }

  /** Whether what stands before the first brace may begin such a name. */
  #mayBegin(bytes: Buffer, from: number): boolean {
    const next = bytes[from];
    if (next === brace) return true;
    if (next === backslash) return !this.#isJson || bytes[from + 1] === backslash;
    if (next !== dot) return false;
    const most = Math.min(bytes.length, from + longestStart);
    let end = from;
    while (end < most && nameBytes[bytes[end] ?? 0] === 1) end += 1;
    return mayBeginSecretIndex(bytes, from, end);
  }

  #names(bytes: Buffer, from: number, at: number): boolean {
    this.#resolved += 1;
    if (this.#resolved > freeExpressions + (this.#passed + at) / bytesPerExpression) return true;
    const text = bytes.toString("latin1", from, Math.min(bytes.length, from + longest));
    const raw = expression.exec(text)?.[0];
    if (raw === undefined) return false;
    const plain = withoutEscapes(raw);
    return resolvesToOne(plain) || (plain !== raw && resolvesToOne(raw));
  }
}

function resolvesToOne(text: string): boolean {
  if (withDate.test(text)) return namesSecretIndex(`<${text}>`, false);
  return !text.includes("{") && namesSecretIndex(text.replaceAll("\\", ""), false);
}

/** Index behind the mark at `at`; 0: it is none. */
function behind(bytes: Buffer, at: number, mark: Buffer): number {
  const from = at + mark.length;
  if (mark === lessThan) return from;
  return ((bytes[from] ?? 0) | 0x20) === 0x63 ? from + 1 : 0;
}

function withoutEscapes(text: string): string {
  return text.replaceAll(escapes, (_, digits?: string, char?: string) =>
    digits === undefined ? (char ?? "") : String.fromCharCode(Number.parseInt(digits, 16)),
  );
}
