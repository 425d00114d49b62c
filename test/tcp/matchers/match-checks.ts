import assert from "node:assert/strict";
import type { Match } from "../../../src/tcp/matchers/match.ts";

/**
 * Checks a matcher on a message: every shorter prefix must want more, the message and anything
 * behind it must give the same result, and the result must not depend on where the bytes lie in
 * memory.
 */
export function assertMatches<T>(
  matcher: (data: Uint8Array) => Match<T>,
  message: Uint8Array,
  expected: T,
): void {
  for (let length = 0; length < message.length; length += 1)
    assert.equal(
      matcher(message.subarray(0, length)),
      undefined,
      `${length} of ${message.length} bytes are not enough`,
    );
  assert.deepEqual(matcher(message), expected);
  const surrounded = Buffer.concat([Buffer.from("before"), message, Buffer.from("\0behind")]);
  assert.deepEqual(matcher(surrounded.subarray(6)), expected);
  assert.deepEqual(matcher(new Uint8Array(message)), expected);
}

/**
 * Checks that these bytes, whole, are not the matcher's protocol, and that no prefix gave a result
 * before that was known.
 */
export function assertNoMatch(
  matcher: (data: Uint8Array) => Match<unknown>,
  bytes: Uint8Array | string,
): void {
  const data = typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes;
  let isRefused = false;
  for (let length = 0; length <= data.length; length += 1) {
    const result = matcher(data.subarray(0, length));
    if (isRefused) assert.equal(result, null, `refused before, and not at ${length} bytes`);
    else assert.ok(result === undefined || result === null, `a result at ${length} bytes`);
    isRefused = result === null;
  }
  assert.equal(isRefused, true, "never refused");
}
