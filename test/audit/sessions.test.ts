import assert from "node:assert/strict";
import { copyFileSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";

import { readEcsLine } from "../../src/audit/format/ecs/ecs-reader.ts";
import { parseTextLine } from "../../src/audit/format/text/text-line.ts";
import { SessionRecord } from "../../src/audit/record/session-record.ts";
import { fieldAt } from "../support/audit-reader.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { openTrail, stored } from "./trail-fixture.ts";

const id = "01936f3e-1111-7000-8000-000000000001";

function someSession(
  changes: Partial<SessionRecord> = {},
  facts: Partial<ConstructorParameters<typeof SessionRecord>[0]> = {},
): SessionRecord {
  const record = new SessionRecord({
    id,
    route: { listener: "git", onFailure: "continue" },
    peer: { address: "192.0.2.7", port: 40_123 },
    local: { address: "127.0.0.1", port: 9418 },
    proxy: undefined,
    tlsServerName: undefined,
    acceptedMs: 1000,
    ...facts,
  });
  const decided = {
    decision: "remote",
    target: "git.example:9418",
    decidedMs: 1002.5,
    seenBytes: 43,
  } as const;
  return Object.assign(record, decided, changes);
}

function endedSession(record: SessionRecord, changes: Partial<SessionRecord> = {}): SessionRecord {
  const end = { endpoint: "[::1]:9418", attempts: 2, bytesUp: 43, bytesDown: 1200, endedMs: 1105 };
  return Object.assign(record, end, changes);
}

function linesOf(directory: string, file: string): string[] {
  return readFileSync(join(directory, file), "latin1").split("\n").slice(0, -1);
}

test("a session gives two ecs records with one id: when the decision falls, and when it has ended", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const record = someSession({}, { tlsServerName: "git.example" });
  assert.equal(await stored((waiter) => trail.sessionDecided(record, waiter)), true);
  assert.equal(trail.stats.openExchanges, 1);
  const [first] = linesOf(directory.path, "audit.ndjson").map(readEcsLine);
  assert.ok(first !== undefined, "the first record is there before the session goes on");
  trail.sessionEnded(endedSession(record));
  trail.sessionEnded(endedSession(record, { outcome: "timed_out" }));
  await trail.close();
  const [, second, ...more] = linesOf(directory.path, "audit.ndjson").map(readEcsLine);
  assert.deepEqual(more, [], "the first end counts");
  assert.ok(second !== undefined);
  const { "@timestamp": at, observer: _observer, ecs: _ecs, ...decided } = first;
  assert.equal(at, "2026-11-23T04:24:11.126000000Z");
  const process = fieldAt(first, "es_proxy.process");
  assert.deepEqual(decided, {
    event: {
      kind: "event",
      dataset: "es_proxy.audit",
      sequence: 1,
      id,
      action: "tcp.decision",
      category: ["network"],
      type: ["connection", "start", "allowed"],
      start: "2026-11-23T04:24:11.123500000Z",
    },
    es_proxy: {
      record: "session_start",
      process,
      listener: "git",
      decision: "remote",
      target: "git.example:9418",
      seen_bytes: 43,
    },
    source: { ip: "192.0.2.7", port: 40_123 },
    server: { ip: "127.0.0.1", port: 9418 },
    tls: { client: { server_name: "git.example" } },
    network: { transport: "tcp" },
  });
  assert.equal(fieldAt(second, "event.id"), id);
  assert.deepEqual(fieldAt(second, "event.type"), ["connection", "end"]);
  assert.equal(fieldAt(second, "event.outcome"), "success");
  assert.equal(fieldAt(second, "event.duration"), 105_000_000);
  assert.deepEqual(fieldAt(second, "es_proxy"), {
    record: "session_end",
    process,
    listener: "git",
    decision: "remote",
    target: "git.example:9418",
    outcome: "completed",
    attempts: 2,
    upstream: { endpoint: "[::1]:9418" },
  });
  assert.deepEqual(fieldAt(second, "source"), { ip: "192.0.2.7", port: 40_123, bytes: 43 });
  assert.deepEqual(fieldAt(second, "destination"), { ip: "::1", port: 9418, bytes: 1200 });
  assert.deepEqual(fieldAt(second, "network"), { transport: "tcp", bytes: 1243 });
});

test("the ecs records tell pools, proxies, refusals and error codes", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  const proxied = someSession(
    { decision: "pool", target: "git" },
    { proxy: { address: "10.0.0.1", port: 5000 }, id: "01936f3e-1111-7000-8000-000000000002" },
  );
  await stored((waiter) => trail.sessionDecided(proxied, waiter));
  const closed = someSession({ decision: "close", target: undefined });
  await stored((waiter) => trail.sessionDecided(closed, waiter));
  trail.sessionEnded(
    endedSession(closed, {
      outcome: "rejected",
      errorCode: "ESP_ERR_TCP_AUDIT",
      endpoint: "",
      attempts: 0,
    }),
  );
  trail.sessionEnded(
    someSession(
      { decision: "none", target: undefined, decidedMs: 0 },
      { id: "01936f3e-1111-7000-8000-000000000003", peer: { address: "unix", port: 0 } },
    ),
  );
  await trail.close();
  const [one = {}, two = {}, three = {}, four = {}, five = {}] = linesOf(
    directory.path,
    "audit.ndjson",
  ).map((line) => readEcsLine(line) ?? {});
  assert.deepEqual(fieldAt(one, "source"), { ip: "10.0.0.1", port: 5000 });
  assert.deepEqual(fieldAt(one, "client"), { ip: "192.0.2.7", port: 40_123 });
  assert.equal(fieldAt(one, "es_proxy.client_evidence"), "proxy_protocol");
  assert.equal(fieldAt(one, "es_proxy.pool"), "git");
  assert.deepEqual(fieldAt(two, "event.type"), ["connection", "start", "denied"]);
  assert.deepEqual(fieldAt(three, "event.type"), ["connection", "end", "denied"]);
  assert.equal(fieldAt(three, "event.outcome"), "failure");
  assert.equal(fieldAt(three, "error.code"), "ESP_ERR_TCP_AUDIT");
  assert.deepEqual(fieldAt(three, "destination"), { bytes: 1200 });
  assert.equal(
    fieldAt(four, "es_proxy.decision"),
    "none",
    "a session without a decision has its last record only",
  );
  assert.equal(fieldAt(four, "source.address"), "unix");
  assert.equal(fieldAt(five, "event.id"), proxied.id);
  assert.equal(
    fieldAt(five, "es_proxy.outcome"),
    "shutdown",
    "what is open when the trail is closed is told",
  );
});

