import assert from "node:assert/strict";
import { test } from "node:test";
import { httpErrors } from "../../src/core/http-errors.ts";
import type { HttpErrorCode } from "../../src/core/http-errors.ts";
import { StatusSet } from "../../src/core/status-set.ts";
import { RequestInfo } from "../../src/http/request-info.ts";
import { failureOf, isRetriedStatus, longestBackoffMs, mayRetry } from "../../src/http/retry.ts";
import type { RetriedExchange } from "../../src/http/retry.ts";

const codes = Object.keys(httpErrors) as HttpErrorCode[];
const search = new RequestInfo("POST", "/a/_search", false, false, "");
const bulk = new RequestInfo("POST", "/_bulk", false, false, "");
/** Requests that Elasticsearch does not know: the method decides (RFC 9110 §9.2.1). */
const foreignGet = new RequestInfo("GET", "/_nothing/of/the/kind", false, false, "");
const foreignPost = new RequestInfo("POST", "/_nothing/of/the/kind", false, false, "");

/** One exchange and what its pool was asked for. */
interface Case {
  readonly traits: RequestInfo;
  readonly attempts: number;
  readonly isReplayable: boolean;
  readonly elapsedMs: number;
  readonly hasBudget: boolean;
}

const usual: Case = {
  traits: search,
  attempts: 1,
  isReplayable: true,
  elapsedMs: 0,
  hasBudget: true,
};

function exchangeOf(partial: Partial<Case>): RetriedExchange & { readonly asked: number[] } {
  const { traits, attempts, isReplayable, elapsedMs, hasBudget } = { ...usual, ...partial };
  const asked: number[] = [];
  return {
    traits,
    attempts,
    isReplayable,
    startedMs: 1000,
    client: { context: { clock: { now: () => 1000 + elapsedMs } } },
    route: {
      retry: {
        attempts: 3,
        totalTimeoutMs: 1000,
        backoffMs: 50,
        statuses: new StatusSet([{ from: 502, to: 504 }]),
        budgetPercent: 20,
      },
      pool: {
        takeRetry: (percent) => {
          asked.push(percent);
          return hasBudget;
        },
      },
    },
    asked,
  };
}

/** Every combination of what the decision depends on. */
function* everyCase(): Generator<{
  readonly code: HttpErrorCode;
  readonly wasSent: boolean;
  readonly wasStale: boolean;
  readonly exchange: ReturnType<typeof exchangeOf>;
  readonly text: string;
}> {
  const booleans = [false, true];
  for (const code of codes)
    for (const wasSent of booleans)
      for (const wasStale of booleans)
        for (const traits of [search, bulk])
          for (const isReplayable of booleans)
            for (const attempts of [1, 2, 3])
              for (const elapsedMs of [0, 1000])
                for (const hasBudget of booleans) {
                  const parts = { traits, isReplayable, attempts, elapsedMs, hasBudget };
                  const exchange = exchangeOf(parts);
                  const text = JSON.stringify({ code, wasSent, wasStale, ...parts });
                  yield { code, wasSent, wasStale, exchange, text };
                }
}

test("an attempt that sent nothing is followed by another one, for any request, without budget", () => {
  const unsent = codes.filter((code) => mayRetry(exchangeOf({ traits: bulk }), code, false, false));
  assert.deepEqual(unsent, [
    "ESP_ERR_UPSTREAM_CONNECT",
    "ESP_ERR_UPSTREAM_TLS",
    "ESP_ERR_UPSTREAM_CONNECT_TIMEOUT",
  ]);
  const exchange = exchangeOf({ traits: bulk, isReplayable: false, hasBudget: false });
  assert.equal(mayRetry(exchange, "ESP_ERR_UPSTREAM_CONNECT", false, false), true);
  assert.deepEqual(exchange.asked, []);
});

test("a request that was sent is repeated when it is a read, at hand, and the failure says nothing of its load", () => {
  const repeated = codes.filter((code) => mayRetry(exchangeOf({}), code, true, false));
  assert.deepEqual(repeated, [
    "ESP_ERR_UPSTREAM_RESET",
    "ESP_ERR_UPSTREAM_MALFORMED",
    "ESP_ERR_UPSTREAM_TRUNCATED",
  ]);
  const reset = (partial: Partial<Case>) =>
    mayRetry(exchangeOf(partial), "ESP_ERR_UPSTREAM_RESET", true, false);
  assert.equal(reset({ traits: bulk }), false);
  assert.equal(reset({ isReplayable: false }), false);
  assert.equal(reset({ traits: foreignGet }), true);
  assert.equal(reset({ traits: foreignPost }), false);
});

