import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { ActiveHealth } from "../../src/upstream/active-health.ts";
import type { HealthTimers } from "../../src/upstream/active-health.ts";
import type { ProbeResult } from "../../src/upstream/health-probe.ts";
import { endpointAt, KeptLog, ManualClock } from "./upstream-fixture.ts";

const options = { pool: "p", intervalMs: 1000, timeoutMs: 100, unhealthyAfter: 3, healthyAfter: 2 };

/** Timers that a test runs by hand. */
class ManualTimers implements HealthTimers {
  readonly pending: {
    readonly ms: number;
    readonly action: () => void;
    readonly holdsProcess: boolean;
  }[] = [];
  readonly #random: number;

  constructor(random = 0.5) {
    this.#random = random;
  }

  random(): number {
    return this.#random;
  }

  after(ms: number, action: () => void, holdsProcess: boolean): () => void {
    const timer = { ms, action, holdsProcess };
    this.pending.push(timer);
    return () => {
      const at = this.pending.indexOf(timer);
      if (at !== -1) this.pending.splice(at, 1);
    };
  }

  /** Runs what waits now and lets promises settle. */
  async run(): Promise<void> {
    for (const timer of this.pending.splice(0)) timer.action();
    await nextTurn();
  }
}

function watch(results: (port: number) => ProbeResult | Promise<ProbeResult>, ports = [1]) {
  const endpoints = ports.map((port) => endpointAt(port));
  const timers = new ManualTimers();
  const clock = new ManualClock();
  const log = new KeptLog();
  const changes: string[] = [];
  const health = new ActiveHealth(
    options,
    endpoints,
    async ({ address }) => results(address.port),
    { clock, log },
    ({ address }, isHealthy) => changes.push(`${address.port} ${isHealthy ? "up" : "down"}`),
    timers,
  );
  return { health, endpoints, timers, clock, log, changes };
}

test("an endpoint changes after so many equal probes in a row, and each change is told, logged and counted once", async () => {
  let result: ProbeResult = "";
  const { health, endpoints, timers, clock, log, changes } = watch(() => result);
  const [endpoint] = endpoints;
  assert.equal(await health.firstRound, true);
  const rows: [ProbeResult, boolean][] = [
    ["status 503", true],
    ["status 503", true],
    ["", true],
    ["status 503", true],
    ["status 503", true],
    ["status 503", false],
    ["status 503", false],
    ["", false],
    ["status 503", false],
    ["", false],
    ["", true],
    ["", true],
  ];
  for (const [index, [next, isHealthy]] of rows.entries()) {
    result = next;
    clock.ms += 1000;
    await timers.run();
    assert.equal(endpoint?.isHealthy, isHealthy, `probe ${index + 1}`);
  }
  assert.deepEqual(changes, ["1 down", "1 up"]);
  assert.equal(log.lines.length, 2);
  assert.deepEqual([endpoint?.totals.becameUnhealthy, endpoint?.totals.becameHealthy], [1, 1]);
  assert.match(log.lines[0] ?? "", /^warn endpoint is unhealthy .*"reason":"status 503"/);
  assert.equal(endpoint?.returnedAtMs, clock.ms - 1000, "slow start begins with the return");
});

test("the first probe decides at once, and whether one endpoint is good is known after the first round", async () => {
  const { health, endpoints, changes } = watch(
    (port) => (port === 2 ? "" : "ECONNREFUSED"),
    [1, 2, 3],
  );
  assert.equal(await health.firstRound, true);
  assert.deepEqual(
    endpoints.map(({ isHealthy }) => isHealthy),
    [false, true, false],
  );
  assert.deepEqual(changes, ["1 down", "3 down"]);
  assert.equal(await watch(() => "ECONNREFUSED", [1, 2]).health.firstRound, false);
});

test("what is known from before a reload is not overthrown by one probe", async () => {
  const { health, endpoints, timers } = watch(async () => {
    await nextTurn();
    return "ECONNREFUSED";
  });
  const [endpoint] = endpoints;
  assert.ok(endpoint !== undefined);
  endpoint.isProbed = true;
  await health.firstRound;
  assert.equal(endpoint.isHealthy, true);
  for (let i = 0; i < 2; i += 1) {
    await timers.run();
    await nextTurn();
  }
  assert.equal(endpoint.isHealthy, false);
});

