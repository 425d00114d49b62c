import { ipv4, ipv6, latin1, uint16, type Match } from "./match.ts";

/** The request of a SOCKS client. */
export interface SocksRequest {
  readonly kind: "request";
  readonly version: "4" | "4a" | "5";
  readonly command: "connect" | "bind" | "udp-associate";
  /** IP address, or with 4a and 5 a name, as sent; without brackets. */
  readonly host: string;
  readonly port: number;
  /** `host:port`, with brackets where needed: fit for a decision's `remote`. */
  readonly remote: string;
  /** User id of SOCKS 4; empty with 5. */
  readonly user: string;
  /** Bytes of the request, with 5 of the greeting too: what follows is for the server. */
  readonly length: number;
}

/**
 * A SOCKS 5 greeting and nothing more: the client waits for the choice of a method, `05 00` for
 * none.
 */
export interface SocksGreeting {
  readonly kind: "greeting";
  /** Offered methods; 0 is "no authentication required". */
  readonly methods: readonly number[];
}

/** A SOCKS 4 request (and, where its address is 0.0.0.x, a 4a one). */
export function socks4(data: Uint8Array): Match<SocksRequest> {
  if (data.length === 0) return undefined;
  if (data[0] !== 4 || (data.length > 1 && data[1] !== 1 && data[1] !== 2)) return null;
  if (data.length < 9) return undefined;
  const userEnd = data.indexOf(0, 8);
  if (userEnd < 0) return data.length > 8 + longestText ? null : undefined;
  const facts = {
    command: data[1] === 1 ? "connect" : "bind",
    port: uint16(data, 2),
    user: latin1(data, 8, userEnd),
  } as const;
  // SOCKS 4a: an address that cannot exist stands for a name that follows.
  if (data[4] !== 0 || data[5] !== 0 || data[6] !== 0 || data[7] === 0)
    return request({ version: "4", host: ipv4(data, 4), length: userEnd + 1, ...facts });
  const nameEnd = data.indexOf(0, userEnd + 1);
  if (nameEnd < 0) return data.length > userEnd + 1 + longestText ? null : undefined;
  if (nameEnd === userEnd + 1) return null;
  return request({
    version: "4a",
    host: latin1(data, userEnd + 1, nameEnd),
    length: nameEnd + 1,
    ...facts,
  });
}

/** The same as {@link socks4}, for requests with a name only; one with an address is `null`. */
export function socks4a(data: Uint8Array): Match<SocksRequest> {
  const found = socks4(data);
  if (found === undefined || found === null || found.version === "4a") return found;
  return null;
}

/**
 * A SOCKS 5 greeting (RFC 1928 §3), and with the bytes that come after its answer, the request
 * (§4).
 *
 * When there is only the greeting, answer it with `{noop: true, reply: Buffer.from([5, 0])}`; the
 * next call has both.
 */
export function socks5(data: Uint8Array): Match<SocksGreeting | SocksRequest> {
  if (data.length === 0) return undefined;
  if (data[0] !== 5 || data[1] === 0) return null;
  const start = 2 + (data[1] ?? 0);
  if (data.length < 2 || data.length < start) return undefined;
  if (data.length === start) return { kind: "greeting", methods: [...data.subarray(2, start)] };
  if (data[start] !== 5) return null;
  if (data.length > start + 1 && commands[data[start + 1] ?? 0] === undefined) return null;
  if (data.length > start + 2 && data[start + 2] !== 0) return null;
  if (data.length < start + 5) return undefined;
  const command = commands[data[start + 1] ?? 0];
  const address = socks5Address(data, start + 3);
  if (address === null || command === undefined) return null;
  if (address === undefined || data.length < address.end + 2) return undefined;
  const { host, end } = address;
  return request({
    version: "5",
    command,
    host,
    port: uint16(data, end),
    user: "",
    length: end + 2,
  });
}

function socks5Address(
  data: Uint8Array,
  at: number,
): Match<{ readonly host: string; readonly end: number }> {
  const end = at + 1 + (addressLengths[data[at] ?? 0] ?? 1 + (data[at + 1] ?? 0));
  switch (data[at] ?? 0) {
    case 1:
      return data.length < end ? undefined : { host: ipv4(data, at + 1), end };
    case 3:
      if (data[at + 1] === 0) return null;
      return data.length < end ? undefined : { host: latin1(data, at + 2, end), end };
    case 4:
      return data.length < end ? undefined : { host: ipv6(data, at + 1), end };
    default:
      return null;
  }
}

function request(facts: Omit<SocksRequest, "kind" | "remote">): SocksRequest {
  const { host, port } = facts;
  return {
    kind: "request",
    ...facts,
    remote: host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`,
  };
}

const commands: Readonly<Record<number, SocksRequest["command"]>> = {
  1: "connect",
  2: "bind",
  3: "udp-associate",
};
const addressLengths: Readonly<Record<number, number>> = { 1: 4, 4: 16 };
/** The protocol names no bound for user and host; names have at most 255 bytes. */
const longestText = 255;
