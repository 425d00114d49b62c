/**
 * What a router file can import from `es-proxy`: the types of the contract, and the matchers. A
 * file of its own, so that loading a router does not load the rest of the program.
 */
export type {
  AllowedRemote,
  CloseDecision,
  Decision,
  ForwardOptions,
  NoopDecision,
  OnConnectError,
  OnInactivity,
  PoolDecision,
  RemoteDecision,
  Route,
  RouteConnection,
  RouterExports,
  TcpAddress,
} from "./route-contract.ts";
export { gitRequest, type GitRequest } from "./matchers/git-request.ts";
export { httpHost } from "./matchers/http-host.ts";
export type { Match } from "./matchers/match.ts";
export {
  postgresStartup,
  type PostgresSession,
  type PostgresStartup,
} from "./matchers/postgres-startup.ts";
export { proxyProtocol, type ProxyHeader } from "./matchers/proxy-protocol.ts";
export { redisCommand, type RedisCommand } from "./matchers/redis-command.ts";
export {
  socks4,
  socks4a,
  socks5,
  type SocksGreeting,
  type SocksRequest,
} from "./matchers/socks.ts";
export { sshBanner, type SshBanner } from "./matchers/ssh-banner.ts";
export { tlsAlpn, tlsClientHello, tlsServerName, type TlsClientHello } from "./matchers/tls.ts";
