/** How connections to the endpoints of a pool are made. */
import type { EndpointConfig, PoolConfig } from "../config/config.ts";
import type { Log } from "../core/log.ts";
import { writeOwnHeader, writeProxyHeader } from "../net/proxy-protocol.ts";
import { TlsFiles } from "../net/tls-files.ts";
import type { DialOptions, TlsIdentity } from "../upstream/connector.ts";
import { Endpoint } from "../upstream/endpoint.ts";

/** The endpoints of a pool, as nobody has used them yet. */
export function endpointsOf({ endpoints }: PoolConfig): Endpoint[] {
  return endpoints.map((endpoint) => new Endpoint(addressOf(endpoint)));
}

/** How a pool connects, with the system's resolver. */
export interface BuiltDial {
  readonly dial: DialOptions;
  /** Ends the watch over TLS files. */
  readonly stop: () => void;
}

/** @throws {ProxyError} ESP_ERR_TLS_FILE naming the file */
export function buildDial(
  config: PoolConfig,
  log: Log,
  onConnected: DialOptions["onConnected"],
): BuiltDial {
  const usesTls = config.endpoints.some(({ scheme }) => scheme === "https");
  const files = usesTls ? new TlsFiles(config.tls, log) : undefined;
  return {
    dial: {
      connectMs: config.timeouts.connectMs,
      tcpKeepAliveMs: config.tcpKeepAliveMs,
      tlsIdentity: files && identityOf(files, config),
      preface: prefaceOf(config),
      onConnected,
    },
    stop: () => files?.close(),
  };
}

/** The PROXY protocol header of a connection to an endpoint. */
function prefaceOf({ proxyProtocol: version }: PoolConfig): DialOptions["preface"] {
  if (version === undefined) return undefined;
  return (peer) => (peer === undefined ? writeOwnHeader(version) : writeProxyHeader(version, peer));
}

/**
 * One object for as long as the files stay as they are: connections made with another one are not
 * used again.
 */
function identityOf(
  files: TlsFiles,
  { tls: { serverName, verify } }: PoolConfig,
): () => TlsIdentity {
  let current: TlsIdentity = { secureContext: files.context, serverName, isVerified: verify };
  return () => {
    if (current.secureContext !== files.context)
      current = { secureContext: files.context, serverName, isVerified: verify };
    return current;
  };
}

function addressOf({
  url,
  scheme,
  address,
  authority,
  weight,
}: EndpointConfig): Endpoint["address"] {
  const isTcp = address.kind === "tcp";
  return {
    url,
    isTls: scheme === "https",
    host: isTcp ? address.host : "",
    port: isTcp ? address.port : 0,
    path: isTcp ? undefined : address.path,
    authority,
    weight,
  };
}
