import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { DeadlineSweep } from "../../src/core/deadline-sweep.ts";
import { NameResolver } from "../../src/upstream/name-resolver.ts";
import type { ResolvedAddress } from "../../src/upstream/name-resolver.ts";
import { KeptLog, ManualClock } from "./upstream-fixture.ts";

const v4 = (address: string): ResolvedAddress => ({ address, family: 4 });

function resolver(hosts: readonly string[], answer: (host: string) => readonly ResolvedAddress[]) {
  const clock = new ManualClock();
  const sweep = new DeadlineSweep(clock);
  const log = new KeptLog();
  const asked: string[] = [];
  const changes: string[] = [];
  const names = new NameResolver(
    hosts,
    30_000,
    { clock, sweep, log },
    (host, addresses) => changes.push(`${host} ${[...addresses].join()}`),
    async (host) => {
      asked.push(host);
      return answer(host);
    },
  );
  const advance = async (ms: number): Promise<void> => {
    clock.ms += ms;
    sweep.sweep(clock.ms);
    await nextTurn();
  };
  const look = (host: string, all = true): Promise<unknown> =>
    new Promise((resolve) =>
      names.lookup(host, { all }, (error, found) => resolve(error ?? found)),
    );
  return { names, sweep, log, asked, changes, advance, look };
}

test("a name is looked up once and again after the refresh time, and only a changed answer is told", async () => {
  let addresses = [v4("10.0.0.1")];
  const { sweep, asked, changes, advance, look } = resolver(["es"], () => addresses);
  assert.deepEqual(await look("es"), [v4("10.0.0.1")]);
  assert.deepEqual(await look("es"), [v4("10.0.0.1")]);
  assert.equal(asked.length, 1);
  await advance(29_000);
  assert.equal(asked.length, 1);
  await advance(2000);
  assert.equal(asked.length, 2);
  addresses = [v4("10.0.0.2"), v4("10.0.0.3")];
  await advance(31_000);
  assert.deepEqual(changes, ["es 10.0.0.1", "es 10.0.0.2,10.0.0.3"]);
  sweep.close();
});

test("dials start with the addresses of a name in turn", async () => {
  const { sweep, look } = resolver(["es"], () => [v4("10.0.0.1"), v4("10.0.0.2")]);
  const firsts: unknown[] = [];
  for (let i = 0; i < 4; i += 1) firsts.push(await look("es", false));
  assert.deepEqual(firsts, ["10.0.0.1", "10.0.0.2", "10.0.0.1", "10.0.0.2"]);
  sweep.close();
});

test("a name that cannot be resolved any more keeps its last answer and says so once", async () => {
  let fails = false;
  const { sweep, log, advance, look } = resolver(["es"], () => {
    if (fails) throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
    return [v4("10.0.0.1")];
  });
  await look("es");
  fails = true;
  for (let i = 0; i < 3; i += 1) await advance(31_000);
  assert.deepEqual(await look("es"), [v4("10.0.0.1")]);
  assert.equal(log.lines.length, 1);
  fails = false;
  await advance(31_000);
  assert.equal(log.lines.length, 2);
  sweep.close();
});

test("a name that was never resolved fails the dial with the resolver's own error", async () => {
  const { sweep, look } = resolver(["es"], () => {
    throw Object.assign(new Error("not found"), { code: "ENOTFOUND" });
  });
  const error = await look("es");
  assert.ok(error instanceof Error && "code" in error && error.code === "ENOTFOUND");
  sweep.close();
});

test("IP addresses are never looked up again, and nothing is after the close", async () => {
  const { names, sweep, asked, advance } = resolver(["127.0.0.1", "::1", "", "es"], () => [
    v4("10.0.0.1"),
  ]);
  await advance(31_000);
  assert.deepEqual(asked, ["es"]);
  names.close();
  await advance(31_000);
  assert.deepEqual(asked, ["es"]);
  assert.equal(sweep.size, 0);
  sweep.close();
});
