import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { setImmediate } from "node:timers/promises";
import { gzipSync } from "node:zlib";

import { FactsFollower } from "../../../src/audit/follow/facts-follower.ts";
import { buildFacts } from "../../../src/audit/facts/facts-builder.ts";
import type { ExchangeRecord } from "../../../src/audit/record/exchange-record.ts";
import type { AuditTrail } from "../../../src/audit/trail/audit-trail.ts";
import { SystemClock } from "../../../src/core/clock.ts";
import { descriptorsBelow } from "../../support/descriptors-below.ts";
import { FailingDevice } from "../../support/failing-device.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { ended, giveRequest, giveResponse, openTrail, someRecord } from "../trail-fixture.ts";

const clock = new SystemClock();
const waiter = { recordStored: (): void => undefined };

interface Call {
  readonly method: string;
  readonly target: string;
  readonly asked?: string | Buffer;
  readonly answered?: string | Buffer;
  readonly changes?: Partial<ExchangeRecord>;
}

function hit(id: string): unknown {
  return { _index: "patients-1", _id: id, _source: { name: "é", n: 1 } };
}

/** Exchanges of every kind that the follower tells apart, some of them again and again. */
function callOf(at: number): Call {
  const search = JSON.stringify({ query: { term: { user: `u${at % 3}` } }, size: 10 });
  const hits = Array.from({ length: 1 + (at % 3) }, (_, place) => hit(`d${(at % 5) + place}`));
  const answer = JSON.stringify({ took: at % 2, timed_out: false, hits: { hits } });
  switch (at % 9) {
    case 0:
    case 1:
    case 2:
      return { method: "POST", target: "/patients-*/_search", asked: search, answered: answer };
    case 3: {
      const lines = [{ index: { _index: "a", _id: `${at % 4}` } }, { x: 1 }];
      const asked = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      const items = [{ index: { _index: "a", _id: `${at % 4}`, status: 201, result: "created" } }];
      const answered = JSON.stringify({ took: 1, errors: false, items });
      return { method: "POST", target: "/_bulk", asked, answered };
    }
    case 4:
      return {
        method: "POST",
        target: "/patients-1/_search",
        asked: gzipSync(search),
        answered: gzipSync(answer),
        changes: { contentEncoding: "gzip", responseContentEncoding: "gzip" },
      };
    case 5: {
      const many = Array.from({ length: 300 }, (_, place) => hit(`long-${at}-${place}`));
      const answered = JSON.stringify({ took: 3, hits: { hits: many } });
      return { method: "GET", target: "/patients-1/_search?scroll=1m", answered };
    }
    case 6:
      return { method: "GET", target: `/é/_doc/${at}`, answered: '{"_index":"é","found":false}' };
    case 7:
      return { method: "POST", target: "/_query", asked: '{"query":"FROM a | LIMIT 1"}' };
    default:
      return { method: "HEAD", target: "/", changes: { authorization: "Basic YWxpY2U6cw==" } };
  }
}

async function write(trail: AuditTrail, first: number, count: number): Promise<void> {
  const records: [ExchangeRecord, Call][] = [];
  for (let at = first; at < first + count; at += 1) {
    const call = callOf(at);
    const { method, target, asked, changes } = call;
    const record = someRecord({
      method,
      target: Buffer.from(target).toString("latin1"),
      startedMs: clock.now(),
      ...changes,
    });
    if (asked !== undefined) giveRequest(trail, record, Buffer.from(asked));
    trail.request(record, waiter);
    records.push([record, call]);
  }
  await setImmediate();
  for (const [record, { answered }] of records) {
    ended(record, { endedMs: clock.now() });
    if (answered !== undefined) giveResponse(trail, record, Buffer.from(answered));
    trail.response(record, waiter);
  }
  await setImmediate();
}

/** The files of facts of a folder: names and contents. */
function factsIn(folder: TempDir): Record<string, string> {
  const names = readdirSync(folder.path).filter((name) => /\.(?:facts|documents)$/.test(name));
  return Object.fromEntries(names.map((name) => [name, readFileSync(folder.file(name), "utf8")]));
}

function followerOf(folder: TempDir): FactsFollower {
  const watch = [{ indices: "patients-*", fields: ["name"] }];
  return new FactsFollower({ directory: folder.path, watch }, (message) =>
    assert.fail(JSON.stringify(message)),
  );
}

