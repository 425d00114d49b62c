import type { HealthConfig, PoolConfig } from "../config/config.ts";
import type { Services } from "../core/services.ts";
import { StatusSet } from "../core/status-set.ts";
import { ParserList } from "../http1/head-reader.ts";
import { createBalancer } from "../upstream/balancer.ts";
import { ActiveHealth } from "../upstream/active-health.ts";
import type { DialOptions } from "../upstream/connector.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import { FailureRule } from "../upstream/failure-rule.ts";
import { createProbe } from "../upstream/health-probe.ts";
import { NameResolver } from "../upstream/name-resolver.ts";
import { Pool } from "../upstream/pool.ts";
import { buildDial, endpointsOf } from "./pool-dial.ts";

/** What all pools of a process share. */
export interface PoolParts extends Services {
  /** `forMs`: how long the endpoint is left out. */
  readonly onEjected: (pool: string, endpoint: string, forMs: number) => void;
  /** Is told of each connection to an endpoint. */
  readonly onConnected?: DialOptions["onConnected"];
  /** The active health check has noted a change. */
  readonly onHealth: (pool: string, endpoint: string, isHealthy: boolean) => void;
}

/** A pool with what it was built from. */
export interface BuiltPool {
  readonly config: PoolConfig;
  readonly pool: Pool;
  /** `undefined`: its endpoints are not probed. */
  readonly health: ActiveHealth | undefined;
  /** Ends what goes on beside the traffic: probes, look-ups, the watch over TLS files. */
  readonly stop: () => void;
}

/**
 * Builds a pool. What is known of endpoints that `previous` has, too, is handed on: their health
 * and their counts.
 *
 * @throws {ProxyError} ESP_ERR_TLS_FILE naming the file
 */
export function buildPool(
  config: PoolConfig,
  parts: PoolParts,
  previous: Pool | undefined,
): BuiltPool {
  const { clock, log } = parts;
  const endpoints = endpointsOf(config);
  const usesTls = endpoints.some((endpoint) => endpoint.address.isTls);
  const { dial: plainDial, stop: stopDial } = buildDial(config, log, parts.onConnected);
  if (usesTls && !config.tls.verify)
    log.warn({ pool: config.name }, "upstream certificates are not verified");
  const hosts = endpoints.map(({ address }) => address.host);
  const names = new NameResolver(hosts, config.dnsRefreshMs, parts, (host, addresses) =>
    pool.followAddresses(host, addresses),
  );
  const dial = { ...plainDial, lookup: names.lookup };
  const pool: Pool = new Pool(
    {
      name: config.name,
      dial,
      idleMs: config.timeouts.idleMs,
      pendingMs: config.timeouts.pendingMs,
      connections: config.limits.connections,
      clientPercent: config.limits.clientPercent,
      pending: config.limits.pending,
      requestsPerConnection: config.limits.requestsPerConnection,
      outlier: config.outlier && {
        ...config.outlier,
        rule: new FailureRule(config.outlier.statuses),
      },
      retryBudgetPercent: config.retry.budgetPercent,
      onEjected: ({ address }, untilMs) =>
        parts.onEjected(config.name, address.url, untilMs - clock.now()),
    },
    endpoints,
    createBalancer(config.balance, config.slowStartMs),
    new ParserList("response", {
      headBytes: config.limits.responseHeaderBytes,
      fields: config.limits.responseHeaders,
      startLineBytes: config.limits.responseHeaderBytes,
    }),
    parts,
  );
  for (const endpoint of endpoints) inherit(pool, endpoint, previous);
  const health = config.health && startHealth(config, config.health, endpoints, dial, parts);
  const stop = (): void => {
    health?.stop();
    names.close();
    stopDial();
  };
  return { config, pool, health, stop };
}

function startHealth(
  config: PoolConfig,
  health: HealthConfig,
  endpoints: readonly Endpoint[],
  dial: DialOptions,
  parts: PoolParts,
): ActiveHealth {
  const probe = createProbe({
    ...health,
    statuses: new StatusSet(health.statuses),
    hostHeader: config.hostHeader,
    dial,
  });
  return new ActiveHealth(
    { ...health, pool: config.name },
    endpoints,
    probe,
    parts,
    ({ address }, isHealthy) => parts.onHealth(config.name, address.url, isHealthy),
  );
}

function inherit(pool: Pool, endpoint: Endpoint, previous: Pool | undefined): void {
  const old = previous?.endpoints.find(({ address }) => address.url === endpoint.address.url);
  if (old === undefined) return;
  endpoint.totals = old.totals;
  endpoint.isHealthy = old.isHealthy;
  endpoint.isProbed = old.isProbed;
  endpoint.returnedAtMs = old.returnedAtMs;
  if (old.ejectedUntilMs !== 0) pool.verdicts.followEjection(endpoint, old.ejectedUntilMs);
}
