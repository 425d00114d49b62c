import assert from "node:assert/strict";
import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import * as net from "node:net";
import { test } from "node:test";

import { ControlSocket } from "../../src/assembly/control-socket.ts";
import { recordThroughProxy } from "../../src/audit/operations/control-client.ts";
import type { TrailEvent } from "../../src/audit/record/trail-event.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

const event: TrailEvent = {
  action: "audit.show",
  type: "access",
  outcome: "success",
  asker: { user: "alice", host: "db1", args: ["audit", "show"] },
  fields: { exchanges: 1, ids: ["a"], side: true, what: "x" },
};
const log = { debug() {}, info() {}, warn() {}, error() {} };

interface Opened extends Disposable {
  readonly events: TrailEvent[];
}

function open(directory: string, id: string | undefined = "some-id"): Opened {
  const events: TrailEvent[] = [];
  const recordEvent = (given: TrailEvent): Promise<string | undefined> => {
    events.push(given);
    return Promise.resolve(id);
  };
  const socket = new ControlSocket(directory, { recordEvent, sealAudit: () => undefined }, log);
  return { events, [Symbol.dispose]: () => socket.close() };
}

/** What is answered to some bytes. */
function answerTo(directory: string, bytes: string): Promise<string> {
  return new Promise((resolve) => {
    const socket = net.connect(`${directory}/control.sock`);
    let text = "";
    socket.on("error", () => undefined);
    socket.on("data", (piece) => (text += piece.toString()));
    socket.on("close", () => resolve(text));
    socket.write(bytes);
  });
}

test("an event comes through as it was given, for the owner of the directory alone", async () => {
  await using folder = await makeTempDir();
  using opened = open(folder.path);
  await waitFor("the socket", () => existsSync(folder.file("control.sock")));
  assert.equal(statSync(folder.file("control.sock")).mode & 0o777, 0o600);
  assert.equal(await recordThroughProxy(folder.path, event), "some-id");
  assert.deepEqual(opened.events, [event]);
});

test("a folder that has taken the place of the socket does not keep it from being closed", async () => {
  await using folder = await makeTempDir();
  const opened = open(folder.path);
  await waitFor("the socket", () => existsSync(folder.file("control.sock")));
  rmSync(folder.file("control.sock"));
  mkdirSync(folder.file("control.sock"));
  opened[Symbol.dispose]();
});

test("a directory whose path is too long for a socket has one", async () => {
  await using folder = await makeTempDir();
  const deep = folder.file("x".repeat(150));
  mkdirSync(deep);
  using opened = open(deep);
  assert.equal(await recordThroughProxy(deep, event), "some-id");
  assert.equal(opened.events.length, 1);
});

test("what could not be stored is told to the command", async () => {
  await using folder = await makeTempDir();
  using opened = open(folder.path, "");
  const failing = new ControlSocket(
    folder.path,
    { recordEvent: () => Promise.resolve(undefined), sealAudit: () => undefined },
    log,
  );
  await assert.rejects(recordThroughProxy(folder.path, event), /could not be stored/);
  failing.close();
  assert.equal(opened.events.length, 0);
});

test("a file in its place is replaced, and none is left behind", async () => {
  await using folder = await makeTempDir();
  writeFileSync(folder.file("control.sock"), "stale");
  {
    using opened = open(folder.path);
    assert.equal(await recordThroughProxy(folder.path, event), "some-id");
    assert.equal(opened.events.length, 1);
  }
  assert.ok(!existsSync(folder.file("control.sock")));
  await assert.rejects(recordThroughProxy(folder.path, event), { isAbsent: true });
});

test("nothing but events of commands is recorded", async () => {
  await using folder = await makeTempDir();
  using opened = open(folder.path);
  const forged: readonly unknown[] = [
    { ...event, action: "audit.stop" },
    { ...event, action: "audit.show\n" },
    { ...event, type: "start" },
    { ...event, outcome: "unknown" },
    { ...event, asker: undefined },
    { ...event, asker: { user: "alice", host: 5, args: [] } },
    { ...event, asker: { user: "alice", host: "x", args: [1] } },
    { ...event, fields: { "a\nb": 1 } },
    { ...event, fields: { a: { b: 1 } } },
    { ...event, fields: { a: null } },
    { ...event, fields: Object.fromEntries(Array.from({ length: 99 }, (_, at) => [`f${at}`, 1])) },
    "text",
    null,
  ];
  for (const one of forged)
    assert.match(
      await answerTo(folder.path, `${JSON.stringify({ do: "record", event: one })}\n`),
      /"error":"this is no event of a command"/,
    );
  for (const line of ["{}\n", "[]\n", "\n", "null\n", '{"do":"stop"}\n', "x\n"])
    assert.match(await answerTo(folder.path, line), /"error":"unknown request"/);
  assert.match(await answerTo(folder.path, "x".repeat(300_000)), /too long/);
  assert.deepEqual(opened.events, []);
});
