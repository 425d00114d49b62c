/** What applies to a request whose path chooses several routes: the strictest of each respect. */
import { routeFacts, type RouteFacts } from "../audit/record/exchange-record.ts";
import type { RateLimit } from "./rate-limit.ts";
import type { Route } from "./router.ts";

/** From nothing to everything. */
const levels: readonly RouteFacts["level"][] = ["none", "metadata", "facts", "full"];

/**
 * The first route with the strictest of each: audit level, `on_failure`, time and size limits, rate
 * limit, attempts, and only the upgrades that all of them allow. `undefined` where the pools
 * differ: the server that gets a request must not depend on how its path is read.
 *
 * @param routes at least one
 */
export function strictestRoute(routes: readonly Route[]): Route | undefined {
  const [first] = routes;
  if (first === undefined || routes.some(({ pool }) => pool !== first.pool)) return undefined;
  const attempts = Math.min(...routes.map(({ retry }) => retry.attempts));
  return {
    ...first,
    facts: strictestFacts(
      first.facts,
      routes.map(({ facts }) => facts),
    ),
    factsOfOthers: strictestFacts(
      first.facts,
      routes.map(({ facts, factsOfOthers }) => factsOfOthers ?? facts),
    ),
    timeouts: {
      responseMs: Math.min(...routes.map(({ timeouts }) => timeouts.responseMs)),
      responseLongMs: Math.min(...routes.map(({ timeouts }) => timeouts.responseLongMs)),
      bodyIdleMs: Math.min(...routes.map(({ timeouts }) => timeouts.bodyIdleMs)),
    },
    totalMs: smallestLimit(routes.map(({ totalMs }) => totalMs)),
    responseBodyBytes: smallestLimit(routes.map(({ responseBodyBytes }) => responseBodyBytes)),
    retry: { ...first.retry, attempts },
    upgrade: first.upgrade.filter((name) => routes.every(({ upgrade }) => upgrade.includes(name))),
    rateLimit: slowest(routes.flatMap(({ rateLimit }) => rateLimit ?? [])),
  };
}

/** The facts of a route, recorded as strictly as the strictest of all. */
export function strictestFacts(own: RouteFacts, all: readonly RouteFacts[]): RouteFacts {
  return routeFacts({
    name: own.name,
    pool: own.pool,
    level: levels.findLast((level) => all.some((facts) => facts.level === level)) ?? "full",
    onFailure: all.some(({ onFailure }) => onFailure === "reject") ? "reject" : "continue",
  });
}

/** The smallest of several limits, of which 0 is none. */
function smallestLimit(limits: readonly number[]): number {
  const set = limits.filter((limit) => limit > 0);
  return set.length === 0 ? 0 : Math.min(...set);
}

function slowest(limits: readonly RateLimit[]): RateLimit | undefined {
  const perMs = ({ options }: RateLimit): number => options.requests / options.perMs;
  return [...limits].sort((a, b) => perMs(a) - perMs(b))[0];
}
