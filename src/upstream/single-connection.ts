/** Connections to endpoints that serve one request of this proxy itself. */
import { once } from "node:events";
import * as net from "node:net";
import * as tls from "node:tls";
import { targetOf, tlsOptions } from "./connector.ts";
import type { DialOptions } from "./connector.ts";
import type { Endpoint } from "./endpoint.ts";

/**
 * Connects to an endpoint as real traffic does, TLS and PROXY protocol included, for one request of
 * this proxy itself.
 *
 * @param holdsProcess the process must not end before the answer
 * @throws {Error} of the system, of TLS, or that `signal` was aborted
 */
export async function connectOnce(
  { address }: Endpoint,
  options: DialOptions,
  signal: AbortSignal,
  holdsProcess: boolean,
): Promise<net.Socket> {
  const identity = address.isTls ? options.tlsIdentity?.() : undefined;
  const transport = net.connect({ ...targetOf(address, options), noDelay: true });
  // Errors of a socket that is no longer waited for: the wait has its own.
  transport.on("error", ignore);
  if (!holdsProcess) transport.unref();
  let socket = transport;
  const abort = (): void => void transport.destroy(new Error("aborted"));
  signal.addEventListener("abort", abort, { once: true });
  try {
    await once(transport, "connect", { signal });
    options.onConnected?.(transport, "own");
    if (options.preface !== undefined) transport.write(options.preface(undefined));
    if (identity === undefined) return transport;
    socket = tls.connect({ ...tlsOptions(address, identity), socket: transport });
    socket.on("error", ignore);
    await once(socket, "secureConnect", { signal });
    return socket;
  } catch (error) {
    socket.destroy();
    transport.destroy();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

function ignore(): void {}
