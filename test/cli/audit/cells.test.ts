import assert from "node:assert/strict";
import { test } from "node:test";

import { seenJson } from "../../../src/core/unseen-text.ts";
import { cellText, durationText, sizeText } from "../../../src/cli/audit/cell.ts";
import { parseInstant } from "../../../src/cli/audit/instant.ts";
import { displayWidth, Output } from "../../../src/cli/audit/output.ts";
import { csvField } from "../../../src/cli/audit/row-writer.ts";
import { Table } from "../../../src/cli/audit/table.ts";

test("writes durations and sizes with three digits and a unit", () => {
  for (const [milliseconds, text] of [
    [0, "0.00ms"],
    [0.4237, "0.42ms"],
    [12.34, "12.3ms"],
    [999.4, "999ms"],
    [1240, "1.24s"],
    [59_999, "60.0s"],
    [185_000, "3m05s"],
    [7_620_000, "2h07m"],
  ] as const)
    assert.equal(durationText(milliseconds), text);
  for (const [bytes, text] of [
    [0, "0B"],
    [1023, "1023B"],
    [3482, "3.40KiB"],
    [125_829_120, "120MiB"],
    [5e15, "4547TiB"],
  ] as const)
    assert.equal(sizeText(bytes), text);
});

test("no cell breaks its line or drives the terminal", () => {
  assert.equal(cellText(["a\nb\u001b[31m", "c"], undefined), "a\\u000ab\\u001b[31m,c");
});

test("no value stands elsewhere than it is, or looks like another one", () => {
  const hidden = "\u202e \u2066 \u061c \u200b \ufeff \u2028 \x9b \xad \u{e0041}";
  const shown = String.raw`\u202e \u2066 \u061c \u200b \ufeff \u2028 \u009b \u00ad \udb40\udc41`;
  assert.equal(cellText([hidden], undefined), shown);
  assert.equal(seenJson({ a: [hidden] }), `{"a":["${shown}"]}`);
  assert.deepEqual(JSON.parse(seenJson({ a: [hidden] })), { a: [hidden] });
  const usual = "\u0646\u0627\u0645\u200c\u0647\u0627 \u{1f469}\u200d\u{1f680} \u00fc \u4e2d";
  assert.equal(cellText([usual], undefined), usual, "joiners within words and pictures stay");
  const pictures = "\u2764\ufe0f \u{1f44b}\u{1f3fd}\u200d\u2642\ufe0f \u0600\u0661";
  assert.equal(cellText([pictures], undefined), pictures);
  const fillers = "034f 115f 1160 17b4 180b 2800 3164 fe00 ffa0 fff9 200c 200d fe0f".split(" ");
  const others = ["admin", "\u4e2d", "1"].flatMap((name) =>
    fillers.map((code) => [name, String.fromCharCode(Number.parseInt(code, 16)), code] as const),
  );
  for (const [name, filler, code] of others) {
    assert.equal(cellText([name + filler], undefined), `${name}\\u${code}`);
    assert.equal(cellText([`${name}${filler}x`], undefined), `${name}\\u${code}x`);
  }
  assert.equal(cellText(["a\u{e0100}\u{1d173}"], undefined), String.raw`a\udb40\udd00\ud834\udd73`);
});

test("reads instants as people type them", () => {
  const now = Date.UTC(2026, 10, 30, 12);
  for (const [text, iso] of [
    ["2h", "2026-11-30T10:00:00.000Z"],
    ["1.5d", "2026-11-29T00:00:00.000Z"],
    ["2026-11-29", "2026-11-29T00:00:00.000Z"],
    ["2026-11-29 08:15", "2026-11-29T08:15:00.000Z"],
    ["2026-11-29T08:15+01:00", "2026-11-29T07:15:00.000Z"],
    ["08:15", "2026-11-30T08:15:00.000Z"],
    ["now-1d/d", "2026-11-29T00:00:00.000Z"],
  ] as const)
    assert.equal(new Date(parseInstant(text, now) ?? 0).toISOString(), iso, text);
  for (const text of ["", "yesterday", "2 h", "25:00", "2026-13-01", "-2h"])
    assert.equal(parseInstant(text, now), undefined, text);
});

