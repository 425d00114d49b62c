/** Under which addresses a client reaches this proxy. */
import { isIP } from "node:net";
import type { ConnectionFacts } from "../audit/record/exchange-record.ts";
import { hostPortText, plainHost } from "../elasticsearch/sniff/publish-address.ts";
import type { HostPort } from "../elasticsearch/sniff/publish-address.ts";

const hostForm = /^(\[[0-9A-Fa-f:.]+\]|[^:[\]]+)(?::(\d{0,5}))?$/;

/**
 * The places where a client has this proxy: the configured address, the one that it has asked for,
 * and the one that it has connected to.
 *
 * @param configured `host:port`
 * @param host the `Host` of the request
 */
export function ownPlaces(
  configured: string | undefined,
  host: string | undefined,
  facts: ConnectionFacts,
): HostPort[] {
  const local = { host: plainHost(facts.localAddress), port: facts.localPort };
  return [placeOf(configured, facts), placeOf(host, facts), local].filter(
    (place) => place !== undefined,
  );
}

/**
 * An address in the form in which Elasticsearch publishes it: `ip:port`, or `name/ip:port`, of
 * which clients take the name, so that they can go on to verify the proxy's certificate.
 *
 * @param wanted `host[:port]`; where it is none, what the client has connected to is taken
 */
export function publishedForm(wanted: string | undefined, facts: ConnectionFacts): string {
  const local = { host: plainHost(facts.localAddress), port: facts.localPort };
  const { host, port } = placeOf(wanted, facts) ?? local;
  if (isIP(host) !== 0) return hostPortText({ host, port });
  const ip = isIP(local.host) === 0 ? "127.0.0.1" : local.host;
  return `${host}/${hostPortText({ host: ip, port })}`;
}

/** Without a port the scheme's is meant (RFC 9110 §4.2). */
function placeOf(text: string | undefined, { tls }: ConnectionFacts): HostPort | undefined {
  const [, host, port] = hostForm.exec(text ?? "") ?? [];
  if (host === undefined) return undefined;
  const number = port === undefined || port === "" ? (tls === undefined ? 80 : 443) : Number(port);
  return { host: plainHost(host), port: number };
}