async function rebuild(folder: TempDir): Promise<void> {
  await buildFacts({
    directory: folder.path,
    watch: [{ indices: "patients-*", fields: ["name"] }],
    isRebuild: true,
    listener: {
      problem: (problem) => assert.fail(JSON.stringify(problem)),
      gap: () => assert.fail(),
    },
    onProgress: () => undefined,
  });
}

test("what the follower derives while lines come in is what a rebuild derives from whole lines", async () => {
  await using folder = await makeTempDir();
  const trail = openTrail(folder.path, { rotateBytes: 200_000, clock });
  let follower = followerOf(folder);
  for (let at = 0; at < 600; at += 40) {
    await write(trail, at, 40);
    // Some runs end between the two lines of exchanges, and one follower ends in the middle.
    if (at % 120 === 0) await follower.step(Date.now());
    if (at !== 320) continue;
    await follower.finish();
    follower = followerOf(folder);
  }
  await trail.close();
  await follower.finish();
  const followed = factsIn(folder);
  assert.ok(Object.keys(followed).length >= 4, "several segments");
  const lines = Object.values(followed).flatMap((text) => text.split("\n").slice(0, -1));
  assert.ok(lines.length > 600);
  assert.ok(lines.some((line) => line.includes('"names":["read index \\u00e9"]')));
  await rebuild(folder);
  assert.deepEqual(factsIn(folder), followed);
});

test("the facts of an exchange whose first record was read long before its last one are whole", async () => {
  await using folder = await makeTempDir();
  const trail = openTrail(folder.path);
  const follower = followerOf(folder);
  const record = someRecord({ method: "POST", target: "/a/_search" });
  giveRequest(trail, record, Buffer.from('{"query":{"match_all":{}}}'));
  trail.request(record, waiter);
  await setImmediate();
  while (await follower.step(Date.now()));
  ended(record);
  giveResponse(trail, record, Buffer.from('{"took":4,"hits":{"hits":[]}}'));
  trail.response(record, waiter);
  await setImmediate();
  await trail.close();
  await follower.finish();
  const [facts = ""] = Object.entries(factsIn(folder))
    .filter(([file]) => file.endsWith(".facts"))
    .map(([, text]) => text);
  assert.match(facts, /"request":\{"state":"whole","bytes":26\}/);
  assert.match(facts, /"took":4/);
});

test("facts that cannot be written for a while are derived afterwards, and no file stays open", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const trail = openTrail(folder.path, { rotateBytes: 100_000, clock });
  const told: string[] = [];
  const watch = [{ indices: "patients-*", fields: ["name"] }];
  const follower = new FactsFollower({ directory: folder.path, watch }, ({ kind }) => {
    told.push(kind);
  });
  await write(trail, 0, 40);
  await follower.step(0);
  device.fails = (call, name) =>
    call === "writeSync" && /\.(?:facts|documents)$/.test(name) ? "ENOSPC" : undefined;
  const before = descriptorsBelow(folder.path);
  for (let at = 1; at < 8; at += 1) {
    await write(trail, at * 40, 40);
    await follower.step(at * 1000);
  }
  assert.ok(descriptorsBelow(folder.path) <= before, `${descriptorsBelow(folder.path)} are open`);
  device.fails = () => undefined;
  await trail.close();
  await follower.finish(Infinity);
  assert.ok(told.includes("log"));
  const followed = factsIn(folder);
  await rebuild(folder);
  assert.deepEqual(factsIn(folder), followed);
});

test("facts that cannot be written for long are told of at growing distances", async () => {
  await using folder = await makeTempDir();
  using device = new FailingDevice(folder.path);
  const trail = openTrail(folder.path, { clock });
  const told: string[] = [];
  let nowMs = 0;
  const follower = new FactsFollower(
    { directory: folder.path, watch: [] },
    (message) => void (message.kind === "log" && told.push(`${nowMs} ${message.text}`)),
    () => nowMs,
  );
  await write(trail, 0, 5);
  device.fails = (call, name) =>
    call === "writeSync" && /\.(?:facts|documents)$/.test(name) ? "ENOSPC" : undefined;
  for (; nowMs < 600_000; nowMs += 1000) await follower.step(nowMs);
  device.fails = () => undefined;
  await trail.close();
  await follower.finish(Infinity);
  assert.ok(told.length > 4 && told.length < 12, told.join("\n"));
  assert.match(
    told.at(-1) ?? "",
    /^\d+ facts of audit.ndjson could not be derived, and are tried again: ENOSPC \(\d+ times since/,
  );
});