test("a repetition costs the route's share of the budget, and is not made without", () => {
  const rich = exchangeOf({});
  assert.equal(mayRetry(rich, "ESP_ERR_UPSTREAM_RESET", true, false), true);
  assert.deepEqual(rich.asked, [20]);
  const poor = exchangeOf({ hasBudget: false });
  assert.equal(mayRetry(poor, "ESP_ERR_UPSTREAM_RESET", true, false), false);
});

test("attempts and time of the policy bound every retry, the wait before it included", () => {
  const connect = (attempts: number, elapsedMs: number) =>
    mayRetry(exchangeOf({ attempts, elapsedMs }), "ESP_ERR_UPSTREAM_CONNECT", false, false);
  assert.equal(connect(2, 0), true);
  assert.equal(connect(3, 0), false, "three are all");
  assert.equal(connect(1, 949), true);
  assert.equal(connect(1, 950), false, "with the wait of 50 ms the second would begin too late");
  assert.equal(connect(2, 899), true);
  assert.equal(connect(2, 900), false, "the second wait is twice as long");
  const { route } = exchangeOf({});
  assert.ok(route !== undefined);
  assert.deepEqual(
    [1, 2, 3, 4].map((attempts) => longestBackoffMs(attempts, route.retry)),
    [50, 100, 200, 400],
  );
});

test("a reused connection that had died allows one fresh attempt beyond the policy, of a read only", () => {
  const stale = (partial: Partial<Case>) =>
    mayRetry(exchangeOf(partial), "ESP_ERR_UPSTREAM_RESET", true, true);
  assert.equal(stale({ elapsedMs: 5000, hasBudget: false }), true);
  assert.equal(stale({ attempts: 2, elapsedMs: 5000 }), false, "only after the first");
  assert.equal(stale({ traits: bulk }), false);
  assert.equal(stale({ isReplayable: false }), false);
});

test("whatever comes together, nothing is repeated that could be carried out twice", () => {
  let cases = 0;
  for (const { code, wasSent, wasStale, exchange, text } of everyCase()) {
    cases += 1;
    if (!mayRetry(exchange, code, wasSent, wasStale)) continue;
    assert.notEqual(httpErrors[code].retry, "never", text);
    if (wasSent) assert.ok(exchange.traits.isSafe && exchange.isReplayable, text);
    else assert.deepEqual(exchange.asked, [], text);
    const isFresh = wasStale && exchange.attempts === 1;
    assert.ok(exchange.attempts < 3 && (isFresh || exchange.client.context.clock.now() < 2000));
  }
  assert.ok(cases > 5000, `only ${cases} cases`);
});

test("an exchange without a route is not tried again", () => {
  const exchange = { ...exchangeOf({}), route: undefined };
  for (const code of codes)
    for (const wasSent of [false, true])
      assert.equal(mayRetry(exchange, code, wasSent, true), false, code);
  assert.equal(isRetriedStatus(exchange, 503), false);
});

test("an answer is thrown away for another attempt only by the route's statuses, for reads", () => {
  assert.equal(isRetriedStatus(exchangeOf({}), 503), true);
  for (const [partial, status] of [
    [{}, 500],
    [{}, 429],
    [{ traits: bulk }, 503],
    [{ isReplayable: false }, 503],
    [{ attempts: 3 }, 503],
    [{ elapsedMs: 1000 }, 503],
    [{ hasBudget: false }, 503],
  ] as const)
    assert.equal(isRetriedStatus(exchangeOf(partial), status), false, JSON.stringify(partial));
});

test("a lost write that Elasticsearch knows is answered with 500, everything else as it failed", () => {
  const code = "ESP_ERR_UPSTREAM_RESET";
  assert.equal(failureOf(exchangeOf({ traits: bulk }), code), "ESP_ERR_OUTCOME_UNKNOWN");
  assert.equal(failureOf(exchangeOf({ traits: search }), code), code);
  assert.equal(failureOf(exchangeOf({ traits: foreignPost }), code), code);
  assert.equal(httpErrors[failureOf(exchangeOf({ traits: bulk }), code)].status, 500);
});
