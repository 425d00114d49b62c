import assert from "node:assert/strict";
import { createHash, randomBytes, X509Certificate } from "node:crypto";
import { before, test } from "node:test";
import * as fc from "fast-check";

import { TimestampError } from "../../src/attestation/timestamp-error.ts";
import {
  formatTimestampRequest,
  readTimestampResponse,
} from "../../src/attestation/timestamp-message.ts";
import { readCertificates, verifyTimestamp } from "../../src/attestation/timestamp-token.ts";
import type { Timestamp } from "../../src/attestation/timestamp-token.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { makeAuthorityIdentity } from "./authority-identity.ts";
import type { AuthorityIdentity, IdentityOptions } from "./authority-identity.ts";
import { OpensslAuthority, opensslMissing } from "./openssl-authority.ts";
import { grantedResponse, makeToken, refusedResponse } from "./own-authority.ts";
import type { TokenOptions } from "./own-authority.ts";

const imprint = createHash("sha256").update("a checkpoint\n").digest();
const other = createHash("sha256").update("another checkpoint\n").digest();
const nonce = Buffer.from("00ff0123456789ab", "hex");
let authority: AuthorityIdentity;

before(async () => {
  authority = await makeAuthorityIdentity();
});

/** The certificates above an identity that are trusted: its root. */
function rootOf(identity: AuthorityIdentity): X509Certificate[] {
  return readCertificates(identity.chainPem.at(-1) ?? "");
}

/** Checks a token of our own authority. */
function check(options: Partial<TokenOptions>, identity = authority): Timestamp {
  const token = makeToken(identity, { imprint, nonce, ...options });
  return verifyTimestamp(token, imprint, rootOf(identity), nonce);
}

test(
  "openssl's tokens are valid for us, whatever key signs them",
  { skip: opensslMissing },
  async () => {
    const kinds: readonly (readonly [IdentityOptions, string])[] = [
      [{ keys: "rsa" }, "sha256"],
      [{ keys: "rsa", hasIntermediate: true }, "sha512"],
      [{ keys: "ec" }, "sha256"],
      [{ keys: "ec", hasIntermediate: true }, "sha384"],
    ];
    for (const [options, digest] of kinds) {
      await using folder = await makeTempDir("tsa");
      const identity = await makeAuthorityIdentity(options);
      const openssl = new OpensslAuthority(folder, identity, digest);
      const random = randomBytes(8);
      const response = openssl.answer(formatTimestampRequest(imprint, random));
      const token = readTimestampResponse(response);
      const stamp = verifyTimestamp(token, imprint, rootOf(identity), random);
      assert.ok(Math.abs(stamp.time - Date.now()) < 120_000, new Date(stamp.time).toISOString());
      assert.deepEqual([stamp.policy, stamp.authority], ["1.2.3.4.1", "CN=Timestamps"]);
      assert.ok(openssl.accepts(token, imprint), "openssl accepts what we keep");
      assert.equal(openssl.accepts(token, other), false);
      assert.throws(() => verifyTimestamp(token, other, rootOf(identity)), { code: "imprint" });
      assert.throws(() => verifyTimestamp(token, imprint, rootOf(identity), randomBytes(9)), {
        code: "nonce",
      });
      assert.throws(() => verifyTimestamp(token, imprint, rootOf(authority)), {
        code: "certificate",
      });
    }
  },
);

test("what openssl refuses has its reason", { skip: opensslMissing }, async () => {
  await using folder = await makeTempDir("tsa");
  const openssl = new OpensslAuthority(folder, authority);
  const request = formatTimestampRequest(Buffer.alloc(31), nonce);
  assert.throws(() => readTimestampResponse(openssl.answer(request)), {
    code: "rejected",
    message: /refuses \(2\): .*(digest|algorithm|length|format)/i,
  });
});

test(
  "a flipped bit of openssl's token is found, or is not part of what is signed",
  { skip: opensslMissing },
  async () => {
    await using folder = await makeTempDir("tsa");
    const openssl = new OpensslAuthority(folder, authority);
    const token = readTimestampResponse(openssl.answer(formatTimestampRequest(imprint, nonce)));
    findFlippedBits(token);
  },
);

