import { Buffer } from "node:buffer";
import { isIPv4, isIPv6 } from "node:net";

import type { Address, EndpointConfig } from "./config.ts";

/** A value, or the reason why there is none, in words for the operator. */
export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/**
 * Reads `host:port`, `[v6]:port` or `unix:/path`.
 *
 * Port 0 (the system chooses) is accepted; callers that cannot use it refuse it. A host is an IPv4
 * address in four decimal parts, an IPv6 address in brackets, or a name; spellings such as
 * `0x7f.1`, which resolvers read differently, are refused.
 */
export function parseAddress(text: string): Parsed<Address> {
  if (text.startsWith("unix:")) return parseUnix(text.slice("unix:".length));
  const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(text);
  if (bracketed !== null) {
    const host = bracketed[1] ?? "";
    if (!isIPv6(host)) return { problem: `"${host}" is not an IPv6 address` };
    return withPort(host, bracketed[2], text);
  }
  if (isIPv6(text) || text.split(":").length > 2)
    return { problem: `an IPv6 address stands in brackets, as in [::1]:9200; got "${text}"` };
  const colon = text.indexOf(":");
  const host = colon < 0 ? text : text.slice(0, colon);
  if (host === "" || host === "*")
    return {
      problem: `a host is missing in "${text}"; for all addresses write 0.0.0.0:PORT or [::]:PORT`,
    };
  if (!isHost(host)) return { problem: `"${host}" is neither a host name nor an IPv4 address` };
  return withPort(host, colon < 0 ? undefined : text.slice(colon + 1), text);
}

/** `host:port`, `[v6]:port` or `unix:/path`. */
export function formatAddress(address: Address): string {
  if (address.kind === "unix") return `unix:${address.path}`;
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`;
}

/** An endpoint without its weight. */
export type ParsedEndpoint = Omit<EndpointConfig, "weight">;

/** How an endpoint may be written, for messages. */
const endpointForms = "http://host:port, https://host:port, host:port or unix:/path";

/**
 * Reads `http://host[:port]`, `https://host[:port]`, `host:port` or `tcp://host:port` (TCP pools
 * only), `unix:/path` (HTTP).
 *
 * A path, a query or credentials are refused: the target of a request is forwarded unchanged, and
 * credentials belong to clients.
 */
