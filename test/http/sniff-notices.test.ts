import assert from "node:assert/strict";
import test from "node:test";
import { SniffNotices, type SniffNotice } from "../../src/http/sniff-notices.ts";

const dayMs = 86_400_000;
const notice = (client: string, listener = "es"): SniffNotice => ({
  listener,
  client,
  userAgent: "a".repeat(500),
  address: "10.0.0.1:9200",
});

test("passes on one notice for each client, listener and day", () => {
  const passed: string[] = [];
  const notices = new SniffNotices(({ listener, client }) => passed.push(`${listener} ${client}`));
  const start = 20_000 * dayMs;
  notices.note(notice("10.0.0.1"), start);
  notices.note(notice("10.0.0.1"), start + dayMs - 1);
  notices.note(notice("10.0.0.2"), start + 5);
  notices.note(notice("10.0.0.1", "other"), start + 6);
  assert.deepEqual(passed, ["es 10.0.0.1", "es 10.0.0.2", "other 10.0.0.1"]);
  notices.note(notice("10.0.0.1"), start + dayMs);
  assert.equal(passed.length, 4);
});

test("remembers a bounded number of clients, and cuts what they call themselves", () => {
  const passed: SniffNotice[] = [];
  const notices = new SniffNotices((one) => passed.push(one));
  for (let i = 0; i < 10_050; i += 1) notices.note(notice(`client ${i}`), 1);
  assert.equal(passed.length, 10_000);
  assert.equal(passed[0]?.userAgent.length, 200);
});

test("a secret in what a client calls itself does not get to the log", () => {
  const passed: SniffNotice[] = [];
  const notices = new SniffNotices((one) => passed.push(one));
  notices.note({ ...notice("10.0.0.1"), userAgent: "crawler (http://u:C4n4ry@h/) ä" }, 1);
  assert.match(passed[0]?.userAgent ?? "", /^crawler \(http:\/\/redacted-[0-9a-f]{32}@h\/\) ä$/);
});