test("a flipped bit of a token is found, or is not part of what is signed", () => {
  findFlippedBits(makeToken(authority, { imprint, nonce }));
});

function findFlippedBits(token: Buffer): void {
  const roots = rootOf(authority);
  const stamp = verifyTimestamp(token, imprint, roots, nonce);
  let found = 0;
  for (let bit = 0; bit < token.length * 8; bit += 1) {
    const wrong = Buffer.from(token);
    wrong[bit >> 3] = (wrong[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    try {
      assert.deepEqual(verifyTimestamp(wrong, imprint, roots, nonce), stamp, `bit ${bit}`);
    } catch (error) {
      assert.ok(error instanceof TimestampError, `bit ${bit}: ${String(error)}`);
      found += 1;
    }
  }
  // Versions, the signer's name outside the signed attributes, and the list of digests.
  assert.ok(found > token.length * 8 * 0.9, `${found} of ${token.length * 8}`);
}

test("a token that is cut anywhere is refused", () => {
  const token = makeToken(authority, { imprint, nonce });
  const roots = rootOf(authority);
  for (let length = 0; length < token.length; length += 1)
    assert.throws(() => verifyTimestamp(token.subarray(0, length), imprint, roots), {
      code: "syntax",
    });
  assert.throws(() => verifyTimestamp(Buffer.concat([token, Buffer.of(0)]), imprint, roots), {
    code: "syntax",
  });
});

test("garbage gives a TimestampError", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
      assert.throws(() => verifyTimestamp(bytes, imprint, rootOf(authority)), TimestampError);
      assert.throws(() => readTimestampResponse(bytes), TimestampError);
    }),
    { numRuns: 500 },
  );
});

test("accepts ECDSA, RSA and Ed25519, with either form of the certificate attribute", async () => {
  const time = new Date(Math.floor(Date.now() / 1000) * 1000);
  for (const keys of ["ec", "rsa", "ed25519"] as const) {
    const identity = await makeAuthorityIdentity({ keys, hasIntermediate: true });
    const stamp = check({ time }, identity);
    assert.deepEqual(
      [stamp.time, stamp.policy, stamp.serialNumber, stamp.authority],
      [time.getTime(), "1.2.3.4.5", "4d", "CN=Timestamps"],
    );
    assert.equal(check({ time, isOlderAttribute: true }, identity).time, time.getTime());
  }
});

test("times may have fractions of a second", () => {
  assert.equal(
    check({ timeText: "20261129101500.25Z" }).time,
    Date.UTC(2026, 10, 29, 10, 15, 0, 250),
  );
  for (const timeText of [
    "20261129101500",
    "20261329101500Z",
    "2026112910Z",
    "20261129101500+0100",
  ])
    assert.throws(() => check({ timeText }), { code: "syntax" }, timeText);
});

test("refuses tokens about something else, or for another request", () => {
  assert.throws(() => check({ imprint: other }), { code: "imprint" });
  assert.throws(() => check({ imprintAlgorithm: "1.3.14.3.2.26" }), { code: "imprint" });
  assert.throws(() => check({ nonce: Buffer.of(1) }), { code: "nonce" });
  const token = makeToken(authority, { imprint });
  assert.throws(() => verifyTimestamp(token, imprint, rootOf(authority), nonce), { code: "nonce" });
  assert.equal(verifyTimestamp(token, imprint, rootOf(authority)).nonce, undefined);
});

test("refuses tokens whose signature does not cover the content and the signer", () => {
  assert.throws(() => check({ digested: Buffer.from("other content") }), { code: "signature" });
  assert.throws(() => check({ digestAlgorithm: "1.3.14.3.2.26" }), {
    code: "signature",
    message: /digest 1\.3\.14\.3\.2\.26 is not accepted/,
  });
  assert.throws(() => check({ certificates: [] }), { code: "signature" });
  const stranger = rootOf(authority).map(({ raw }) => raw);
  assert.throws(() => check({ certificates: stranger }), { code: "signature" });
  for (const without of [
    "1.2.840.113549.1.9.3",
    "1.2.840.113549.1.9.4",
    "1.2.840.113549.1.9.16.2.47",
  ])
    assert.throws(() => check({ without: [without] }), { code: "syntax" }, without);
});

