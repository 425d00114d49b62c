import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";

import {
  DerReader,
  encode,
  encodeInteger,
  encodeObjectIdentifier,
  tags,
  toDotted,
} from "../../src/attestation/der.ts";
import { TimestampError } from "../../src/attestation/timestamp-error.ts";

test("values are read back as they were written, whatever their length", () => {
  for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
    const content = Buffer.alloc(length, 7);
    const bytes = encode(tags.octetString, content);
    const { content: read, raw } = DerReader.only(bytes, tags.octetString);
    assert.ok(read.equals(content) && raw.equals(bytes), String(length));
  }
});

test("lengths have one form: the shortest, and definite", () => {
  for (const hex of ["0481", "048100", "04810101", "0482000100", "0480", "0485000000000100", "04"])
    assert.throws(() => DerReader.only(Buffer.from(hex, "hex"), 0x04), TimestampError, hex);
});

test("integers are not negative, and have no surplus zeros", () => {
  const hex = (bytes: string): string => encodeInteger(Buffer.from(bytes, "hex")).toString("hex");
  assert.equal(hex("00"), "020100");
  assert.equal(hex(""), "020100");
  assert.equal(hex("007f"), "02017f");
  assert.equal(hex("80"), "02020080");
  assert.equal(hex("0000ff01"), "020300ff01");
});

test("object identifiers have their dotted form", () => {
  const known = {
    "2.16.840.1.101.3.4.2.1": "0609608648016503040201",
    "1.2.840.113549.1.9.16.1.4": "060b2a864886f70d0109100104",
    "2.999.3": "0603883703",
    "1.3.101.112": "06032b6570",
  };
  for (const [dotted, hex] of Object.entries(known)) {
    assert.equal(encodeObjectIdentifier(dotted).toString("hex"), hex);
    assert.equal(toDotted(Buffer.from(hex, "hex").subarray(2)), dotted);
  }
  for (const hex of ["", "88", `${"ff".repeat(12)}7f`])
    assert.throws(() => toDotted(Buffer.from(hex, "hex")), TimestampError);
});

test("garbage gives values or a TimestampError, in the end", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
      try {
        const values = new DerReader(bytes).rest();
        assert.ok(Buffer.concat(values.map(({ raw }) => raw)).equals(bytes));
      } catch (error) {
        assert.ok(error instanceof TimestampError);
      }
    }),
  );
});
