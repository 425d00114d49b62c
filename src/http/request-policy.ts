import { createHash } from "node:crypto";
import type { ConnectionFacts, RouteFacts } from "../audit/record/exchange-record.ts";
import type { ApiMatch } from "../elasticsearch/api/api-endpoint.ts";
import { mayNameOthers } from "../elasticsearch/api/naming-bodies.ts";
import { networkOf } from "../net/client-network.ts";
import type { TrustedProxies } from "../net/trusted-proxies.ts";
import { clientAddress } from "./forwarded-fields.ts";
import type { RateLimit } from "./rate-limit.ts";
import { pathReadings } from "./path-readings.ts";
import type { HashKey, Route, RoutedRequest } from "./router.ts";

/** What consistent hashing hashes of a request; "" when the request has none of it. */
export function hashKeyOf(
  key: HashKey,
  request: RoutedRequest,
  facts: ConnectionFacts,
  trusted: TrustedProxies,
): string {
  switch (key.by) {
    case "client_address":
      return clientOf(request, facts, trusted);
    case "path":
      // Elasticsearch's reading; a path with too many readings is hashed as received.
      return pathReadings(request.target)?.[0]?.join("/") ?? request.target;
    case "header":
      return request.fieldValues(key.name).join(", ");
    case "cookie":
      return cookieOf(request, key.name);
  }
}

/**
 * Takes a token for the request's client. @returns 0 when it may pass, else the seconds after which
 * it may come again.
 */
export function admission(
  limit: RateLimit,
  request: RoutedRequest,
  facts: ConnectionFacts,
  trusted: TrustedProxies,
  nowMs: number,
): number {
  return limit.take(clientKey(limit, request, facts, trusted), nowMs);
}

/** The user counts by credential: names can be claimed, and the table must hold no secret. */
function clientKey(
  limit: RateLimit,
  request: RoutedRequest,
  facts: ConnectionFacts,
  trusted: TrustedProxies,
): string {
  if (limit.options.by === "user") {
    const [authorization] = request.fieldValues("authorization");
    if (authorization !== undefined)
      return createHash("sha256").update(authorization, "latin1").digest("base64");
    if (facts.tls?.clientCertificate !== undefined)
      return facts.tls.clientCertificate.fingerprint256;
  }
  return networkOf(clientOf(request, facts, trusted));
}

/**
 * Whose share of a pool's connections and queue a request counts for.
 *
 * @param own the same for requests without a trusted proxy
 */
export function shareKeyOf(
  request: RoutedRequest,
  facts: ConnectionFacts,
  trusted: TrustedProxies,
  own: string,
): string {
  return trusted.isEmpty ? own : networkOf(clientOf(request, facts, trusted));
}

/**
 * The client's own address; behind a trusted proxy the one that the proxy reports (RFC 7239 §5.2).
 */
export function clientOf(
  request: RoutedRequest,
  facts: ConnectionFacts,
  trusted: TrustedProxies,
): string {
  if (trusted.isEmpty) return facts.peerAddress;
  return clientAddress(
    facts.peerAddress,
    request.fieldValues("x-forwarded-for").join(","),
    request.fieldValues("forwarded").join(","),
    trusted,
  );
}

function cookieOf(request: RoutedRequest, name: string): string {
  for (const line of request.fieldValues("cookie"))
    for (const pair of line.split(";")) {
      const at = pair.indexOf("=");
      if (at !== -1 && pair.slice(0, at).trim() === name) return pair.slice(at + 1).trim();
    }
  return "";
}

/** How a call is recorded: a route says it of the index that its path begins with only. */
export function factsOf(
  { facts, factsOfOthers, segments: [index = ""] }: Route,
  match: ApiMatch,
): RouteFacts {
  return factsOfOthers !== undefined && mayNameOthers(match, index) ? factsOfOthers : facts;
}
