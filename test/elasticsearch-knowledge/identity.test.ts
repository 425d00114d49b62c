import assert from "node:assert/strict";
import test from "node:test";

import {
  identityFrom,
  IdentityReader,
  keyedToken,
} from "../../src/elasticsearch/identity/identity.ts";

const key = Buffer.alloc(32, 7);

function base64(text: string): string {
  return Buffer.from(text, "latin1").toString("base64");
}

function of(authorization: string | undefined, runAs?: string): Record<string, unknown> {
  const facts = Object.entries(identityFrom(authorization, runAs, undefined, key));
  return Object.fromEntries(facts.filter(([, value]) => value !== undefined && value !== false));
}

test("splits Basic at the first colon and keeps the name only", () => {
  assert.deepEqual(of(`Basic ${base64("elastic:a:b:c")}`), {
    scheme: "basic",
    userName: "elastic",
  });
  assert.deepEqual(of(`bAsIc   ${base64(":x")}`), { scheme: "basic", userName: "" });
  assert.deepEqual(of(`Basic ${base64("gr\xfc\xdfe:x")}`), {
    scheme: "basic",
    userName: "gr\xfc\xdfe",
  });
});

test("marks a Basic credential without colon or in no base64 as malformed and keeps a token only", () => {
  for (const credential of [base64("nobody"), "%%%", ""])
    assert.deepEqual(of(`Basic ${credential}`), {
      scheme: "basic",
      malformed: true,
      token: keyedToken(credential, key),
    });
});

test("keeps the id half of an API key only", () => {
  assert.deepEqual(of(`ApiKey ${base64("VuaCfG:secret")}`), { scheme: "apikey", userId: "VuaCfG" });
  assert.deepEqual(of(`APIKEY ${base64("secret")}`), {
    scheme: "apikey",
    malformed: true,
    token: keyedToken(base64("secret"), key),
  });
});

test("reads the claims of a JWT as unverified and hashes an opaque token", () => {
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const jwt = `${part({ alg: "RS256" })}.${part({ iss: "https://id", sub: "alice", exp: 1_800_000_000, secret: "x" })}.c2ln`;
  assert.deepEqual(of(`Bearer ${jwt}`), {
    scheme: "bearer",
    userName: "alice",
    token: keyedToken(jwt, key),
    jwt: { iss: "https://id", sub: "alice", exp: 1_800_000_000, unverified: true },
  });
  for (const opaque of [
    "AAEAAWVsYXN0aWM",
    "a.b",
    "a.!.c",
    `a.${part("text")}.c`,
    `a.${part([1])}.c`,
  ])
    assert.deepEqual(of(`Bearer ${opaque}`), { scheme: "bearer", token: keyedToken(opaque, key) });
  assert.equal(
    of(`Bearer a.${part({ sub: { __proto__: 1 }, exp: "never" })}.c`)["userName"],
    undefined,
  );
});

test("keeps the key id of SigV4 and the name of another known scheme, never what follows", () => {
  assert.deepEqual(
    of("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261123/eu/es/aws4_request, Signature=abc"),
    {
      scheme: "aws",
      userId: "AKIDEXAMPLE",
    },
  );
  assert.deepEqual(of("Negotiate YII="), { scheme: "other", schemeName: "negotiate" });
  assert.deepEqual(of("secret-without-scheme"), {
    scheme: "other",
    malformed: true,
    token: keyedToken("secret-without-scheme", key),
  });
});

test("keeps nothing but a token of what may be a credential in place of a scheme or a pair", () => {
  for (const value of ["S3cret word", "S3cret\tword", " S3cret", 'S3cret="x", y', "basic:S3cret"])
    assert.deepEqual(of(value), {
      scheme: "other",
      malformed: true,
      token: keyedToken(value, key),
    });
  for (const [scheme, text] of [
    ["Basic", "S3c\x01ret:x"],
    ["ApiKey", "S3c\x80ret:x"],
    ["ApiKey", "S3c ret:x"],
    ["ApiKey", ":x"],
  ] as const) {
    const credential = base64(text);
    assert.deepEqual(of(`${scheme} ${credential}`), {
      scheme: scheme.toLowerCase(),
      malformed: true,
      token: keyedToken(credential, key),
    });
  }
});

test("names the certificate where there is no credential, and the run-as user beside the real one", () => {
  const certificate = { subject: "CN=writer,O=X", commonName: "writer", fingerprint256: "00" };
  const alone = identityFrom(undefined, undefined, certificate, key);
  assert.deepEqual([alone.scheme, alone.userName], ["certificate", "writer"]);
  const both = identityFrom(`Basic ${base64("a:b")}`, "bob", certificate, key);
  assert.deepEqual(
    [both.scheme, both.userName, both.effectiveUserName, both.certificate],
    ["basic", "a", "bob", certificate],
  );
  assert.deepEqual(of(undefined, "bob"), { scheme: "none", effectiveUserName: "bob" });
  assert.deepEqual(of(undefined), { scheme: "none" });
});

test("a reader answers a repeated credential from memory, within bounds, and never mixes in the run-as user", () => {
  const reader = new IdentityReader(key);
  const first = reader.read(`Basic ${base64("a:b")}`, undefined, undefined);
  assert.equal(reader.read(`Basic ${base64("a:b")}`, undefined, undefined), first);
  assert.equal(reader.read(`Basic ${base64("a:b")}`, "bob", undefined).effectiveUserName, "bob");
  assert.equal(
    reader.read(`Basic ${base64("a:b")}`, undefined, undefined).effectiveUserName,
    undefined,
  );
  for (let at = 0; at < 1001; at += 1)
    reader.read(`Basic ${base64(`${at}:b`)}`, undefined, undefined);
  assert.notEqual(reader.read(`Basic ${base64("a:b")}`, undefined, undefined), first);
});
