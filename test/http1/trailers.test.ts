import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { BodyScanner, scanStatus } from "../../src/http1/body-scanner.ts";
import { bodyKind } from "../../src/http1/framing-fields.ts";

/** What goes on of a chunked body whose trailer section has these lines; `undefined`: refused. */
function passed(
  section: string,
  cut: number,
  nominated: readonly string[] = [],
): string | undefined {
  const text = Buffer.from(`5\r\nhello\r\n0\r\n${section}\r\n`, "latin1");
  const scanner = new BodyScanner();
  scanner.reset(bodyKind.chunked, 0, new Set(nominated));
  let out = "";
  for (const [start, end] of [
    [0, cut],
    [cut, text.length],
  ] as const) {
    if (start === end) continue;
    // A copy: what is held back must not lie in the buffer that was scanned.
    const piece = Buffer.from(text.subarray(start, end));
    const status = scanner.scan(piece, 0, piece.length);
    if (status === scanStatus.failed) return undefined;
    out += scanner.released().toString("latin1");
    piece.fill(0x21);
  }
  assert.equal(scanner.isOver, true);
  return out;
}

function everyCut(section: string, nominated?: readonly string[]): string | undefined {
  const whole = passed(section, 0, nominated);
  for (let cut = 1; cut < section.length + 15; cut += 1)
    assert.equal(passed(section, cut, nominated), whole, `${JSON.stringify(section)} at ${cut}`);
  return whole;
}

const body = "5\r\nhello\r\n0\r\n";

test("a trailer goes on as one field line that cannot be read as anything else", () => {
  for (const [received, sent] of [
    ["X-T: 1\r\n", "X-T: 1\r\n"],
    ["X-T:1\r\n", "X-T: 1\r\n"],
    ["X-T:\t 1 2 \t\r\n", "X-T: 1 2\r\n"],
    ["X-T:\r\n", "X-T: \r\n"],
    ["X-T: \t\r\n", "X-T: \r\n"],
    ["X:POST / HTTP/1.1\r\n", "X: POST / HTTP/1.1\r\n"],
    ["a: \xe9\r\nB:2\r\n", "a: \xe9\r\nB: 2\r\n"],
    ["", ""],
  ] as const)
    assert.equal(everyCut(received), `${body}${sent}\r\n`, JSON.stringify(received));
});

test("fields that Connection names are for this hop only, also in a trailer (RFC 9110 §7.6.1)", () => {
  assert.equal(
    everyCut("X-A: 1\r\nx-b: 2\r\nX-C: 3\r\n", ["x-b"]),
    `${body}X-A: 1\r\nX-C: 3\r\n\r\n`,
  );
  assert.equal(everyCut("X-B: 2\r\n", ["x-b"]), `${body}\r\n`);
  assert.equal(everyCut("X-B:2\r\nX-BB: 3\r\n", ["x-b", "x"]), `${body}X-BB: 3\r\n\r\n`);
});

test("a trailer section that breaks the grammar, or holds what no trailer may hold, is refused", () => {
  for (const section of [
    "X-T : 1\r\n",
    " X-T: 1\r\n",
    "X-T\r\n",
    ": 1\r\n",
    "X-T: 1\n",
    "X-T: a\x01b\r\n",
    "X-T: 1\rX: 2\r\n",
    "X-T: 1\r\n folded\r\n",
    "X\x7f: 1\r\n",
    "Content-Length: 5\r\n",
    "Connection: x\r\n",
    "hOST: evil\r\n",
    "content_length: 5\r\n",
    "Transfer_Encoding: chunked\r\n",
    "X_Forwarded_For: 10.0.0.1\r\n",
    "Authorization: Basic eA==\r\n",
    `X: ${"v".repeat(8192)}\r\n`,
    "X:1\r\n".repeat(101),
    `X:${" ".repeat(9000)}1\r\n`,
  ])
    assert.equal(passed(section, 0), undefined, JSON.stringify(section.slice(0, 40)));
});

test("whatever fields come, what goes on has the same names and values", () => {
  const name = fc.stringMatching(/^[Xx]-[A-Za-z0-9!#$%&'*+.^_`|~-]{1,8}$/);
  const value = fc.stringMatching(
    /^(?:[!-~\x80-\xff](?:[!-~ \t\x80-\xff]{0,10}[!-~\x80-\xff])?)?$/,
  );
  const space = fc.stringMatching(/^[ \t]{0,3}$/);
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, space, value, space), { maxLength: 5 }),
      fc.nat(200),
      (fields, cutAt) => {
        const section = fields.map(([n, a, v, b]) => `${n}:${a}${v}${b}\r\n`).join("");
        const expected = fields.map(([n, , v]) => `${n}: ${v}\r\n`).join("");
        const cut = Math.min(cutAt, section.length + 14);
        assert.equal(passed(section, cut), `${body}${expected}\r\n`);
      },
    ),
  );
});
