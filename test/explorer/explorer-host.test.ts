import assert from "node:assert/strict";
import { test } from "node:test";
import type { Worker } from "node:worker_threads";

import { ExplorerHost } from "../../src/explorer/explorer-host.ts";
import { openTrail, recordingLog } from "../audit/trail-fixture.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { ask } from "./ask.ts";

async function open(directory: string, port: number, status = async (): Promise<unknown> => 1) {
  return ExplorerHost.open({
    directory,
    bind: { kind: "tcp", host: "127.0.0.1", port },
    tls: undefined,
    tokenFile: undefined,
    identityFile: undefined,
    log: recordingLog([]),
    status,
  });
}

test("a thread that has ended by itself is started again, in the same place", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  const threads: Worker[] = [];
  const note = (thread: Worker): void => void threads.push(thread);
  process.on("worker", note);
  const first = await open(directory.path, 0);
  const { url } = first;
  await first.close();
  await assert.rejects(ask(url, "/"));
  const host = await open(directory.path, Number(new URL(url).port));
  try {
    assert.equal((await ask(url, "/api/status")).body, "1");
    const thread = threads.at(-1);
    assert.ok(thread !== undefined);
    await thread.terminate();
    const isThere = async (): Promise<boolean> =>
      ask(url, "/api/status").then(
        ({ body }) => body === "1",
        () => false,
      );
    await waitFor("the next thread", isThere, 60_000);
    assert.equal(threads.length, 3);
  } finally {
    process.off("worker", note);
    await host.close();
  }
});

test("a status that cannot be had is said to be none, and asked for again", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  let count = 0;
  const host = await open(directory.path, 0, async () => {
    count += 1;
    if (count === 1) throw new Error("not now");
    return { count };
  });
  try {
    assert.deepEqual(JSON.parse((await ask(host.url, "/api/status")).body), { isAlone: true });
    assert.deepEqual(JSON.parse((await ask(host.url, "/api/status")).body), { count: 2 });
  } finally {
    await host.close();
  }
});

test("an address that is taken, and a token that is none, are named", async () => {
  await using directory = await makeTempDir();
  await openTrail(directory.path).close();
  const host = await open(directory.path, 0);
  try {
    await assert.rejects(open(directory.path, Number(new URL(host.url).port)), {
      code: "ESP_ERR_LISTEN",
      message: /the explorer cannot listen on 127\.0\.0\.1:\d+: EADDRINUSE/,
    });
  } finally {
    await host.close();
  }
  const options = {
    directory: directory.path,
    bind: { kind: "tcp", host: "127.0.0.1", port: 0 } as const,
    tls: undefined,
    tokenFile: directory.file("nothing"),
    identityFile: undefined,
    log: recordingLog([]),
    status: async () => undefined,
  };
  await assert.rejects(ExplorerHost.open(options), {
    code: "ESP_ERR_CONFIG",
    message: /cannot read the token file/,
  });
});
