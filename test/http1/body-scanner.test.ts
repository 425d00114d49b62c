import assert from "node:assert/strict";
import { test } from "node:test";
import { BodyScanner, scanStatus } from "../../src/http1/body-scanner.ts";
import { bodyKind } from "../../src/http1/framing-fields.ts";

function chunkedScanner(): BodyScanner {
  const scanner = new BodyScanner();
  scanner.reset(bodyKind.chunked, 0);
  return scanner;
}

test("a chunk that has arrived whole is released whole, without a copy, and does not wait for the next one", () => {
  const scanner = chunkedScanner();
  for (const text of ["5\r\nhello\r\n", "1\r\n,\r\n6\r\n world\r\n"]) {
    const bytes = Buffer.from(text);
    assert.equal(scanner.scan(bytes, 0, bytes.length), scanStatus.more);
    assert.ok(scanner.isPlain);
    assert.equal(scanner.released().toString(), text);
  }
});

test("of two chunks of which the second one's line is bad the first one is released", () => {
  const scanner = chunkedScanner();
  const bytes = Buffer.from("5\r\nhello\r\n5x\r\nworld\r\n");
  assert.equal(scanner.scan(bytes, 0, bytes.length), scanStatus.failed);
  assert.equal(scanner.released().toString(), "5\r\nhello\r\n");
});

test("a chunk whose data is not followed by a line end is released without what follows", () => {
  const scanner = chunkedScanner();
  const bytes = Buffer.from("5\r\nhello\rworld");
  assert.equal(scanner.scan(bytes, 0, bytes.length), scanStatus.failed);
  assert.equal(scanner.released().toString(), "5\r\nhello");
});
