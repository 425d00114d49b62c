import { hash } from "node:crypto";

/** How an exchange ended, as the server saw it. */
export type ExchangeEnd = "pending" | "answered" | "aborted" | "faulted";

/** One request as it arrived, and what was answered. */
export interface RecordedExchange {
  /** Number of the request since the start or the last reset, from 1. */
  readonly n: number;
  /** Number of the connection since the start, from 1. */
  readonly connection: number;
  readonly method: string;
  /** Request target, byte for byte. */
  readonly target: string;
  /** Names and values in turn, in the order and case received. */
  readonly headers: readonly string[];
  /** Length of the body as received (before any decompression), in bytes. */
  bodyBytes: number;
  /** SHA-256 of the body as received, lower-case hexadecimal; empty while it has not arrived. */
  bodySha256: string;
  /** Lines of a body of newline-delimited JSON; 0 for other bodies. */
  bodyLines: number;
  /** The body itself, if the recorder keeps bodies and it was not longer than that. */
  body: Buffer | undefined;
  /** Milliseconds since the epoch. */
  readonly startedMs: number;
  endedMs: number;
  end: ExchangeEnd;
  /** 0 while nothing was answered, and for connections that were reset instead. */
  status: number;
  /** Length and SHA-256 of the body that was answered, as it left (after any compression). */
  answerBytes: number;
  answerSha256: string;
  /** Kinds of the scripted faults that struck. */
  faults: readonly string[];
}

/** How much a recorder keeps. */
export interface RecorderOptions {
  /**
   * Exchanges kept; the oldest is dropped for a new one. 0 keeps none and counts only. @default
   * 10000
   */
  readonly capacity?: number;
  /** Bodies up to this many bytes are kept too. @default 0 */
  readonly bodyBytes?: number;
}

/**
 * A bounded log of everything that arrived. The oracle for "how many bulks arrived" and "were the
 * bytes the same".
 */
export class Recorder {
  /** Requests since the start or the last reset, also those that are no longer kept. */
  count = 0;
  readonly #capacity: number;
  readonly #bodyBytes: number;
  #ring: RecordedExchange[] = [];
  #oldest = 0;

  constructor(options: RecorderOptions = {}) {
    this.#capacity = options.capacity ?? 10_000;
    this.#bodyBytes = options.bodyBytes ?? 0;
  }

  /** Kept exchanges, oldest first; optionally only those of a method and a path (without query). */
  all(method?: string, path?: string): readonly RecordedExchange[] {
    const ordered = [...this.#ring.slice(this.#oldest), ...this.#ring.slice(0, this.#oldest)];
    if (method === undefined) return ordered;
    return ordered.filter(
      (exchange) =>
        exchange.method === method && (path === undefined || pathOf(exchange.target) === path),
    );
  }

  /** The latest exchange. */
  last(): RecordedExchange | undefined {
    return this.all().at(-1);
  }

  /** Forgets everything and counts from 1 again. */
  reset(): void {
    this.count = 0;
    this.#ring = [];
    this.#oldest = 0;
  }

  /** Notes a request whose head has arrived. */
  begin(
    connection: number,
    method: string,
    target: string,
    headers: readonly string[],
    startedMs: number,
  ): RecordedExchange {
    const exchange: RecordedExchange = {
      n: ++this.count,
      connection,
      method,
      target,
      headers,
      bodyBytes: 0,
      bodySha256: "",
      bodyLines: 0,
      body: undefined,
      startedMs,
      endedMs: 0,
      end: "pending",
      status: 0,
      answerBytes: 0,
      answerSha256: "",
      faults: [],
    };
    if (this.#capacity === 0) return exchange;
    if (this.#ring.length < this.#capacity) this.#ring.push(exchange);
    else {
      this.#ring[this.#oldest] = exchange;
      this.#oldest = (this.#oldest + 1) % this.#capacity;
    }
    return exchange;
  }

  /** Notes the complete body of a request. */
  body(exchange: RecordedExchange, body: Buffer): void {
    exchange.bodyBytes = body.length;
    if (this.#capacity === 0) return;
    exchange.bodySha256 = body.length === 0 ? emptySha256 : hash("sha256", body);
    exchange.bodyLines = countLines(body);
    // A copy, because the original may be a slice of a larger buffer that it would keep alive.
    if (body.length <= this.#bodyBytes && body.length > 0) exchange.body = Buffer.from(body);
  }

  /** Notes the body of an answer. */
  answer(exchange: RecordedExchange, status: number, body: string | Buffer, bytes: number): void {
    exchange.status = status;
    exchange.answerBytes = bytes;
    if (this.#capacity > 0)
      exchange.answerSha256 = bytes === 0 ? emptySha256 : hash("sha256", body);
  }
}

const emptySha256 = hash("sha256", "");

function countLines(body: Buffer): number {
  if (body.length === 0 || body[body.length - 1] !== 10) return 0;
  let lines = 0;
  for (let at = body.indexOf(10); at !== -1; at = body.indexOf(10, at + 1)) lines++;
  return lines;
}

function pathOf(target: string): string {
  const mark = target.indexOf("?");
  return mark === -1 ? target : target.slice(0, mark);
}
