import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { formatCheckpoint, parseCheckpoint } from "../../src/tlog/checkpoint.ts";
import { signCheckpoint, verifyCheckpoint } from "../../src/tlog/signed-checkpoint.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";
import { seededKey, seededMlDsaKey } from "./keys.ts";

const origin = "example.com/es-proxy-test";
const root = Buffer.from("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328", "hex");
const checkpoint = { origin, size: 8, root, extensions: [] };
const key = seededKey(origin, 1);
const published = `example.com/es-proxy-test
8
XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=

— example.com/es-proxy-test Dtp3m/fJ8P0VwL7gWsiIGtUAHwwDNC25p6l900dShT8j9QR5z/TzeS28x/iDNQ+FhISUeGLKn9in5G+UOhSDCEkouA4=
`;

test("signs as the published vector does", () => {
  assert.equal(signCheckpoint(checkpoint, [key], 0).toString(), published);
  const verified = verifyCheckpoint(Buffer.from(published), [key.verifier]);
  assert.deepEqual(verified.checkpoint, checkpoint);
});

test("reads the examples of the specification", () => {
  const text =
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const read = parseCheckpoint(text);
  assert.deepEqual([read.origin, read.size], ["example.com/behind-the-sofa", 20_852_163]);
  assert.equal(formatCheckpoint(read), text);
  const spaced =
    "go.sum database tree\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n";
  assert.deepEqual(parseCheckpoint(spaced).extensions, ["extension"]);
  assert.equal(formatCheckpoint(parseCheckpoint(spaced)), spaced);
});

test("refuses texts in any other form", () => {
  const good = published.slice(0, published.indexOf("\n\n") + 1);
  const wrong = [
    "",
    good.trimEnd(),
    `${good}\n`,
    `${good}\nextension\n`,
    good.replace(origin, ""),
    good.replace("\n8\n", "\n08\n"),
    good.replace("\n8\n", "\n-8\n"),
    good.replace("\n8\n", "\n8.0\n"),
    good.replace("\n8\n", "\n 8\n"),
    good.replace("\n8\n", "\n9007199254740992\n"),
    good.replace("=\n", "\n"),
    good.replace("XcnaeacGWamtVZy3", ""),
    good.replace("yg=", "yh="),
    good.replace("/Rg", "_Rg"),
    `${origin}\n8\n`,
  ];
  for (const text of wrong)
    assert.throws(() => parseCheckpoint(text), { code: "syntax" }, JSON.stringify(text));
});

test("refuses to write what could not be read back", () => {
  const wrong = [
    { origin: "" },
    { origin: "two\nlines" },
    { origin: "tab\there" },
    { origin: "\ud800" },
    { size: -1 },
    { size: 1.5 },
    { size: 2 ** 60 },
    { root: Buffer.alloc(31) },
    { extensions: [""] },
    { extensions: ["two\nlines"] },
  ];
  for (const part of wrong)
    assert.throws(
      () => formatCheckpoint({ ...checkpoint, ...part }),
      TlogError,
      JSON.stringify(part),
    );
});

test("any checkpoint is read back as it was written", () => {
  const line = fc
    .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
    .filter((text) => !/\p{Cc}/u.test(text));
  fc.assert(
    fc.property(
      line,
      fc.maxSafeNat(),
      fc.uint8Array({ minLength: 32, maxLength: 32 }),
      fc.array(line),
      (name, size, hash, extensions) => {
        const written = { origin: name, size, root: Buffer.from(hash), extensions };
        assert.deepEqual(parseCheckpoint(formatCheckpoint(written)), written);
      },
    ),
  );
});

test("any text gives a checkpoint or a TlogError", () => {
  const pieces = fc.constantFrom(
    "a",
    "\n",
    "0",
    "12",
    "XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=",
    "=",
  );
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(pieces).map((parts) => parts.join("")),
      ),
      (text) => {
        try {
          assert.equal(formatCheckpoint(parseCheckpoint(text)), text);
        } catch (error) {
          assert.ok(error instanceof TlogError, String(error));
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test("both keys of a log sign, and a key of somebody else does not", () => {
  const mlDsa = seededMlDsaKey(origin, 7);
  const note = signCheckpoint(checkpoint, [key, mlDsa], 1_700_000_000);
  assert.equal(verifyCheckpoint(note, [key.verifier, mlDsa.verifier]).signatures.length, 2);
  assert.equal(verifyCheckpoint(note, [mlDsa.verifier]).signatures[0]?.time, 1_700_000_000);
  assert.throws(() => signCheckpoint(checkpoint, [seededKey("example.com/other", 1)], 0), {
    code: "key",
  });
  assert.throws(() => signCheckpoint(checkpoint, [], 0), { code: "key" });
});

test("a signature counts as the log's only when its key is named like the origin", () => {
  const other = seededKey("example.com/other", 1);
  const text = formatCheckpoint(checkpoint);
  const { name, keyId, signature } = other.sign(text, 0);
  const id = Buffer.alloc(4);
  id.writeUInt32BE(keyId);
  const line = `— ${name} ${Buffer.concat([id, signature]).toString("base64")}\n`;
  const note = Buffer.from(`${text}\n${line}`);
  assert.throws(() => verifyCheckpoint(note, [other.verifier, key.verifier]), {
    code: "signature",
    message: `no known key of ${origin} has signed`,
  });
});

test("every flipped bit of a signed checkpoint is found", () => {
  const note = signCheckpoint(checkpoint, [key], 0);
  for (let bit = 0; bit < note.length * 8; bit += 1) {
    const wrong = Buffer.from(note);
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.throws(() => verifyCheckpoint(wrong, [key.verifier]), TlogError, `bit ${bit}`);
  }
});
