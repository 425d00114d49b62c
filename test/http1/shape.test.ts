import assert from "node:assert/strict";
import test from "node:test";
import { setFlagsFromString } from "node:v8";
import { runInThisContext } from "node:vm";
import { BodyScanner } from "../../src/http1/body-scanner.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { headStatus } from "../../src/http1/parser-states.ts";
import { vectorLimits } from "./wire-feed.ts";

setFlagsFromString("--allow-natives-syntax");
const haveSameShape = runInThisContext("(a, b) => %HaveSameMap(a, b)") as (
  a: object,
  b: object,
) => boolean;

const heads = [
  "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST http://x/a?b HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: " +
    "chunked\r\n\r\n",
  "PUT /a HTTP/1.1\r\nHost: x\r\nConnection: close, a, b\r\nContent-Length: 0005\r\n\r\n",
  "GET / HTTP/1.0\r\nConnection: keep-alive\r\nUpgrade: websocket\r\n\r\n",
  "GET /\0 HTTP/1.1\r\n\r\n",
];

test("a head parser keeps one hidden shape whatever it has read", () => {
  const fresh = new HeadParser("request", vectorLimits);
  for (const text of heads) {
    const used = new HeadParser("request", vectorLimits);
    const bytes = Buffer.from(text, "latin1");
    assert.notEqual(used.parse(bytes, 0, bytes.length), headStatus.more, text);
    assert.ok(haveSameShape(fresh, used), text);
    used.reset(true);
    assert.ok(haveSameShape(fresh, used), `${text} and reset`);
  }
  assert.ok(!haveSameShape(fresh, new BodyScanner()), "the question can be answered with no");
});

test("a body scanner keeps one hidden shape whatever it has read", () => {
  const fresh = new BodyScanner();
  for (const [kind, text] of [
    [1, "hello"],
    [2, "5;a=b\r\nhello\r\n0\r\na: b\r\n\r\n"],
    [2, "x"],
    [3, "hello"],
  ] as const) {
    const used = new BodyScanner();
    used.reset(kind, 5);
    const bytes = Buffer.from(text);
    used.scan(bytes, 0, bytes.length);
    assert.ok(haveSameShape(fresh, used), text);
  }
});
