/** The form in which Elasticsearch writes the address of a node: `[name/]ip:port`. */
import { isIPv6 } from "node:net";

/** Host, without brackets and in lower case, and port. */
export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const addressForm = /^(?:([^/]*)\/)?(\[[^\][/]+\]|[^/:[\]]+|[0-9A-Fa-f:]+):(\d{1,5})$/;

/**
 * The places that a published address stands for: that of the name, which clients use, where there
 * is one, then that of the IP address. Empty: it is none that a client could use.
 */
export function placesOf(address: string): HostPort[] {
  const [, name, ip, port] = addressForm.exec(address) ?? [];
  if (ip === undefined || port === undefined) return [];
  const places: HostPort[] = [];
  for (const host of name === undefined || name === "" ? [ip] : [name, ip])
    places.push({ host: plainHost(host), port: Number(port) });
  return places;
}

/** A host as it is compared: without brackets and a trailing dot, IPv4 in its own form. */
export function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "")
    .replace(/^::ffff:(?=\d+\.)/, "");
}

/** `ip:port` or `[v6]:port`. */
export function hostPortText({ host, port }: HostPort): string {
  return isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;
}
