import { stampLength, stampOffset } from "./stamp.ts";

/**
 * Reads HTTP/1.1 answers of one connection and compares them with the one that is expected.
 *
 * Status, length and every byte of the body but its stamp are checked. Bodies with `Content-Length`
 * and chunked ones are understood, because some proxies re-frame.
 */
export class AnswerReader {
  isComplete = false;
  readonly #status: string;
  readonly #body: Buffer;
  readonly #stampStart: number;
  readonly #stampEnd: number;
  #head: Buffer | undefined;
  #isInBody = false;
  #isChunked = false;
  #chunkLeft = 0;
  #chunkText = "";
  #received = 0;

  constructor(status: number, body: Buffer) {
    this.#status = `HTTP/1.1 ${status} `;
    this.#body = body;
    const stampAt = stampOffset(body.toString("latin1"));
    this.#stampStart = stampAt === -1 ? body.length : stampAt;
    this.#stampEnd = stampAt === -1 ? body.length : stampAt + stampLength;
  }

  /** Prepares for the next answer on the same connection. */
  reset(): void {
    this.isComplete = false;
    this.#isInBody = false;
    this.#isChunked = false;
    this.#chunkLeft = 0;
    this.#chunkText = "";
    this.#received = 0;
  }

  /** Takes the next bytes; returns what is wrong with the answer, or `undefined`. */
  read(chunk: Buffer): string | undefined {
    let bytes = chunk;
    let at = 0;
    if (!this.#isInBody) {
      if (this.#head !== undefined) {
        bytes = Buffer.concat([this.#head, chunk]);
        this.#head = undefined;
      }
      const end = bytes.indexOf("\r\n\r\n");
      if (end === -1) {
        this.#head = Buffer.from(bytes);
        return undefined;
      }
      const problem = this.#readHead(bytes.toString("latin1", 0, end + 2));
      if (problem !== undefined) return problem;
      this.#isInBody = true;
      at = end + 4;
    }
    return this.#isChunked ? this.#readChunked(bytes, at) : this.#readPlain(bytes, at);
  }

  #readHead(head: string): string | undefined {
    if (!head.startsWith(this.#status))
      return `expected ${this.#status.trim()}, got ${head.slice(0, 60).split("\r\n")[0]}`;
    const fields = head.toLowerCase();
    const lengthAt = fields.indexOf("\r\ncontent-length:");
    if (lengthAt === -1) {
      if (!/\r\ntransfer-encoding: *chunked\r\n/u.test(fields)) return "an answer without length";
      this.#isChunked = true;
      return undefined;
    }
    const length = Number.parseInt(fields.slice(lengthAt + 17), 10);
    return length === this.#body.length
      ? undefined
      : `expected ${this.#body.length} body bytes, got ${length} announced`;
  }

  #readPlain(bytes: Buffer, from: number): string | undefined {
    const problem = this.#compare(bytes, from, bytes.length);
    if (problem !== undefined) return problem;
    this.isComplete = this.#received === this.#body.length;
    return undefined;
  }

  #readChunked(bytes: Buffer, from: number): string | undefined {
    let at = from;
    while (at < bytes.length) {
      if (this.isComplete) return "bytes after the end of an answer";
      if (this.#chunkLeft > 0) {
        const end = Math.min(bytes.length, at + this.#chunkLeft);
        const problem = this.#compare(bytes, at, end);
        if (problem !== undefined) return problem;
        this.#chunkLeft -= end - at;
        at = end;
        continue;
      }
      this.#chunkText += String.fromCharCode(bytes[at] ?? 0);
      at += 1;
      const problem = this.#readChunkText();
      if (problem !== undefined) return problem;
    }
    return undefined;
  }

  /** What stands between two chunks' data: the end of the one, and the size line of the next. */
  #readChunkText(): string | undefined {
    if (this.#chunkText === "\r\n" && this.#received > 0) return undefined;
    if (!this.#chunkText.endsWith("\r\n")) return undefined;
    const text = this.#chunkText.trim();
    if (/^0\b/u.test(text)) {
      if (!this.#chunkText.endsWith("\r\n\r\n")) return undefined;
      this.isComplete = true;
      return this.#received === this.#body.length
        ? undefined
        : `expected ${this.#body.length} body bytes, got ${this.#received}`;
    }
    this.#chunkLeft = Number.parseInt(text, 16);
    this.#chunkText = "";
    return this.#chunkLeft > 0 ? undefined : `not a chunk size: ${text}`;
  }

  #compare(bytes: Buffer, from: number, to: number): string | undefined {
    const start = this.#received;
    const end = start + to - from;
    if (end > this.#body.length) return "an answer longer than expected";
    this.#received = end;
    const isEqual =
      this.#isEqual(bytes, from - start, start, Math.min(end, this.#stampStart)) &&
      this.#isEqual(bytes, from - start, Math.max(start, this.#stampEnd), end);
    return isEqual ? undefined : "an answer with other bytes";
  }

  /**
   * Whether the body from `start` to `end` is what stands in `bytes`, `shift` bytes further on; an
   * empty range is.
   */
  #isEqual(bytes: Buffer, shift: number, start: number, end: number): boolean {
    return start >= end || bytes.compare(this.#body, start, end, start + shift, end + shift) === 0;
  }
}
