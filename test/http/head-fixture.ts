import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import type { BodyPiece } from "../../src/http1/body-piece.ts";
import { BodyScanner, scanStatus } from "../../src/http1/body-scanner.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { HeadReader, ParserList } from "../../src/http1/head-reader.ts";
import type { MessageHead } from "../../src/http1/message-head.ts";
import { headStatus } from "../../src/http1/parser-states.ts";

const limits = { headBytes: 16_384, fields: 100, startLineBytes: 8192 };

/** A parsed request head with these field lines. */
export function headWith(lines: readonly string[]): MessageHead {
  const bytes = Buffer.from(
    `GET / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`,
    "latin1",
  );
  const head = new HeadParser("request", limits);
  assert.equal(head.parse(bytes, 0, bytes.length), headStatus.done);
  return head;
}

/** A message as a connection reads it in at most two pieces. */
export interface ReadMessage {
  readonly head: MessageHead;
  /** What there is of the body in the piece that ends the head. */
  readonly first: BodyPiece;
  /** Reads the rest of the body, if there is one; call it when `first` is done with. */
  readonly rest: () => BodyPiece | undefined;
}

/**
 * Reads a message that arrives cut in two; the buffers hold other bytes in front of it.
 *
 * @param cut length of the first piece; 0: the message arrives whole.
 */
export function readMessage(
  kind: "request" | "response",
  text: string,
  cut: number,
  answersHead: boolean,
): ReadMessage {
  const whole = Buffer.from(text, "latin1");
  const pieces = [whole.subarray(0, cut), whole.subarray(cut)].filter(({ length }) => length > 0);
  const reader = new HeadReader(new ParserList(kind, limits));
  const scanner = new BodyScanner();
  for (const [at, piece] of pieces.entries()) {
    const bytes = Buffer.concat([Buffer.from("##"), piece]);
    const status = reader.read(bytes, 2, bytes.length, answersHead);
    if (status === headStatus.more) continue;
    assert.equal(status, headStatus.done, reader.head.error);
    const { head } = reader;
    scanner.reset(head.body, head.contentLength, head.nominated);
    assert.notEqual(scanner.scan(bytes, reader.consumed, bytes.length), scanStatus.failed);
    const rest = (): BodyPiece | undefined => {
      const next = pieces[at + 1];
      if (next === undefined || scanner.isOver) return undefined;
      assert.notEqual(scanner.scan(next, 0, next.length), scanStatus.failed);
      return scanner;
    };
    return { head, first: scanner, rest };
  }
  throw new Error("the head is not complete");
}
