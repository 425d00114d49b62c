import assert from "node:assert/strict";
import { HeadParser } from "../../src/http1/head-parser.ts";
import type { MessageHead } from "../../src/http1/message-head.ts";
import { headStatus } from "../../src/http1/parser-states.ts";

/** A parsed request head with these field lines. */
export function headWith(lines: readonly string[]): MessageHead {
  const bytes = Buffer.from(
    `GET / HTTP/1.1\r\n${lines.map((line) => `${line}\r\n`).join("")}\r\n`,
    "latin1",
  );
  const head = new HeadParser("request", { headBytes: 16_384, fields: 100, startLineBytes: 8192 });
  assert.equal(head.parse(bytes, 0, bytes.length), headStatus.done);
  return head;
}
