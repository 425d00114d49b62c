import assert from "node:assert/strict";
import type { Clock } from "../../src/core/clock.ts";
import type { Log } from "../../src/core/log.ts";
import type { BodyPiece } from "../../src/http1/body-piece.ts";
import { BodyScanner } from "../../src/http1/body-scanner.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import type { MessageHead } from "../../src/http1/message-head.ts";
import { headStatus } from "../../src/http1/parser-states.ts";
import { Endpoint } from "../../src/upstream/endpoint.ts";

/** An endpoint that nothing connects to. */
export function endpointAt(port: number, weight = 1): Endpoint {
  const authority = `127.0.0.1:${port}`;
  return new Endpoint({
    url: `http://${authority}`,
    isTls: false,
    host: "127.0.0.1",
    port,
    path: undefined,
    authority,
    weight,
  });
}

/** The head of a response and what there is of its body. */
export function answer(
  status: number,
  lines: readonly string[] = [],
  body: Uint8Array = new Uint8Array(0),
): [MessageHead, BodyPiece] {
  const text = `HTTP/1.1 ${status} X\r\n${lines.map((line) => `${line}\r\n`).join("")}content-length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.concat([Buffer.from(text, "latin1"), body]);
  const head = new HeadParser("response", { headBytes: 16_384, fields: 100, startLineBytes: 8192 });
  assert.equal(head.parse(bytes, 0, bytes.length), headStatus.done);
  const piece = new BodyScanner();
  piece.reset(head.body, head.contentLength);
  piece.scan(bytes, head.headEnd, bytes.length);
  return [head, piece];
}

/** A clock that only moves when it is told to. */
export class ManualClock implements Clock {
  ms: number;

  constructor(ms = 1_000_000) {
    this.ms = ms;
  }

  now(): number {
    return this.ms;
  }

  wallAt(monotonicMs: number): number {
    return monotonicMs;
  }

  reanchor(): void {}
}

/** A log that keeps what it is given. */
export class KeptLog implements Log {
  readonly lines: string[] = [];

  debug(): void {}

  info(fields: object, message: string): void {
    this.lines.push(`info ${message} ${JSON.stringify(fields)}`);
  }

  warn(fields: object, message: string): void {
    this.lines.push(`warn ${message} ${JSON.stringify(fields)}`);
  }

  error(fields: object, message: string): void {
    this.lines.push(`error ${message} ${JSON.stringify(fields)}`);
  }
}

/** Numbers in [0, 1) that are the same in every run (mulberry32). */
export function repeatable(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
