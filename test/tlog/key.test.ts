import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import { SigningKey } from "../../src/tlog/signing-key.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";
import { isKeyName, VerifierKey } from "../../src/tlog/verifier-key.ts";
import { foreignPem, seededKey, seededMlDsaKey } from "./keys.ts";

const text = "example.com/log\n7\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";

test("gives the vkeys of the published vectors", () => {
  assert.equal(
    seededKey("example.com/es-proxy-test", 1).verifier.toString(),
    "example.com/es-proxy-test+0eda779b+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c",
  );
  assert.equal(
    seededKey("witness.example/w1", 2, "ed25519-cosignature").verifier.toString(),
    "witness.example/w1+df1c0a35+BIE5dw6ofRdfVqNUZsNMfszLjYqRtO43ol32D1uPybOU",
  );
});

test("reads the vkey of the specification and those of other programs", () => {
  const vkeys = [
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
  ];
  for (const vkey of vkeys) assert.equal(VerifierKey.parse(vkey).toString(), vkey);
});

test("refuses vkeys that are malformed, of another kind, or whose id is wrong", () => {
  const good = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
  const wrong = [
    "",
    "x",
    good.slice(0, -1),
    good.replace("530d903a", "530d903b"),
    good.replace("530d903a", "530d903"),
    good.replace("example.com/foo", ""),
    good.replace("example.com/foo", "example.com/ foo"),
    good.replace("+Aek", "+Auk"),
    `${good}\n`,
    `${good}=`,
    "example.com/foo+530d903a+AQ==",
  ];
  for (const vkey of wrong) assert.throws(() => VerifierKey.parse(vkey), { code: "key" }, vkey);
  assert.throws(() => VerifierKey.parse(good.replace("+Aek", "+Auk")), /type 2/);
});

test("any text gives a key or a TlogError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: "binary" })), (vkey) => {
      try {
        VerifierKey.parse(vkey);
      } catch (error) {
        assert.ok(error instanceof TlogError);
      }
    }),
  );
});

test("names have neither blanks nor plus signs", () => {
  for (const name of ["a", "example.com/log", "naïve.example/ä", "go.sum"])
    assert.ok(isKeyName(name), name);
  for (const name of ["", "a b", "a+b", "a\n", "a\u2003b", "a\u0085", "a\u0001", "\ud800"])
    assert.ok(!isKeyName(name), JSON.stringify(name));
});

for (const make of [
  () => SigningKey.generate("example.com/log", "ed25519"),
  () => SigningKey.generate("example.com/log", "ed25519-cosignature"),
  () => SigningKey.generate("example.com/log", "ml-dsa-44-cosignature"),
]) {
  const key = make();
  const { type } = key.verifier;

  test(`a new ${type} key signs, and survives its text form`, () => {
    const again = SigningKey.parse(key.toPem(), "example.com/log", type);
    assert.equal(again.verifier.toString(), key.verifier.toString());
    const verifier = VerifierKey.parse(key.verifier.toString());
    const { signature, keyId } = again.sign(text, 1_700_000_000);
    assert.equal(keyId, verifier.keyId);
    assert.deepEqual(verifier.check(text, signature), {
      time: type === "ed25519" ? undefined : 1_700_000_000,
    });
    assert.equal(verifier.check(text.replace("7", "8"), signature), undefined);
    assert.equal(make().verifier.check(text, signature), undefined, "another key");
  });

  test(`a flipped bit anywhere in a signature of ${type} is found`, () => {
    const { signature } = key.sign(text, 1_700_000_000);
    const step = signature.length > 100 ? 37 : 1;
    for (let at = 0; at < signature.length; at += step) {
      const wrong = Buffer.from(signature);
      wrong[at] = (wrong[at] ?? 0) ^ (1 << (at % 8));
      assert.equal(key.verifier.check(text, wrong), undefined, `byte ${at}`);
    }
    for (const length of [0, 7, 8, 63, 64, signature.length - 1])
      if (length !== signature.length)
        assert.equal(key.verifier.check(text, signature.subarray(0, length)), undefined);
  });
}

test("a cosignature is the published one", () => {
  const key = seededKey("witness.example/w1", 2, "ed25519-cosignature");
  const note = "example.com/es-proxy-test\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg=\n";
  const { keyId, signature } = key.sign(note, 1_700_000_000);
  const id = Buffer.alloc(4);
  id.writeUInt32BE(keyId);
  assert.equal(
    Buffer.concat([id, signature]).toString("base64"),
    "3xwKNQAAAABlU/EAqURBfz5bk6CzMn3P8eKyOh3lAIXVNoH9IwbZexGtOv4RxRiKx/Ow8AgTVBIGybaTEUPQvHeI7IAcsbH9OOp7BQ==",
  );
});

test("ML-DSA-44 signs the cosigner's name, and checkpoints without extension lines only", () => {
  const key = seededMlDsaKey("witness.example/w2", 4);
  const { signature } = key.sign(text, 5);
  assert.deepEqual(key.verifier.check(text, signature), { time: 5 });
  assert.equal(key.verifier.check(`${text}extension\n`, signature), undefined);
  assert.throws(() => key.sign(`${text}extension\n`, 5), TlogError);
  assert.equal(seededMlDsaKey("witness.example/w3", 4).verifier.check(text, signature), undefined);
  assert.throws(() => key.sign("not a checkpoint\n", 5), TlogError);
  assert.equal(key.verifier.check("not a checkpoint\n", signature), undefined);
  assert.equal(
    key.verifier.check(text.replace("example.com/log", "x".repeat(256)), signature),
    undefined,
  );
});

test("a time that no clock shows is refused", () => {
  const key = seededKey("witness.example/w1", 2, "ed25519-cosignature");
  const { signature } = key.sign(text, 1);
  assert.equal(
    key.verifier.check(text, Buffer.concat([Buffer.alloc(8, 0x7f), signature.subarray(8)])),
    undefined,
  );
});

test("reads Go's form of private keys, for the log's key and for a cosigner's", () => {
  const skey = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
  assert.equal(
    SigningKey.parse(`${skey}\n`, "PeterNeumann", "ed25519").verifier.toString(),
    "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
  );
  const cosigner = SigningKey.parse(skey, "PeterNeumann", "ed25519-cosignature");
  assert.equal(cosigner.verifier.type, "ed25519-cosignature");
  const fails: readonly [string, string, RegExp][] = [
    [skey, "EnochRoot", /belongs to PeterNeumann/],
    [skey.replace("c74f20a3", "c74f20a4"), "PeterNeumann", /key id/],
    [skey.slice(0, -4), "PeterNeumann", /form PRIVATE/],
    [skey.replace("+AYEK", "+AoEK"), "PeterNeumann", /form PRIVATE/],
  ];
  for (const [wrong, name, message] of fails)
    assert.throws(() => SigningKey.parse(wrong, name, "ed25519"), { code: "key", message });
});

test("refuses private keys of another kind and texts that are none", () => {
  assert.throws(() => SigningKey.parse(foreignPem(), "a", "ed25519"), /is x25519, not ed25519/);
  const ed25519 = SigningKey.generate("a", "ed25519").toPem();
  assert.throws(() => SigningKey.parse(ed25519, "a", "ml-dsa-44-cosignature"), { code: "key" });
  for (const garbage of [
    "",
    "secret",
    "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----",
  ])
    assert.throws(() => SigningKey.parse(garbage, "a", "ed25519"), {
      code: "key",
      message: /PKCS#8 PEM/,
    });
  assert.throws(() => SigningKey.generate("a b", "ed25519"), { code: "key" });
});
