import assert from "node:assert/strict";
import test from "node:test";
import { TargetCache } from "../../src/http/target-cache.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { headStatus } from "../../src/http1/parser-states.ts";

const limits = { headBytes: 16_384, fields: 200, startLineBytes: 8192 };

function read(memory: TargetCache, target: string, method = "GET"): string {
  const parser = new HeadParser("request", limits);
  const bytes = Buffer.from(`${method} ${target} HTTP/1.1\r\nHost: a\r\n\r\n`, "latin1");
  assert.equal(parser.parse(bytes, 0, bytes.length), headStatus.done);
  return memory.textOf(parser);
}

test("a target is read as it stands, whatever the connection has asked for before", () => {
  const memory = new TargetCache();
  const long = `/${"a".repeat(300)}`;
  const targets = [
    "/",
    "/a",
    "/b",
    "/a",
    "/a",
    long,
    "/a",
    long,
    "/ab",
    "/a",
    `/${"c".repeat(200)}`,
    "/a?b=c",
    "/a",
  ];
  for (const target of targets) assert.equal(read(memory, target), target);
});

test("an absolute target without a path is the root, also when it comes again or first", () => {
  const memory = new TargetCache();
  for (let i = 0; i < 2; i += 1) assert.equal(read(memory, "http://a"), "/");
  assert.equal(read(memory, "http://a?b"), "/?b");
  assert.equal(read(memory, "http://a/b"), "/b");
  for (let i = 0; i < 2; i += 1) assert.equal(read(memory, "http://a", "OPTIONS"), "*");
  assert.equal(read(memory, "http://a"), "/");
});
