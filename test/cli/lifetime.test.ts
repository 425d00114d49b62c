import assert from "node:assert/strict";
import test from "node:test";
import { fileURLToPath } from "node:url";
import { describeError } from "../../src/cli/lifetime.ts";
import { startScript, type Child } from "../support/child-process.ts";
import { waitFor } from "../support/wait-for.ts";

async function start(mode: string): Promise<Child> {
  const child = startScript(fileURLToPath(new URL("lifetime-child.ts", import.meta.url)), [mode]);
  await child.stderrMatch(mode === "starting" ? /starting/ : /listening on/);
  return child;
}

function saw(child: Child, text: string): Promise<unknown> {
  return waitFor(`"${text}" on stdout`, () => child.stdout.includes(text));
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal} drains within the configured time, closes and exits 0`, async () => {
    await using child = await start("quick");
    child.signal(signal);
    assert.deepEqual(await child.exited(), { code: 0, signal: null });
    assert.equal(child.stdout, "drain 30000\nclose\n");
  });
}

test("a hang-up stops a proxy that has no configuration file to read again", async () => {
  await using child = await start("without-file");
  child.signal("SIGHUP");
  assert.deepEqual(await child.exited(), { code: 0, signal: null });
  assert.equal(child.stdout, "drain 30000\nclose\n");
});

test("SIGQUIT drains without a limit and exits 0", async () => {
  await using child = await start("quick");
  child.signal("SIGQUIT");
  assert.deepEqual(await child.exited(), { code: 0, signal: null });
  assert.equal(child.stdout, "drain Infinity\nclose\n");
});

for (const [first, second] of [
  ["SIGTERM", "SIGTERM"],
  ["SIGTERM", "SIGINT"],
  ["SIGQUIT", "SIGTERM"],
] as const) {
  test(`${second} after ${first} closes at once and exits 1`, async () => {
    await using child = await start("stuck");
    child.signal(first);
    await saw(child, "drain");
    child.signal(second);
    assert.deepEqual(await child.exited(), { code: 1, signal: null });
    assert.match(child.stdout, /^drain \w+\nclose\n$/);
  });
}

test("a third signal ends even a proxy that cannot close", async () => {
  // It is given an hour to close: only the third signal can be what ends it.
  await using child = await start("patient");
  child.signal("SIGTERM");
  await saw(child, "drain");
  child.signal("SIGTERM");
  await saw(child, "close");
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(), { code: 1, signal: null });
});

test("a proxy that cannot close ends in bounded time after the second signal", async () => {
  await using child = await start("wedged");
  child.signal("SIGTERM");
  await saw(child, "drain");
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(), { code: 1, signal: null });
});

test("a stop signal that comes while the proxy is starting drains it as soon as it runs", async () => {
  await using child = await start("starting");
  child.signal("SIGTERM");
  await child.stderrMatch(/draining/);
  assert.equal(child.stdout, "");
  child.signal("SIGUSR1");
  assert.deepEqual(await child.exited(), { code: 0, signal: null });
  assert.equal(child.stdout, "drain 30000\nclose\n");
});

test("a second stop signal ends a proxy that never comes up", async () => {
  await using child = await start("starting");
  child.signal("SIGTERM");
  await child.stderrMatch(/draining/);
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(), { code: 1, signal: null });
});

test("SIGUSR2 reopens the journal, SIGHUP reloads and SIGUSR1 restarts the workers", async () => {
  await using child = await start("quick");
  child.signal("SIGUSR2");
  await saw(child, "reopen");
  child.signal("SIGHUP");
  await saw(child, "reload\nnoted 0");
  await child.stderrMatch(/configuration reloaded/);
  child.signal("SIGUSR1");
  await saw(child, "restart\nnoted 0");
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(), { code: 0, signal: null });
});

test("a configuration that cannot be used is told line by line and changes nothing", async () => {
  await using child = await start("unreadable");
  child.signal("SIGHUP");
  await saw(child, "noted 1");
  await child.stderrMatch(/es\.yaml:3:1: wrong/);
  assert.doesNotMatch(child.stdout, /reload/);
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(), { code: 0, signal: null });
});

test("a journal that cannot be reopened is told and survived", async () => {
  await using child = await start("reopen-fails");
  child.signal("SIGUSR2");
  await child.stderrMatch(/the audit files could not be reopened/);
  child.signal("SIGTERM");
  assert.deepEqual(await child.exited(), { code: 0, signal: null });
});

for (const mode of ["throws", "rejects"]) {
  test(`an exception that nobody catches (${mode}) closes the journal and exits 1 without quoting anything`, async () => {
    await using child = await start(mode);
    assert.deepEqual(await child.exited(), { code: 1, signal: null });
    assert.equal(child.stdout, "close\n");
    assert.match(
      child.stderr,
      mode === "throws" ? /"error":"SyntaxError"/ : /"error":"RangeError"/,
    );
    assert.match(child.stderr, /lifetime-child\.ts/);
    assert.doesNotMatch(child.stderr, /secret/);
  });
}

test("every listener is announced by exactly one line", async () => {
  await using child = await start("quick");
  child.signal("SIGTERM");
  await child.exited();
  assert.deepEqual(child.stderr.match(/^listening on .*$/gm), [
    "listening on http://127.0.0.1:1234",
  ]);
});

test("an error is described by kind, code and place, never by its message", () => {
  const error = Object.assign(new TypeError("token=abc\n    and more"), { code: "ERR_X" });
  const described = describeError(error);
  assert.deepEqual([described.error, described.code], ["TypeError", "ERR_X"]);
  assert.doesNotMatch(JSON.stringify(described), /token|and more/);
  assert.deepEqual(describeError("token"), { error: "string" });
});
