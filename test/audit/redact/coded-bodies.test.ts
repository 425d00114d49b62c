import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";
import {
  brotliCompressSync,
  brotliDecompressSync,
  deflateRawSync,
  deflateSync,
  gunzipSync,
  gzipSync,
  inflateSync,
  zstdCompressSync,
  zstdDecompressSync,
} from "node:zlib";

import { redact, redactedBody, settings, withoutTokens, bodyOf } from "./support.ts";

const codings = [
  ["gzip", gzipSync, gunzipSync],
  ["x-gzip", gzipSync, gunzipSync],
  ["deflate", deflateSync, inflateSync],
  ["br", brotliCompressSync, brotliDecompressSync],
  [" ZSTD ", zstdCompressSync, zstdDecompressSync],
  ["gzip;q=1", gzipSync, gunzipSync],
  ["identity, X-Deflate ; a=b,", deflateSync, inflateSync],
] as const;

const secret = '{"persistent":{"xpack.http.password":"C4n4ry","list":[1,2,3]}}';
const redacted = '{"persistent":{"xpack.http.password":"<secret>","list":[1,2,3]}}';
const plain = '{"persistent":{"cluster.name":"es"}}';

for (const [contentEncoding, encode, decode] of codings) {
  const call = { ...settings, contentEncoding };

  test(`${contentEncoding}: stays in its coding, without its secrets`, () => {
    const { bytes, state, removed } = redactedBody(call, encode(Buffer.from(secret)), [5]);
    assert.equal(withoutTokens(decode(bytes).toString()), redacted);
    assert.equal(state, "redacted");
    assert.equal(removed, 1);
  });

  test(`${contentEncoding}: without secrets it is stored as received`, () => {
    const coded = encode(Buffer.from(plain));
    const { bytes, state } = redactedBody(call, coded, [5]);
    assert.deepEqual(bytes, coded);
    assert.equal(state, "none");
  });

  test(`${contentEncoding}: what follows the coded content is not stored`, () => {
    const coded = Buffer.concat([encode(Buffer.from(plain)), Buffer.from("password=C4n4ry")]);
    const { bytes } = redactedBody(call, coded);
    assert.ok(!bytes.includes("C4n4ry"));
  });

  test(`${contentEncoding}: a stream that was cut keeps what could be looked through`, () => {
    const numbers = Array.from({ length: 4000 }, (_, at) => (at * 2_654_435_761) % 1_000_003);
    const text = `${secret}\n${numbers.join("\n")}`;
    const coded = encode(Buffer.from(text));
    const { bytes, state } = redactedBody(call, coded.subarray(0, coded.length - 6));
    assert.equal(state, "bounded");
    const stored = withoutTokens(decode(bytes).toString());
    assert.ok(!stored.includes("C4n4ry"));
    assert.ok(stored === "" || stored.startsWith(redacted));
  });

  test(`${contentEncoding}: too large to be decoded, nothing is stored`, () => {
    const large = encode(Buffer.alloc(1_200_000, "[1,2,3],"));
    const result = redactedBody(call, large);
    assert.equal(result.state, "bounded");
    assert.equal(result.bytes.length, 0);
    assert.match(result.hmac, /^[0-9a-f]{32}$/);
  });

  test(`${contentEncoding}: what is not in its coding is hidden`, () => {
    const result = redactedBody(call, '{"password":"C4n4ry"} and more, in no coding at all');
    assert.equal(result.state, "hidden");
    assert.equal(result.bytes.length, 0);
  });
}

test("documents of an index of credentials are found in each spelling of their coding", () => {
  const bulk = '{"index":{"_index":".security-7"}}\n{"password":"C4n4ry"}\n';
  const target = "/_bulk";
  const [contentType, method] = ["application/x-ndjson", "POST"];
  for (const [contentEncoding, encode, decode] of codings) {
    const call = { target, method, contentType, contentEncoding };
    const { bytes, state } = redactedBody(call, encode(Buffer.from(bulk)), [5]);
    const stored = decode(bytes).toString();
    assert.ok(!stored.includes("C4n4ry") && stored.includes(".security-7"), contentEncoding);
    assert.equal(state, "redacted", contentEncoding);
  }
});

test("several members of gzip are looked through", () => {
  const call = { ...settings, contentEncoding: "gzip" };
  const members = Buffer.concat([gzipSync(plain), gzipSync(secret)]);
  const { bytes } = redactedBody(call, members);
  assert.equal(withoutTokens(gunzipSync(bytes).toString()), plain + redacted);
});

test("a comment in a gzip header is not stored", () => {
  const call = { ...settings, contentEncoding: "gzip" };
  const coded = gzipSync(plain);
  coded[3] = 0x10;
  const commented = Buffer.concat([
    coded.subarray(0, 10),
    Buffer.from("C4n4ry\0"),
    coded.subarray(10),
  ]);
  assert.equal(gunzipSync(commented).toString(), plain);
  const { bytes } = redactedBody(call, commented);
  assert.ok(!bytes.includes("C4n4ry"));
  assert.equal(gunzipSync(bytes).toString(), plain);
});

test("raw DEFLATE is read, too", () => {
  const call = { ...settings, contentEncoding: "deflate" };
  const { bytes } = redactedBody(call, deflateRawSync(secret));
  assert.equal(withoutTokens(inflateSync(bytes).toString()), redacted);
});

test("a coding that nobody knows, and several, are hidden", () => {
  for (const contentEncoding of ["compress", "gzip, gzip", "rot13"]) {
    const result = redactedBody({ ...settings, contentEncoding }, secret);
    assert.equal(result.state, "hidden");
  }
});

test("identity is no coding", () => {
  const { text } = redactedBody({ ...settings, contentEncoding: "identity" }, secret);
  assert.equal(text, redacted);
});

test("1.6 KB that unfold to 131,000 members are not unfolded", () => {
  const members = Array.from({ length: 131_000 }, () => '"pwd":"x"');
  const bomb = gzipSync(`{${members.join(",")}}`, { level: 9 });
  assert.ok(bomb.length < 2700);
  const result = redactedBody({ ...settings, contentEncoding: "gzip" }, bomb);
  assert.deepEqual([result.state, result.bytes.length, result.removed], ["bounded", 0, 0]);
});

test("20 MB in a coding are not decoded, whatever they hold", () => {
  const call = { ...settings, contentEncoding: "gzip" };
  const redactor = bodyOf(call);
  assert.ok(redactor !== undefined);
  const piece = Buffer.alloc(1_000_000, secret);
  const result = redact(redactor, Buffer.concat(Array.from({ length: 20 }, () => piece)));
  assert.deepEqual([result.state, result.bytes.length], ["bounded", 0]);
});
