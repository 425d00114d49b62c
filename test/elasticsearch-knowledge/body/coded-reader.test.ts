import assert from "node:assert/strict";
import { test } from "node:test";
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import type { BodyReader } from "../../../src/elasticsearch/body/body-reader.ts";
import { CodedReader, type DecodingLimits } from "../../../src/elasticsearch/body/coded-reader.ts";

interface Read {
  text: string;
  bytes: number;
  reason: string | undefined;
}

/** Keeps the first kilobytes of what it reads. */
function reader(): BodyReader<Read> {
  let text = "";
  let bytes = 0;
  return {
    write: (piece, start, end) => {
      bytes += end - start;
      if (text.length < 4096) text += piece.toString("latin1", start, end).slice(0, 4096);
    },
    finish: (reason) => ({ text, bytes, reason }),
  };
}

async function read(
  body: Buffer,
  coding: string | undefined,
  size = body.length || 1,
  limits?: DecodingLimits,
): Promise<Read> {
  const coded = new CodedReader(reader(), coding, limits);
  for (let at = 0; at < body.length; at += size) {
    const piece = Buffer.from(body.subarray(at, at + size));
    await coded.write(piece);
    piece.fill(0);
  }
  return coded.finish();
}

const content = Buffer.from('{"hits":{"hits":[{"_id":"1"}]}}'.repeat(20));
const whole: Read = { text: content.toString(), bytes: content.length, reason: undefined };
const half = content.length / 2;
const codings: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gzipSync,
  "x-gzip": gzipSync,
  " GZIP": gzipSync,
  deflate: deflateSync,
  "deflate, identity": deflateRawSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
};

for (const [name, code] of Object.entries(codings)) {
  test(`removes ${name} in pieces cut anywhere`, async () => {
    for (const size of [1, 2, 3, 1000])
      assert.deepEqual(await read(code(content), name, size), whole);
  });

  test(`tells what there is of ${name} that was cut, and that it was`, async () => {
    const cut = code(content).subarray(0, -9);
    const { text, reason } = await read(cut, name, 7);
    assert.ok(content.toString().startsWith(text));
    assert.equal(reason, "end");
  });
}

test("reads several members of gzip, and several frames of zstd", async () => {
  for (const [name, code] of Object.entries({ gzip: gzipSync, zstd: zstdCompressSync })) {
    const members = Buffer.concat([code(content.subarray(0, half)), code(content.subarray(half))]);
    for (const size of [1, 5, 10_000])
      assert.deepEqual(await read(members, name, size), whole, name);
  }
});

test("removes codings in the reverse of the order in which they were put on", async () => {
  const twice = brotliCompressSync(gzipSync(content));
  assert.deepEqual(await read(twice, "gzip, br", 11), whole);
});

test("a body without a coding, and one without bytes", async () => {
  assert.deepEqual(await read(content, undefined, 9), whole);
  assert.deepEqual(await read(content, "identity", 9), whole);
  assert.deepEqual(await read(Buffer.alloc(0), "gzip"), { text: "", bytes: 0, reason: undefined });
});

test("says of what it cannot decode why", async () => {
  const reasonOf = async (body: Buffer, coding: string): Promise<unknown> =>
    (await read(body, coding, 64)).reason;
  assert.equal(await reasonOf(content, "compress"), "coding");
  assert.equal(await reasonOf(content, "gzip,gzip,gzip,gzip,gzip"), "coding");
  for (const name of ["gzip", "br", "zstd"])
    assert.equal(await reasonOf(content, name), "corrupt", name);
  const broken = gzipSync(content);
  broken.fill(0xff, 30, 40);
  assert.equal(await reasonOf(broken, "gzip"), "corrupt");
  assert.equal(await reasonOf(Buffer.from([0x1f]), "gzip"), "end");
});

test("bombs are read up to a bound, and said to be bombs", async () => {
  const bomb = Buffer.alloc(64_000_000, "a");
  const limits = { bytes: 3_000_000, ratio: 20, freeBytes: 1_000_000 };
  for (const [name, code] of Object.entries({
    gzip: gzipSync,
    br: brotliCompressSync,
    zstd: zstdCompressSync,
  })) {
    const small = await read(code(bomb), name, 1000, limits);
    assert.equal(small.reason, "ratio", name);
    assert.ok(small.bytes <= limits.freeBytes + 65_536, `${name}: ${small.bytes} bytes`);
  }
  const noise = Buffer.from(Array.from({ length: 4_000_000 }, (_, at) => (at * at * 7919) & 0xff));
  const long = await read(gzipSync(noise), "gzip", 65_536, { ...limits, ratio: 1e9 });
  assert.equal(long.reason, "size");
  assert.ok(long.bytes <= limits.bytes);
  const plain = await read(noise, undefined, 65_536, limits);
  assert.equal(plain.reason, "size");
});

test("a reason that the caller has is kept, unless the coding has one of its own", async () => {
  const cut = new CodedReader(reader(), "gzip");
  await cut.write(gzipSync(content).subarray(0, 30));
  assert.equal((await cut.finish("size")).reason, "end");
  const uncoded = new CodedReader(reader(), undefined);
  await uncoded.write(content);
  assert.equal((await uncoded.finish("size")).reason, "size");
});
