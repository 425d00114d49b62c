import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { headStatus } from "../../src/http1/parser-states.ts";
import { bytesOf, readRequestVectors, readResponseVectors } from "../conformance/vectors/vector.ts";
import { vectorLimits } from "./wire-feed.ts";

/** Everything that a head parser tells. */
function told(parser: HeadParser, bytes: Buffer, base: number): unknown {
  const status = parser.parse(bytes, base, bytes.length);
  const {
    bytes: _bytes,
    base: _base,
    fieldIds,
    fieldOffsets,
    firstLine,
    fieldCount,
    ...rest
  } = parser;
  if (status === headStatus.failed) return { status, error: parser.error };
  return {
    ...rest,
    status,
    httpStatus: parser.status,
    lines: [...fieldOffsets.subarray(0, fieldCount * 4)],
    ids: [...fieldIds.subarray(0, fieldCount)],
    firstLine: [...firstLine],
    values: Array.from({ length: fieldCount }, (_, line) => parser.valueOf(line)),
  };
}

const changing = fc.constantFrom(
  "Content-Length: 5\r\n",
  "Content-Length: 12345\r\n",
  "Content-Length: 5x\r\n",
  "Transfer-Encoding: chunked\r\n",
  "traceparent: 00-a-b-01\r\n",
  "Connection: close, x-a\r\n",
  "Host: other\r\n",
  "x_y: 1\r\n",
  "",
);
const lines = [
  "Host: localhost:9200\r\n",
  "User-Agent: elasticsearch-js/9.5.1 (linux; Node.js)\r\n",
  "Accept: application/vnd.elasticsearch+json; compatible-with=9\r\n",
  "X-Odd-Name: \t padded value \t \r\n",
  "Connection: keep-alive\r\n",
  "Authorization: Basic ZWxhc3RpYzpjaGFuZ2VtZQ==\r\n",
];
const startLine = {
  request: fc.constantFrom(
    "GET / HTTP/1.1\r\n",
    "POST /index/_search HTTP/1.1\r\n",
    "POST /index/_search HTTP/1.0\r\n",
    "POST /i2dex/_search HTTP/1.1\r\n",
    "POST http://localhost:9200/index/_search HTTP/1.1\r\n",
    "\r\nPOST /index/_search HTTP/1.1\r\n",
    "POST /index/_search\n HTTP/1.1\r\n",
    "POST /index/_search HTTP/1.1\n",
    `GET /index/_search?q=${"x".repeat(300)} HTTP/1.1\r\n`,
    "GET / HTTP/1.0\r\n",
  ),
  response: fc.constantFrom(
    "HTTP/1.1 200 OK\r\n",
    "HTTP/1.1 404 Not Found\r\n",
    "HTTP/1.0 200 \r\n",
  ),
};

/** Heads of one client: mostly the same lines, with some that change at some places. */
const familyOf = (kind: "request" | "response") =>
  fc.array(
    fc
      .tuple(
        startLine[kind],
        fc.subarray(lines, { minLength: lines.length - 2 }),
        changing,
        changing,
        fc.nat(6),
      )
      .map(([start, kept, one, other, at]) =>
        Buffer.from(
          `${start}${kept.slice(0, at).join("")}${one}${kept.slice(at).join("")}${other}\r\n`,
          "latin1",
        ),
      ),
    { minLength: 2, maxLength: 24 },
  );

for (const kind of ["request", "response"] as const) {
  test(`a ${kind} head is read the same by a parser that remembers others and by a fresh one`, () => {
    fc.assert(
      fc.property(familyOf(kind), fc.nat(3), fc.boolean(), (heads, base, isHead) => {
        const used = new HeadParser(kind, vectorLimits);
        for (const head of heads) {
          const bytes = Buffer.concat([Buffer.alloc(base, "-"), head, Buffer.from("GET")]);
          const fresh = new HeadParser(kind, vectorLimits);
          used.reset(isHead);
          fresh.reset(isHead);
          assert.deepEqual(told(used, bytes, base), told(fresh, bytes, base));
        }
      }),
      { numRuns: 1000 },
    );
  });

  test(`every ${kind} vector has the same verdict from a parser that has read all others`, async () => {
    const vectors = kind === "request" ? await readRequestVectors() : await readResponseVectors();
    const used = new HeadParser(kind, vectorLimits);
    for (let round = 0; round < 2; round += 1)
      for (const bytes of vectors.map(bytesOf)) {
        const fresh = new HeadParser(kind, vectorLimits);
        used.reset(false);
        fresh.reset(false);
        assert.deepEqual(told(used, bytes, 0), told(fresh, bytes, 0));
      }
  });
}

test("a limit on the size of heads holds for lines that are remembered", () => {
  const parser = new HeadParser("request", { ...vectorLimits, headBytes: 300 });
  const of = (path: string): Buffer => Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`);
  const parse = (bytes: Buffer) => {
    parser.reset(false);
    return parser.parse(bytes, 0, bytes.length);
  };
  const room = 300 - of("/").length;
  for (let i = 0; i < 3; i += 1) assert.equal(parse(of("/")), headStatus.done);
  assert.equal(parse(of(`/${"a".repeat(room)}`)), headStatus.done);
  assert.equal(parse(of(`/${"a".repeat(room + 1)}`)), headStatus.failed);
  assert.equal(parser.error, "ESP_ERR_HEAD_TOO_LARGE");
});

test("a parser reads heads of any number of lines, in any order, as one that has read none", () => {
  const limits = { headBytes: 262_144, fields: 4000, startLineBytes: 65_536 };
  const head = (lines: number, salt: number): Buffer => {
    const warning = (at: number): string => `Warning: 299 - "${at} of ${salt % 3}"\r\n`;
    const warnings = Array.from({ length: lines - 1 }, (_, at) => warning(at)).join("");
    return Buffer.from(`HTTP/1.1 200 OK\r\n${warnings}Content-Length: ${salt}\r\n\r\n`);
  };
  const counts = fc.constantFrom(1, 3, 63, 64, 65, 128, 255, 256, 257, 300, 1001, 4000, 4001);
  fc.assert(
    fc.property(fc.array(fc.tuple(counts, fc.nat(5)), { maxLength: 12 }), (heads) => {
      const used = new HeadParser("response", limits);
      for (const [lines, salt] of heads) {
        const bytes = head(lines, salt);
        used.reset(false);
        const fresh = new HeadParser("response", limits);
        assert.deepEqual(told(used, bytes, 0), told(fresh, bytes, 0));
        used.release();
        assert.ok(used.fieldIds.length <= 256, "room of a long head is given back");
      }
    }),
    { numRuns: 40 },
  );
});
