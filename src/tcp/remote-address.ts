import { isIP, isIPv6 } from "node:net";
import { GenerationCache } from "../core/generation-cache.ts";

/** Where to connect: a host name or an IP address without brackets. */
export interface RemoteAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Parses `host:port` or `[IPv6]:port`. An IPv6 address without brackets is refused, because its
 * last group could be the port.
 *
 * What is accepted as a host is decided by the resolver (`0x7f.1` is an address to it); the address
 * policy therefore looks at the result of the lookup, never at this text.
 *
 * @returns `undefined` when the text is neither
 */
export function parseRemote(text: string): RemoteAddress | undefined {
  return remotes.getOrMake(text, readRemote);
}

/** A router names few remotes, over and over. */
const remotes = new GenerationCache<string, RemoteAddress>(512);

function readRemote(text: string): RemoteAddress | undefined {
  const colon = text.lastIndexOf(":");
  const port = parsePort(text.slice(colon + 1));
  if (colon < 1 || port === undefined) return undefined;
  let host = text.slice(0, colon);
  if (host.startsWith("[") && host.endsWith("]")) {
    host = host.slice(1, -1);
    return isIPv6(host) ? { host, port } : undefined;
  }
  return hostPattern.test(host) ? { host, port } : undefined;
}

/** A port from 1 to 65535 in decimal digits. */
export function parsePort(text: string): number | undefined {
  if (!/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port >= 1 && port <= 65535 ? port : undefined;
}

/** `host:port`, with brackets around an IPv6 address. */
export function formatRemote(host: string, port: number): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`;
}

// Visible bytes of names and addresses only: no colon, bracket, slash, space, NUL or `%`.
// Underscores occur in container names.
const hostPattern = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252})$/;