test("refuses tokens in another form", () => {
  assert.throws(() => check({ version: 2 }), { code: "syntax" });
  assert.throws(() => check({ signers: 2 }), { code: "syntax" });
  assert.throws(() => check({ signers: 0 }), { code: "syntax" });
  assert.throws(() => check({ contentType: "1.2.840.113549.1.7.1" }), { code: "syntax" });
  const many = Array.from({ length: 17 }, () => rootOf(authority)[0]?.raw ?? Buffer.of());
  assert.throws(() => check({ certificates: many }), { code: "syntax" });
});

test("refuses certificates that are not for timestamps alone", async () => {
  const wrong: readonly IdentityOptions[] = [
    { usages: [] },
    { isCritical: false },
    { usages: ["timeStamping", "serverAuth"] },
    { usages: ["serverAuth"] },
  ];
  for (const options of wrong) {
    const identity = await makeAuthorityIdentity(options);
    assert.throws(() => check({}, identity), {
      code: "certificate",
      message: /not for timestamps alone/,
    });
  }
});

test("judges certificates at the time of the token, not of the check", async () => {
  const expired = await makeAuthorityIdentity({ fromDays: -100, toDays: -50 });
  assert.throws(() => check({}, expired), {
    code: "certificate",
    message: /not valid at the time/,
  });
  const then = new Date(Date.now() - 70 * 86_400_000);
  assert.ok(check({ time: then }, expired));
  const future = await makeAuthorityIdentity({ fromDays: 5 });
  assert.throws(() => check({}, future), { code: "certificate" });
});

test("refuses chains that end at nobody who is trusted", async () => {
  const stranger = await makeAuthorityIdentity();
  const token = makeToken(authority, { imprint });
  assert.throws(() => verifyTimestamp(token, imprint, rootOf(stranger)), { code: "certificate" });
  assert.throws(() => verifyTimestamp(token, imprint, []), { code: "certificate" });
  const noAuthority = await makeAuthorityIdentity({ isIssuerAuthority: false });
  assert.throws(() => check({}, noAuthority), { code: "certificate" });
  const deep = await makeAuthorityIdentity({ hasIntermediate: true });
  const alone = [new X509Certificate(deep.certPem).raw];
  assert.throws(() => check({ certificates: alone }, deep), { code: "certificate" });
});

test("the certificate of the authority itself may be what is trusted", () => {
  const token = makeToken(authority, { imprint });
  assert.ok(verifyTimestamp(token, imprint, readCertificates(authority.certPem)));
});

test("an answer is a token or a reason", () => {
  const token = makeToken(authority, { imprint });
  assert.deepEqual(readTimestampResponse(grantedResponse(token)), token);
  assert.deepEqual(readTimestampResponse(grantedResponse(token, 1)), token, "with modifications");
  const reasons: readonly (readonly [Buffer, string])[] = [
    [refusedResponse(2, "no time\u0007 today"), "the authority refuses (2): no time? today"],
    [
      refusedResponse(2, undefined, 14),
      "the authority refuses (2): the time source is not available",
    ],
    [refusedResponse(2), "the authority refuses (2): no reason given"],
    [grantedResponse(token, 3), "the authority refuses (3): no reason given"],
  ];
  for (const [response, message] of reasons)
    assert.throws(() => readTimestampResponse(response), { code: "rejected", message });
  assert.throws(() => readTimestampResponse(refusedResponse(0)), { code: "syntax" }, "no token");
});

test("reads every certificate of a PEM text", () => {
  const text = `# trusted\n${authority.certPem}\n${authority.chainPem.join("")}`;
  assert.equal(readCertificates(text).length, 2);
  assert.deepEqual(readCertificates("nothing"), []);
  const broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----";
  assert.throws(() => readCertificates(broken), { code: "certificate" });
});