test("a field of CSV is quoted where it must be, and is no formula", () => {
  for (const [values, text] of [
    [["plain"], "plain"],
    [["a,b"], '"a,b"'],
    [['say "x"'], '"say ""x"""'],
    [["a\r\nb"], '"a\r\nb"'],
    [["=1+1"], "'=1+1"],
    [["-"], "'-"],
    [[-5], "-5"],
    [["a", "b"], '"a,b"'],
    [[], ""],
  ] as const)
    assert.equal(csvField(values), text);
});

/** An output of a given width that keeps what is written. */
function recording(width: number): { output: Output; written: () => string } {
  let text = "";
  const output = Object.assign(new Output(false), {
    write: (part: string) => {
      text += part;
      return Promise.resolve();
    },
  });
  Object.defineProperty(output, "width", { value: width });
  return { output, written: () => text };
}

test("a table fits the terminal: the widest columns are cut, wide characters counted", async () => {
  const { output, written } = recording(40);
  const table = new Table(output, [
    { title: "time", isRight: false },
    { title: "path", isRight: false },
    { title: "ms", isRight: true },
  ]);
  await table.row([{ text: "08:15" }, { text: `/${"long".repeat(20)}` }, { text: "1.2ms" }]);
  await table.note("a note");
  await table.row([{ text: "08:16" }, { text: "日本語".repeat(10) }, { text: "12ms" }]);
  await table.end();
  const lines = written().trimEnd().split("\n");
  assert.equal(lines.length, 4);
  assert.ok(lines.every((line) => displayWidth(line) <= 40));
  assert.match(lines[1] ?? "", /^08:15 {2}\/longlong.*… {2}1\.2ms$/);
  assert.equal(lines[2], "a note");
  assert.match(lines[3] ?? "", /^08:16 {2}日本.*… +12ms$/u);
});

test("numbers and ids stay whole; what can be spared is left out, and said to be", async () => {
  const { output, written } = recording(30);
  const table = new Table(output, [
    { title: "user", isRight: false },
    { title: "p50", isRight: true, spare: 1 },
    { title: "max", isRight: true },
    { title: "took", isRight: true, spare: 2 },
    { title: "ref", isRight: false, isWhole: true },
  ]);
  await table.row(
    ["a rather long name", "1.23ms", "45.6ms", "7.00ms", "39459abc"].map((text) => ({ text })),
  );
  await table.end();
  const lines = written().trimEnd().split("\n");
  assert.equal(lines[1], "a rather lo…  45.6ms  39459abc");
  assert.equal(lines[2], "not shown, as 30 columns are too narrow: p50, took");
});

test("in a very narrow window the first column and the reference are left, both whole", async () => {
  const { output, written } = recording(26);
  const table = new Table(output, [
    { title: "time", isRight: false, isWhole: true },
    { title: "user", isRight: false },
    { title: "calls", isRight: true },
    { title: "ref", isRight: false, isWhole: true },
  ]);
  await table.row(["08:15:02.123", "alice", "12", "39459abc"].map((text) => ({ text })));
  await table.note("08:15:03.000  what happened to the trail", "  c2d3e914");
  await table.end();
  const lines = written().trimEnd().split("\n");
  assert.equal(lines[1], "08:15:02.123  39459abc");
  assert.equal(lines[2], "08:15:03.000  w…  c2d3e914");
  assert.equal(lines[3], "not shown, as 26 columns are too narrow: user, calls");
});

test("nothing is cut where the output is no terminal", async () => {
  const { output, written } = recording(Infinity);
  const table = new Table(output, [
    { title: "a", isRight: false },
    { title: "b", isRight: false },
  ]);
  await table.row([{ text: "x".repeat(300) }, { text: "y" }]);
  await table.end();
  assert.ok(written().includes(`${"x".repeat(300)}  y\n`));
});
