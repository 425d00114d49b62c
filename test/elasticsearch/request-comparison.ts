import assert from "node:assert/strict";

/** A request as a server received it. */
export interface ReceivedRequest {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, in the order and case received. */
  readonly headers: readonly string[];
  readonly bodySha256: string;
}

/** Fields of one connection, which a proxy must not pass on (RFC 9110 §7.6.1). */
const hopByHop = new Set(["connection", "keep-alive"]);

/**
 * Asserts that requests which were sent both directly and through the proxy arrived alike: method,
 * raw target, every field in its order and case, and the body.
 *
 * Which way a request came is seen from its `Host`, which the proxy passes on; its value is the one
 * thing that differs.
 *
 * @param directHost `Host` of the requests that were sent directly
 * @returns number of pairs compared
 */
export function assertSameRequests(
  requests: readonly ReceivedRequest[],
  directHost: string,
): number {
  const direct = requests.filter((request) => hostOf(request) === directHost);
  const proxied = requests.filter((request) => hostOf(request) !== directHost);
  assert.deepEqual(proxied.map(comparable), direct.map(comparable));
  return direct.length;
}

/**
 * The same for requests that were sent in turn, first directly and then through the proxy, with the
 * same `Host`.
 */
export function assertAlternatingRequests(requests: readonly ReceivedRequest[]): number {
  assert.equal(requests.length % 2, 0, "a request arrived on one way only");
  for (let at = 0; at < requests.length; at += 2) {
    const [direct, proxied] = requests.slice(at, at + 2);
    assert.ok(direct !== undefined && proxied !== undefined);
    assert.deepEqual(
      [proxied.method, proxied.target, proxied.headers, proxied.bodySha256],
      [direct.method, direct.target, direct.headers, direct.bodySha256],
    );
  }
  return requests.length / 2;
}

/** The value of `Host`. */
export function hostOf(request: ReceivedRequest): string {
  const at = request.headers.findIndex(
    (name, index) => index % 2 === 0 && name.toLowerCase() === "host",
  );
  return request.headers[at + 1] ?? "";
}

function comparable(request: ReceivedRequest): unknown {
  // A scroll id belongs to one run, and with it the body and its length.
  const hasScrollId = request.target.startsWith("/_search/scroll");
  const fields: string[] = [];
  for (let at = 0; at < request.headers.length; at += 2) {
    const name = request.headers[at] ?? "";
    if (hopByHop.has(name.toLowerCase())) continue;
    if (hasScrollId && name.toLowerCase() === "content-length") continue;
    fields.push(
      name.toLowerCase() === "host" ? `${name}: <host>` : `${name}: ${request.headers[at + 1]}`,
    );
  }
  const body = hasScrollId ? "<scroll id>" : request.bodySha256;
  return { method: request.method, target: request.target, fields, body };
}
