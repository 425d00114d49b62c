import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import {
  formatNote,
  formatSignature,
  maxSignatures,
  parseNote,
  verifyNote,
} from "../../src/tlog/note.ts";
import { maxTextBytes } from "../../src/tlog/strict-text.ts";
import { TlogError } from "../../src/tlog/tlog-error.ts";
import { VerifierKey } from "../../src/tlog/verifier-key.ts";
import { seededKey } from "./keys.ts";

const peter = VerifierKey.parse(
  "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
);
const answer = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;
const keys = [
  seededKey("a.example", 1),
  seededKey("b.example", 2),
  seededKey("c.example", 3),
] as const;
const [a, b, c] = keys;

function noteOf(text: string, signers: readonly (typeof a)[]): Buffer {
  return Buffer.from(formatNote({ text, signatures: signers.map((key) => key.sign(text, 0)) }));
}

test("verifies a note that another program has made", () => {
  const note = parseNote(Buffer.from(answer));
  const [verified] = verifyNote(note, [peter]);
  assert.equal(verified?.key, peter);
  assert.equal(verified.time, undefined);
  assert.equal(formatNote(note), answer);
});

test("splits at the last empty line", () => {
  const text = "first\n\nsecond\n\n— not.a/signature AAAAAAA=\n";
  const note = parseNote(noteOf(text, [a]));
  assert.equal(note.text, text);
  assert.equal(verifyNote(note, [a.verifier]).length, 1);
});

test("ignores signatures of unknown keys, also of those that share a name or an id", () => {
  const text = "text\n";
  const shared = { ...b.sign(text, 0), name: "a.example" };
  const sameId = { ...b.sign(text, 0), keyId: a.verifier.keyId };
  const signatures = [shared, sameId, c.sign(text, 0), a.sign(text, 0)];
  const note = parseNote(Buffer.from(formatNote({ text, signatures })));
  assert.deepEqual(
    verifyNote(note, [a.verifier]).map(({ key }) => key.name),
    ["a.example"],
  );
});

test("refuses the whole note when one line of a known key does not verify", () => {
  const text = "text\n";
  const forged = { ...b.sign("other\n", 0) };
  const note = parseNote(Buffer.from(formatNote({ text, signatures: [a.sign(text, 0), forged] })));
  assert.equal(verifyNote(note, [a.verifier]).length, 1, "b is not known");
  assert.throws(() => verifyNote(note, [a.verifier, b.verifier]), {
    code: "signature",
    message: "the signature of b.example is not valid",
  });
});

test("refuses a note that no known key has signed", () => {
  const note = parseNote(noteOf("text\n", [a]));
  assert.throws(() => verifyNote(note, [b.verifier]), { code: "signature" });
  assert.throws(() => verifyNote(note, []), { code: "signature" });
});

test("every flipped bit of text or signature is found", () => {
  const bytes = noteOf("text of a note\n", [a]);
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const wrong = Buffer.from(bytes);
    const at = bit >> 3;
    wrong[at] = (wrong[at] ?? 0) ^ (1 << (bit & 7));
    assert.throws(() => verifyNote(parseNote(wrong), [a.verifier]), TlogError, `bit ${bit}`);
  }
});

test("takes 16 signatures and more, up to a limit", () => {
  const signature = a.sign("text\n", 0);
  const times = (count: number): Buffer =>
    Buffer.from(
      formatNote({ text: "text\n", signatures: Array.from({ length: count }, () => signature) }),
    );
  assert.ok(maxSignatures >= 16);
  assert.equal(verifyNote(parseNote(times(maxSignatures)), [a.verifier]).length, maxSignatures);
  assert.throws(() => parseNote(times(maxSignatures + 1)), { code: "limit" });
  assert.throws(() => parseNote(Buffer.alloc(maxTextBytes + 1, "a")), { code: "limit" });
});

test("refuses notes that are malformed", () => {
  const line = formatSignature(a.sign("text\n", 0));
  const wrong: readonly string[] = [
    "",
    "\n",
    "text\n",
    "text\n\n",
    `text${line}`,
    `text\n${line}`,
    `text\n\n${line.trimEnd()}`,
    `text\n\n${line}x`,
    `text\n\n${line}\n`,
    `text\n\n${line.replace("—", "-")}`,
    `text\n\n${line.replace("— ", "—")}`,
    `text\n\n${line.replace("— a", "—  a")}`,
    `text\n\n${line.replace("a.example", "a+b")}`,
    `text\n\n${line.replace("\n", " \n")}`,
    `text\n\n${line.replace("=\n", "\n")}`,
    "text\n\n— a.example AAAAAA==\n",
    `te\u0000xt\n\n${line}`,
    `te\txt\n\n${line}`,
    `text\r\n\n${line}`,
  ];
  for (const note of wrong)
    assert.throws(() => parseNote(Buffer.from(note)), { code: "syntax" }, JSON.stringify(note));
  assert.throws(() => parseNote(Buffer.concat([Buffer.of(0xff), noteOf("text\n", [a])])), {
    code: "syntax",
  });
});

test("garbage gives a note or a TlogError", () => {
  const pieces = fc.constantFrom(
    "\n",
    "\n\n",
    "— ",
    "a.example",
    " ",
    "AAAAAAA=",
    "text",
    "é",
    "\u0000",
  );
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.array(pieces, { maxLength: 14 }).map((parts) => Buffer.from(parts.join(""))),
  );
  fc.assert(
    fc.property(bytes, (input) => {
      try {
        const note = parseNote(input);
        assert.equal(formatNote(note), Buffer.from(input).toString());
      } catch (error) {
        assert.ok(error instanceof TlogError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
