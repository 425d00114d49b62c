import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { headStatus } from "../../src/http1/parser-states.ts";
import { StartLineCache } from "../../src/http1/start-line-cache.ts";
import { vectorLimits } from "./wire-feed.ts";

const rest = "Host: es\r\n\r\n";

/** What a parser says of a head that arrives in two pieces, with other heads between them. */
function readHead(
  line: string,
  cache: StartLineCache,
  cut = Infinity,
  between = (): void => undefined,
): unknown {
  const bytes = Buffer.from(line + rest, "latin1");
  const parser = new HeadParser("request", vectorLimits, cache);
  let status = parser.parse(bytes, 0, Math.min(cut, bytes.length));
  between();
  if (status === headStatus.more) status = parser.parse(bytes, 0, bytes.length);
  if (status === headStatus.failed) return parser.error;
  const { startLine, methodEnd, targetStart, targetEnd } = parser;
  return {
    method: startLine?.method ?? parser.text(0, methodEnd),
    target: startLine?.target ?? parser.text(targetStart, targetEnd),
  };
}

test("a long line that waits for its end while others are read takes the place of none", () => {
  const cache = new StartLineCache();
  const malformed = `${"a".repeat(53)} HTTP/1.1\r\n`;
  // As long as eleven kept lines, its end would lie where another one is kept.
  const long = `GET /${"a".repeat(10 * 256 + 64 - 16)} HTTP/1.1\r\n`;
  const right = readHead(malformed, new StartLineCache());
  for (let at = 0; at < 3000; at += 1) {
    const [first, second] = ["x", "y"].map(
      (fill) => `GET /${String(at).padStart(48, fill)} HTTP/1.1\r\n`,
    );
    readHead(first ?? "", cache);
    readHead(long, cache, 20, () => readHead(second ?? "", cache));
    assert.deepEqual(readHead(malformed, cache), right, `after ${at} lines`);
  }
});

test("heads that come in pieces, between others, are read as if each had been alone", () => {
  const line = fc
    .tuple(
      fc.constantFrom("GET", "POST", "X"),
      fc.constantFrom("/", "/_cat", "*", "http://es/", "es:1", ""),
      fc.nat({ max: 600 }),
      fc.constantFrom("a", "b", "%2f", "?"),
      fc.constantFrom(" HTTP/1.1\r\n", " HTTP/1.0\r\n", " HTTP/1.1\n", "  HTTP/1.1\r\n"),
    )
    .map(([method, start, count, more, end]) => `${method} ${start}${more.repeat(count)}${end}`);
  const cache = new StartLineCache();
  fc.assert(
    fc.property(line, line, fc.nat({ max: 40 }), (outer, inner, cut) => {
      const alone = readHead(inner, new StartLineCache());
      const between = (): void => assert.deepEqual(readHead(inner, cache), alone);
      const found = readHead(outer, cache, cut, between);
      assert.deepEqual(found, readHead(outer, new StartLineCache()));
    }),
    { numRuns: 3000 },
  );
});
