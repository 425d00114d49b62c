import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { erasedLine } from "../../../src/audit/format/erased-line.ts";
import { LineHead, timeOfLine } from "../../../src/audit/format/line-head.ts";
import { lineFacts, readLine } from "../../../src/audit/format/line-reader.ts";
import { textAt } from "../../../src/audit/format/audit-document.ts";
import { testVariants } from "../../support/test-variants.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { basic, MadeTrail } from "./made-directory.ts";

const kinds = {
  request: "opening",
  response: "closing",
  gap: "single",
  event: "single",
  other: "unknown",
};

/** A file with every kind of record. */
async function everyKind(format: "ecs" | "text"): Promise<Buffer> {
  await using directory = await makeTempDir();
  const options = { format, hmacKey: Buffer.alloc(32, 1) };
  const first = new MadeTrail(directory.path, options);
  first.trail.event({
    action: "audit.start",
    type: "info",
    outcome: "success",
    fields: { a: "b" },
  });
  for (let count = 0; count < 12; count += 1)
    await first.exchange({ authorization: basic(`u "${count}" Status: x \n`), target: "/a?b=%22" });
  await first.exchange({}, { outcome: "client_aborted", status: 0 });
  await first.session("01936f3e-1111-7000-8000-000000000001");
  await first.begin();
  await first.trail.close();
  const name = format === "ecs" ? "audit.ndjson" : "audit.log";
  return readFileSync(directory.file(name));
}

const id = "01a206bf-1c6c-73e2-843e-9db3afdf6ba3";
const start =
  '{"@timestamp":"2026-11-23T04:24:11.123500000Z","event":{"kind":"event",' +
  '"dataset":"es_proxy.audit","sequence":12';
const instant = "2026-11-23 04:24:11.123500000";
const recovered =
  `${start},"outcome":"unknown","id":"${id}","action":"search"},` +
  '"es_proxy":{"record":"response","process":"x"}}';
const foreign =
  `{"event":{"id":"${id}"},"es_proxy":{"record":"request"},` +
  '"@timestamp":"2026-11-23T04:24:11Z"}';
const gaps = {
  ecs:
    `${start},"id":"${id}","action":"audit.gap","category":["configuration"],"type":["info"]},` +
    '"es_proxy":{"record":"gap","process":"x"}}',
  text:
    `${instant} ID: ${id} Gap: 1 First: 5 Last: 6 Bytes: 4 Refused: 0 Reason: ENOSPC ` +
    `From: ${instant} To: ${instant}`,
};
const odd = [
  recovered,
  foreign,
  gaps.ecs,
  gaps.text,
  "",
  "{",
  "{}",
  "garbage",
  "x".repeat(500),
  `{${" ".repeat(300)}}`,
  start,
  "2026-11-23 04:24:11.123500000 ID: short",
];

testVariants(
  "a look at the first bytes tells what reading the line tells",
  { ecs: "ecs", text: "text" } as const,
  async (format) => {
    const odds = odd.flatMap((line) => [line, line.slice(0, -1), ` ${line}`]);
    const bytes = Buffer.concat([await everyKind(format), Buffer.from(`${odds.join("\n")}\n`)]);
    const head = new LineHead();
    const seen = new Set<string>();
    for (let at = 0; at < bytes.length;) {
      const end = bytes.indexOf(0x0a, at);
      const line = bytes.toString("latin1", at, end);
      head.read(bytes, at, end);
      const facts = lineFacts(line);
      assert.equal(head.kind, facts.id === "" ? "unknown" : kinds[facts.kind], line);
      if (head.idAt >= 0)
        assert.equal(bytes.toString("latin1", head.idAt, head.idAt + 36), facts.id, line);
      const document = readLine(line);
      if (head.timeAt >= 0 && document !== undefined) {
        const time = Date.parse(textAt(document, "@timestamp") ?? "");
        assert.equal(timeOfLine(bytes, head.timeAt), time, line);
      }
      seen.add(head.kind);
      at = end + 1;
    }
    assert.deepEqual([...seen].sort(), ["closing", "opening", "single", "unknown"]);
  },
);

test("the time of a line is known whatever it is, also when the line is cut or was erased", () => {
  const time = "2026-11-23T04:24:11.123500000";
  const text =
    `${time.replace("T", " ")} ID: 01a206bf-1c6c-73e2-843e-9db3afdf6ba3 User: anonymous ` +
    "Path: /a Query: None Method: GET Source: 192.0.2.7 Agent: None Body: ";
  const erasure = { event: "e", reason: '"@timestamp":"2020-01-01T00:00:00.000000000Z"', by: "b" };
  const ecs = `{"@timestamp":"${time}Z","event":{"id":"01a206bf-1c6c-73e2-843e-9db3afdf6ba3"}}`;
  const head = new LineHead();
  for (const line of [
    erasedLine(text, erasure),
    erasedLine(ecs, erasure),
    ecs.slice(0, 60),
    `${time.replace("T", " ")} Event: audit.erase`,
  ]) {
    const bytes = Buffer.from(`x${line}`, "latin1");
    head.reset();
    head.read(bytes, 1, bytes.length);
    assert.equal(timeOfLine(bytes, head.timeAt), Date.parse(`${time.slice(0, 23)}Z`), line);
  }
});
