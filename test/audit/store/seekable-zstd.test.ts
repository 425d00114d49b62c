import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";

import * as fc from "fast-check";

import { openFileBytes } from "../../../src/audit/store/file-bytes.ts";
import { SeekableReader, SeekableWriter } from "../../../src/audit/store/seekable-zstd.ts";
import { makeTempDir } from "../../support/temp-dir.ts";

function write(path: string, contents: readonly Uint8Array[]): void {
  const fd = openSync(path, "w");
  const writer = new SeekableWriter(fd);
  for (const content of contents) writer.write(content);
  writer.end();
  closeSync(fd);
}

function opened<T>(path: string, use: (reader: SeekableReader | undefined) => T): T {
  const file = openFileBytes(path);
  try {
    return use(SeekableReader.open(file));
  } finally {
    file.close();
  }
}

test("content is read anywhere as it was written, and unfolded by every other program", async () => {
  await using folder = await makeTempDir();
  const path = folder.file("a.zst");
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ minLength: 1, maxLength: 200 }), { maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(2000), fc.nat(500)), { minLength: 1, maxLength: 10 }),
      (contents, reads) => {
        write(path, contents);
        const whole = Buffer.concat(contents);
        assert.deepEqual(zstdDecompressSync(readFileSync(path)), whole);
        opened(path, (reader) => {
          assert.equal(reader?.size, whole.length);
          for (const [offset, length] of reads) {
            const into = Buffer.alloc(length);
            const count: number = reader?.read(into, 0, length, offset) ?? -1;
            assert.deepEqual(into.subarray(0, count), whole.subarray(offset, offset + length));
          }
        });
      },
    ),
  );
  const { status, stdout } = spawnSync("zstd", ["-dc", path]);
  if (status !== null) assert.deepEqual(stdout, zstdDecompressSync(readFileSync(path)));
});

test("a file without a table, or with one that does not describe it, is not seekable", async () => {
  await using folder = await makeTempDir();
  const path = folder.file("a.zst");
  write(path, [Buffer.from("one"), Buffer.from("two")]);
  const bytes = readFileSync(path);
  const plain = zstdCompressSync(Buffer.from("one"));
  const wrong = [
    plain,
    Buffer.alloc(0),
    Buffer.from("x"),
    bytes.subarray(1),
    bytes.subarray(0, -1),
  ];
  for (const content of wrong) {
    writeFileSync(path, content);
    assert.equal(
      opened(path, (reader) => reader),
      undefined,
    );
  }
  for (let at = bytes.length - 9; at < bytes.length; at += 1) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 0x41;
    writeFileSync(path, changed);
    opened(path, (reader) => {
      const count: number | undefined = reader?.read(Buffer.alloc(6), 0, 6, 0);
      assert.ok(count === undefined || count === 6, `byte ${at} is none that is looked at`);
    });
  }
});

test("a damaged frame is an error, and the others can be read", async () => {
  await using folder = await makeTempDir();
  const path = folder.file("a.zst");
  write(path, [Buffer.alloc(100, 1), Buffer.alloc(100, 2)]);
  const bytes = readFileSync(path);
  const table = bytes.length - (8 + 16 + 9);
  bytes[table - 6] = (bytes[table - 6] ?? 0) ^ 1;
  writeFileSync(path, bytes);
  opened(path, (reader) => {
    assert.equal(reader?.read(Buffer.alloc(50), 0, 50, 10), 50);
    assert.throws(() => reader?.read(Buffer.alloc(50), 0, 50, 110));
  });
});