test("a timeout that fires late, because this process was busy, blames no endpoint", async () => {
  let result: ProbeResult | Promise<ProbeResult> = "";
  const { health, endpoints, timers, clock, changes } = watch(() => result);
  await health.firstRound;
  result = new Promise(() => {});
  const timeOut = async (delayMs: number): Promise<void> => {
    for (let i = 0; i < options.unhealthyAfter; i += 1) {
      await timers.run(); // the pause
      clock.ms += delayMs;
      await timers.run(); // the timeout
    }
  };
  await timeOut(10 * options.timeoutMs);
  assert.equal(endpoints[0]?.isHealthy, true);
  await timeOut(options.timeoutMs);
  assert.equal(endpoints[0]?.isHealthy, false);
  assert.deepEqual(changes, ["1 down"]);
});

test("a probe that fails for want of something on this machine says nothing", async () => {
  let result: ProbeResult = "";
  const { health, endpoints, timers } = watch(() => result);
  await health.firstRound;
  result = undefined;
  for (let i = 0; i < 10; i += 1) await timers.run();
  assert.equal(endpoints[0]?.isHealthy, true);
});

test("probes come at the interval, a tenth more or less, and hold the process only in the first round", async () => {
  const { timers, health } = watch(() => "");
  await Promise.resolve();
  assert.deepEqual(
    timers.pending.map(({ ms, holdsProcess }) => [ms, holdsProcess]),
    [[100, true]],
  );
  await health.firstRound;
  assert.deepEqual(
    timers.pending.map(({ ms, holdsProcess }) => [ms, holdsProcess]),
    [[1000, false]],
  );
  for (const [random, ms] of [
    [0, 900],
    [0.999999, 1100],
  ] as const) {
    const own = new ManualTimers(random);
    const one = new ActiveHealth(
      options,
      [endpointAt(1)],
      async () => "",
      { clock: new ManualClock(), log: new KeptLog() },
      () => {},
      own,
    );
    await one.firstRound;
    assert.equal(Math.round(own.pending[0]?.ms ?? 0), ms);
  }
});

test("a probe that takes too long is told to end", async () => {
  const timers = new ManualTimers();
  const health = new ActiveHealth(
    options,
    [endpointAt(1)],
    (_endpoint, signal) =>
      new Promise((resolve) =>
        signal.addEventListener("abort", () => resolve("no answer in time")),
      ),
    { clock: new ManualClock(), log: new KeptLog() },
    () => {},
    timers,
  );
  await nextTurn();
  await timers.run();
  assert.equal(await health.firstRound, false);
});

test("a health check that is stopped asks no more and changes nothing", async () => {
  let asked = 0;
  const { health, endpoints, timers } = watch(() => {
    asked += 1;
    return asked === 1 ? "" : "ECONNREFUSED";
  });
  await health.firstRound;
  const running = timers.run();
  health.stop();
  await running;
  assert.equal(endpoints[0]?.isHealthy, true);
  for (let i = 0; i < 5; i += 1) await timers.run();
  assert.equal(asked, 1);
  assert.deepEqual(timers.pending, []);
});

test("the news of another process is followed, and the own count begins again", async () => {
  let result: ProbeResult = "";
  const { health, endpoints, timers } = watch(() => result);
  const [endpoint] = endpoints;
  assert.ok(endpoint !== undefined);
  await health.firstRound;
  health.follow(endpoint, false);
  assert.equal(endpoint.isHealthy, false);
  await timers.run();
  assert.equal(endpoint.isHealthy, false);
  await timers.run();
  assert.equal(endpoint.isHealthy, true);
  assert.deepEqual(
    [endpoint.totals.becameUnhealthy, endpoint.totals.becameHealthy],
    [0, 1],
    "only its own are counted",
  );
  result = "status 500";
  await timers.run();
  assert.equal(endpoint.isHealthy, true);
});
