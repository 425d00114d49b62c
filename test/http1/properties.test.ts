import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { cutInPlace, isVerbatim, noEdits, writeHead } from "../../src/http1/head-editor.ts";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { headStatus } from "../../src/http1/parser-states.ts";
import { bytesOf, readRequestVectors, readResponseVectors } from "../conformance/vectors/vector.ts";
import { WireParser } from "../support/wire-parser.ts";
import { pieces, request } from "./arbitraries.ts";
import { feed, vectorLimits } from "./wire-feed.ts";

const requestSeeds = (await readRequestVectors())
  .map(bytesOf)
  .filter((bytes) => bytes.length < 2000);
const responseSeeds = (await readResponseVectors())
  .map(bytesOf)
  .filter((bytes) => bytes.length < 2000);

test("understands every valid request as the one who wrote it, in any pieces", () => {
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 3 }), pieces, (requests, sizes) => {
      const bytes = Buffer.from(requests.map((one) => one.bytes).join(""), "latin1");
      const result = feed(bytes, { kind: "request", pieces: sizes });
      assert.equal(result.end, "between");
      assert.deepEqual(
        result.messages.map(({ method, target, content, isComplete }) => ({
          method,
          target,
          content,
          isComplete,
        })),
        requests.map(({ method, target, body }) => ({
          method,
          target,
          content: body.chunks.join(""),
          isComplete: true,
        })),
      );
      assert.deepEqual(
        result.messages.map((message) =>
          message.fields.filter(
            ([name]) => !/^(host|content-length|transfer-encoding)$/i.test(name),
          ),
        ),
        requests.map((one) => [...one.before, ...one.after]),
      );
    }),
    { numRuns: 500 },
  );
});

test("writes heads that read the same again, and writes those the same", () => {
  fc.assert(
    fc.property(request, (one) => {
      const [message] = feed(Buffer.from(one.bytes, "latin1"), { kind: "request" }).messages;
      assert.ok(message !== undefined);
      const [again] = feed(Buffer.from(message.written, "latin1"), { kind: "request" }).messages;
      assert.ok(again !== undefined);
      assert.equal(again.written, message.written);
      assert.deepEqual(again.fields, message.fields);
      assert.equal(again.target, message.target);
    }),
    { numRuns: 500 },
  );
});

test("lines that are cut out of a head where it lies leave the head that would be written", () => {
  const line = fc.constantFrom(
    "Connection: keep-alive",
    "Keep-Alive: 5",
    "TE: trailers",
    "Connection: x-a",
    "X-A: 1",
    "Accept: */*",
    "Content-Length: 02",
    "Content-Length: 2",
  );
  let cuts = 0;
  fc.assert(
    fc.property(fc.uniqueArray(line), fc.nat(3), fc.boolean(), (lines, base, hasEmptyLine) => {
      const head = [`${hasEmptyLine ? "\r\n" : ""}GET /a HTTP/1.1`, ...lines, "Host: a", "", "{}"];
      const bytes = Buffer.from("-".repeat(base) + head.join("\r\n"), "latin1");
      const parser = new HeadParser("request", vectorLimits);
      if (parser.parse(bytes, base, bytes.length) !== headStatus.done) return;
      const written = Buffer.alloc(bytes.length + 64);
      const length = writeHead(parser, bytes.length, noEdits, written, 0);
      const from = cutInPlace(parser);
      if (from === -1) return;
      cuts += 1;
      assert.ok(!isVerbatim(parser));
      assert.equal(bytes.toString("latin1", from), written.toString("latin1", 0, length));
    }),
    { numRuns: 500 },
  );
  assert.ok(cuts > 50, `${cuts} heads were cut`);
});

test("releases of a chunked body what a strict reader takes for the same content", () => {
  fc.assert(
    fc.property(request, pieces, (one, sizes) => {
      const [message] = feed(Buffer.from(one.bytes, "latin1"), {
        kind: "request",
        pieces: sizes,
      }).messages;
      assert.ok(message !== undefined);
      const reader = new WireParser({ kind: "request" });
      reader.push(Buffer.from(message.written + message.released, "latin1"));
      assert.equal(reader.fault, undefined);
      assert.equal(reader.last?.complete, true);
      assert.equal(reader.last?.body.toString("latin1"), one.body.chunks.join(""));
    }),
    { numRuns: 500 },
  );
});

for (const [kind, seeds] of [
  ["request", requestSeeds],
  ["response", responseSeeds],
] as const)
  test(`neither throws nor loops on a damaged ${kind}, and reads it the same in any pieces`, () => {
    const edit = fc.record({
      at: fc.nat(),
      remove: fc.nat({ max: 4 }),
      insert: fc.uint8Array({ maxLength: 4 }),
    });
    fc.assert(
      fc.property(
        fc.constantFrom(...seeds),
        fc.array(edit, { maxLength: 4 }),
        pieces,
        (seed, edits, sizes) => {
          let bytes = seed;
          for (const { at, remove, insert } of edits) {
            const from = at % (bytes.length + 1);
            bytes = Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]);
          }
          assert.deepEqual(feed(bytes, { kind, pieces: sizes }), feed(bytes, { kind }));
        },
      ),
      { numRuns: 3000 },
    );
  });

test("looks at each byte of a head a bounded number of times, however the head is cut", () => {
  const bytes = Buffer.from(
    `GET /${"a".repeat(4000)} HTTP/1.1\r\nHost: x\r\nX: ${"b".repeat(4000)}\r\n\r\n`,
  );
  let looks = 0;
  const counted = new Proxy(bytes, {
    get(target, key) {
      looks += 1;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const parser = new HeadParser("request", vectorLimits);
  for (let end = 1; end < bytes.length; end += 1)
    assert.equal(parser.parse(counted, 0, end), headStatus.more);
  assert.equal(parser.parse(counted, 0, bytes.length), headStatus.done);
  // Scanning again from the start for each byte would be 32 million looks.
  assert.ok(looks < 6 * bytes.length, `${looks} looks at ${bytes.length} bytes`);
});
