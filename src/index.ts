/**
 * es-proxy as a library: what router files import, a TCP router inside a program of your own, and
 * the whole proxy.
 *
 * Everything exported here is public and listed in `test/contract/exports.test.ts`; nothing else of
 * the package is.
 */
export * from "./tcp/router-library.ts";
export { TcpListener } from "./tcp/tcp-listener.ts";
export { loadedRouter, RouterModule } from "./tcp/router-module.ts";
export type {
  LoadedRouter,
  RouterSource,
  TcpListenerOptions,
  TcpRouterOptions,
} from "./tcp/options.ts";
export type { AllowedRange } from "./tcp/address-policy.ts";
export type { TcpStats } from "./tcp/tcp-router.ts";
export type {
  RecordedDecision,
  TcpAudit,
  TcpClient,
  TcpEndpoint,
  TcpEvent,
  TcpGate,
  TcpMetrics,
  TcpOutcome,
  TcpPools,
  TcpSessionRecord,
} from "./tcp/interfaces.ts";

export { startProxy } from "./proxy.ts";
export type { ProxyOptions, ProxyProcess } from "./proxy.ts";
export type { RunningProxy } from "./assembly/running-proxy.ts";
export { loadConfig } from "./config/load.ts";
export type { LoadResult } from "./config/load.ts";
export type { Diagnostic } from "./config/diagnostic.ts";
export type {
  Address,
  AdminConfig,
  AllowedDestination,
  AuditConfig,
  EndpointConfig,
  HealthConfig,
  HttpListenerConfig,
  ListenerConfig,
  ListenerTlsConfig,
  OutlierConfig,
  PoolConfig,
  ProxyConfig,
  RetryConfig,
  RouteConfig,
  TcpListenerConfig,
} from "./config/config.ts";

export { ProxyError } from "./core/errors.ts";
export type { ErrorCode } from "./core/errors.ts";
export type { TcpErrorCode } from "./core/tcp-errors.ts";
export type { Clock } from "./core/clock.ts";
export type { Log, LogFields } from "./core/log.ts";
