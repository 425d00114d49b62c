import assert from "node:assert/strict";
import test from "node:test";
import * as fc from "fast-check";
import { HeadParser } from "../../src/http1/head-parser.ts";
import { headStatus } from "../../src/http1/parser-states.ts";
import { octetsOf, readRequestVectors, readResponseVectors } from "../conformance/vectors/vector.ts";
import { WireParser } from "../support/wire-parser.ts";
import { pieces, request } from "./arbitraries.ts";
import { feed, vectorLimits } from "./wire-feed.ts";

const requestSeeds = (await readRequestVectors()).map(octetsOf).filter((octets) => octets.length < 2000);
const responseSeeds = (await readResponseVectors()).map(octetsOf).filter((octets) => octets.length < 2000);

test("understands every valid request as the one who wrote it, in any pieces", () => {
  fc.assert(
    fc.property(fc.array(request, { minLength: 1, maxLength: 3 }), pieces, (requests, sizes) => {
      const octets = Buffer.from(requests.map((one) => one.octets).join(""), "latin1");
      const result = feed(octets, { kind: "request", pieces: sizes });
      assert.equal(result.end, "between");
      assert.deepEqual(
        result.messages.map(({ method, target, content, isComplete }) => ({ method, target, content, isComplete })),
        requests.map(({ method, target, body }) => ({
          method,
          target,
          content: body.chunks.join(""),
          isComplete: true,
        })),
      );
      assert.deepEqual(
        result.messages.map((message) =>
          message.fields.filter(([name]) => !/^(host|content-length|transfer-encoding)$/i.test(name)),
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
      const [message] = feed(Buffer.from(one.octets, "latin1"), { kind: "request" }).messages;
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

test("releases of a chunked body what a strict reader takes for the same content", () => {
  fc.assert(
    fc.property(request, pieces, (one, sizes) => {
      const [message] = feed(Buffer.from(one.octets, "latin1"), { kind: "request", pieces: sizes }).messages;
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
    const edit = fc.record({ at: fc.nat(), remove: fc.nat({ max: 4 }), insert: fc.uint8Array({ maxLength: 4 }) });
    fc.assert(
      fc.property(fc.constantFrom(...seeds), fc.array(edit, { maxLength: 4 }), pieces, (seed, edits, sizes) => {
        let octets = seed;
        for (const { at, remove, insert } of edits) {
          const from = at % (octets.length + 1);
          octets = Buffer.concat([octets.subarray(0, from), insert, octets.subarray(from + remove)]);
        }
        assert.deepEqual(feed(octets, { kind, pieces: sizes }), feed(octets, { kind }));
      }),
      { numRuns: 3000 },
    );
  });

test("looks at each octet of a head a bounded number of times, however the head is cut", () => {
  const octets = Buffer.from(`GET /${"a".repeat(4000)} HTTP/1.1\r\nHost: x\r\nX: ${"b".repeat(4000)}\r\n\r\n`);
  let looks = 0;
  const counted = new Proxy(octets, {
    get(target, key) {
      looks += 1;
      const value: unknown = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const parser = new HeadParser("request", vectorLimits);
  for (let end = 1; end < octets.length; end += 1) assert.equal(parser.parse(counted, 0, end), headStatus.more);
  assert.equal(parser.parse(counted, 0, octets.length), headStatus.done);
  // Scanning again from the start for each octet would be 32 million looks.
  assert.ok(looks < 6 * octets.length, `${looks} looks at ${octets.length} octets`);
});