export function parseEndpoint(text: string): Parsed<ParsedEndpoint> {
  if (text.startsWith("unix:")) {
    const parsed = parseAddress(text);
    if ("problem" in parsed) return parsed;
    return { value: { url: text, scheme: "http", address: parsed.value, authority: "localhost" } };
  }
  const [, schemeText, rest] = /^(?:([A-Za-z][A-Za-z0-9+.-]*):\/\/)?(.*)$/s.exec(text) ?? [];
  const scheme = schemeText === undefined ? "tcp" : schemeText.toLowerCase();
  if (scheme !== "http" && scheme !== "https" && scheme !== "tcp")
    return { problem: `"${scheme}" is not a scheme of endpoints; use http, https or tcp` };
  const authority = (rest ?? "").replace(/\/$/, "");
  if (authority.includes("@"))
    return { problem: "an endpoint carries no credentials: clients send their own" };
  if (/[/?#]/.test(authority))
    return { problem: "an endpoint has no path: the target is forwarded unchanged" };
  const hasPort = /:\d*$/.test(authority) && !authority.endsWith("]") && !isIPv6(authority);
  if (!hasPort && scheme === "tcp" && schemeText === undefined)
    return {
      problem: `expected ${endpointForms}; got "${text}"`,
    };
  const parsed = parseAddress(
    hasPort || scheme === "tcp" ? authority : `${authority}:${scheme === "http" ? 80 : 443}`,
  );
  if ("problem" in parsed) return parsed;
  if (parsed.value.kind !== "tcp" || parsed.value.port === 0)
    return { problem: "port 0 cannot be connected to" };
  const address = { ...parsed.value, host: parsed.value.host.toLowerCase() };
  const full = formatAddress(address);
  const isDefaultPort = address.port === (scheme === "http" ? 80 : scheme === "https" ? 443 : -1);
  const shown = isDefaultPort ? full.slice(0, full.lastIndexOf(":")) : full;
  return { value: { url: `${scheme}://${full}`, scheme, address, authority: shown } };
}

/** True for 127.0.0.0/8, ::1, `localhost` and unix sockets: only this machine can connect. */
export function isLoopback(address: Address): boolean {
  return address.kind === "unix" || isLoopbackHost(address.host);
}

/**
 * True when both would be the same socket, or one of them is the wildcard that covers the other.
 * Port 0 is never the same.
 */
export function isSameSocket(one: Address, other: Address): boolean {
  if (one.kind === "unix" || other.kind === "unix")
    return one.kind === "unix" && other.kind === "unix" && one.path === other.path;
  if (one.port !== other.port || one.port === 0) return false;
  return covers(one.host, other.host) || covers(other.host, one.host);
}

/**
 * True when connecting to `target` reaches the listener at `bind`, as far as that can be known
 * without asking a resolver.
 *
 * @param ownHosts addresses of this machine's interfaces, which a wildcard listener answers at
 */
export function reaches(target: Address, bind: Address, ownHosts: ReadonlySet<string>): boolean {
  if (target.kind === "unix" || bind.kind === "unix") return isSameSocket(target, bind);
  if (target.port !== bind.port) return false;
  const host = usualHost(target.host);
  if (host === bind.host) return true;
  // Connecting to the wildcard address connects to this machine (Linux, ip(7)).
  const isLocalTarget = isLoopbackHost(host) || isWildcard(host);
  if (isWildcard(bind.host)) return isLocalTarget || ownHosts.has(host);
  const isAlias = host === "localhost" || bind.host === "localhost" || isWildcard(host);
  return isAlias && isLocalTarget && isLoopbackHost(bind.host);
}

/** A rooted name without its dot, an IPv4-mapped address (RFC 4291 §2.5.5.2) as IPv4. */
function usualHost(host: string): string {
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(host) ?? [];
  if (high === undefined || low === undefined)
    return host.replace(/^::ffff:(?=\d+\.)/i, "").replace(/\.$/, "");
  return [high, low]
    .map((part) => Number.parseInt(part, 16))
    .map((part) => `${part >> 8}.${part & 0xff}`)
    .join(".");
}

/**
 * Four decimal parts, or a name of letters, digits, `-` and `_` whose last label is not a number.
 */
export function isHost(text: string): boolean {
  if (isIPv4(text)) return true;
  if (text.length > 253 || !/^[A-Za-z0-9_-]{1,63}(\.[A-Za-z0-9_-]{1,63})*\.?$/.test(text))
    return false;
  // The last label of a name is never numeric (RFC 1123 §2.1, WHATWG URL "ends in a number").
  return !/(^|\.)(\d+|0[xX][0-9a-fA-F]*)\.?$/.test(text);
}

function parseUnix(path: string): Parsed<Address> {
  if (!path.startsWith("/"))
    return { problem: `a unix socket needs an absolute path, as in unix:/run/es-proxy.sock` };
  // sockaddr_un holds 108 bytes with the closing NUL (unix(7)).
  if (Buffer.byteLength(path) > 107)
    return { problem: "the path of a unix socket is longer than 107 bytes" };
  return { value: { kind: "unix", path } };
}

function withPort(host: string, port: string | undefined, text: string): Parsed<Address> {
  if (port === undefined || port === "")
    return { problem: `a port is missing in "${text}"; write host:port` };
  const number = /^\d{1,5}$/.test(port) ? Number(port) : Number.NaN;
  if (!(number <= 65_535)) return { problem: `"${port}" is not a port (0 to 65535)` };
  return { value: { kind: "tcp", host, port: number } };
}

function isLoopbackHost(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIPv4(host) && host.startsWith("127."));
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}

function covers(wide: string, narrow: string): boolean {
  if (wide === narrow || wide === "::") return true;
  return wide === "0.0.0.0" && !isIPv6(narrow);
}
