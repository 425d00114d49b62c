import type { DialOptions } from "./connector.ts";
import type { Endpoint } from "./endpoint.ts";
import type { FailureRule } from "./failure-rule.ts";
import type { OutlierOptions } from "./outlier-detection.ts";

/** What a pool is built from, beside its endpoints and their balancer. */
export interface PoolOptions {
  readonly name: string;
  readonly dial: DialOptions;
  readonly idleMs: number;
  readonly pendingMs: number;
  /** Connections per endpoint. */
  readonly connections: number;
  /** Percent of all connections, and of the queue, that one client address may have. */
  readonly clientPercent: number;
  /** Exchanges that wait for a connection. */
  readonly pending: number;
  /** Exchanges on one connection; 0: unlimited. */
  readonly requestsPerConnection: number;
  /** `undefined`: nothing is ejected. */
  readonly outlier: (OutlierOptions & { readonly rule: FailureRule }) | undefined;
  /** Retries at most in percent of requests. */
  readonly retryBudgetPercent: number;
  /** Outlier detection has ejected an endpoint until a monotonic instant. */
  readonly onEjected?: ((endpoint: Endpoint, untilMs: number) => void) | undefined;
}