test("the text lines hold the same, one key after the other, and no value can forge a key", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { format: "text" });
  const record = someSession({}, { tlsServerName: "x Seen: 9 Status: 200" });
  trail.tapSession(record).whole(Buffer.from("abc"), 0, 3);
  await stored((waiter) => trail.sessionDecided(record, waiter));
  assert.equal(record.seen.content, undefined, "the bytes are not kept");
  trail.sessionEnded(endedSession(record));
  await trail.close();
  const [first = "", second = ""] = linesOf(directory.path, "audit.log");
  const who = `ID: ${id} Listener: git Source: 192.0.2.7 Port: 40123 Server-Name: x Seen\\x3a 9 Status\\x3a 200 Decision: remote Target: git.example:9418`;
  assert.equal(first, `2026-11-23 04:24:11.126000000 ${who} Seen: 43 Body: YWJj`);
  assert.equal(
    second,
    `2026-11-23 04:24:11.228500000 ${who} Server: [::1]:9418 Attempts: 2 Up: 43 Down: 1200 Duration: 0.105s Outcome: completed Code: -`,
  );
  assert.deepEqual(
    [first, second].map(parseTextLine),
    [undefined, undefined],
    "neither passes for an exchange",
  );
});

test("the bytes of a client are in a record only where they were asked for", async () => {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path);
  await stored((waiter) => trail.sessionDecided(someSession(), waiter));
  const record = someSession();
  trail.tapSession(record).whole(Buffer.from("\0secret"), 0, 7);
  await stored((waiter) => trail.sessionDecided(record, waiter));
  await trail.close();
  const [without = {}, having = {}] = linesOf(directory.path, "audit.ndjson").map(
    (line) => readEcsLine(line) ?? {},
  );
  assert.equal(fieldAt(without, "es_proxy.first_bytes"), undefined);
  assert.equal(fieldAt(having, "es_proxy.first_bytes"), Buffer.from("\0secret").toString("base64"));
});

for (const format of ["ecs", "text"] as const)
  test(`a session that a dead process left open gets a last record: crash_recovered (${format})`, async () => {
    await using living = await makeTempDir();
    await using directory = await makeTempDir();
    const trail = openTrail(living.path, { format });
    const open = someSession(
      { decision: "pool", target: "git" },
      { proxy: { address: "10.0.0.1", port: 1 } },
    );
    const whole = someSession({}, { id: "01936f3e-1111-7000-8000-000000000002" });
    await stored((waiter) => trail.sessionDecided(open, waiter));
    await stored((waiter) => trail.sessionDecided(whole, waiter));
    trail.sessionEnded(endedSession(whole));
    trail.flushNow();
    // What a process that dies now leaves behind.
    for (const name of readdirSync(living.path))
      if (/^\.?audit\.(log|ndjson)(\.state)?$/.test(name))
        copyFileSync(living.file(name), directory.file(name));
    await trail.close();
    await openTrail(directory.path, { format }).close();
    const lines = linesOf(directory.path, format === "ecs" ? "audit.ndjson" : "audit.log");
    assert.equal(lines.length, 4);
    const last = lines[3] ?? "";
    if (format === "text") {
      assert.match(
        last,
        new RegExp(
          ` ID: ${id} Listener: git Source: 192\\.0\\.2\\.7 Port: 40123 Server-Name: - Decision: pool Target: git Server: - .*Outcome: crash_recovered Code: -$`,
        ),
      );
      return;
    }
    const record = readEcsLine(last) ?? {};
    assert.equal(fieldAt(record, "event.id"), id);
    assert.deepEqual(fieldAt(record, "event.type"), ["connection", "end"]);
    assert.equal(fieldAt(record, "event.action"), "tcp.session");
    assert.equal(fieldAt(record, "event.outcome"), "unknown");
    assert.equal(fieldAt(record, "es_proxy.record"), "session_end");
    assert.equal(fieldAt(record, "es_proxy.outcome"), "crash_recovered");
    assert.equal(fieldAt(record, "es_proxy.pool"), "git");
    assert.deepEqual(fieldAt(record, "source"), { ip: "10.0.0.1", port: 1 });
    assert.deepEqual(fieldAt(record, "client"), { ip: "192.0.2.7", port: 40_123 });
    assert.equal(fieldAt(record, "event.sequence"), 4);
  });
