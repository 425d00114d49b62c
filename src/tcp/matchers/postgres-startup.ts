import { uint16, uint32, utf8, type Match } from "./match.ts";

/** The first message of a PostgreSQL client. */
export type PostgresStartup =
  /** It asks for encryption and waits for one byte: `N` for no, `S` and a TLS handshake for yes. */
  | { readonly kind: "ssl-request" | "gss-request" }
  /** It cancels a query that runs on another connection. */
  | { readonly kind: "cancel"; readonly processId: number; readonly length: number }
  | PostgresSession;

/** The startup message of a session. */
export interface PostgresSession {
  readonly kind: "startup";
  readonly user: string;
  /**
   * As sent; the server's default, when none was sent, is the user's name, and that is what stands
   * here.
   */
  readonly database: string;
  /** All parameters, `user` and `database` included. */
  readonly parameters: ReadonlyMap<string, string>;
  /** Protocol version, major and minor: `3.0`. */
  readonly version: string;
  /** Where the message begins: behind the encryption requests that were answered with `N`. */
  readonly offset: number;
  /** Offset of the first byte behind it. */
  readonly length: number;
}

/**
 * Reads the first message of a PostgreSQL client (protocol 3, "Message Formats": SSLRequest,
 * GSSENCRequest, CancelRequest, StartupMessage).
 *
 * When there is only a request for encryption, answer it with `{noop: true, reply: "N"}`; the next
 * call has the startup message behind it. Forward that with `data: data.subarray(startup.offset)`.
 */
export function postgresStartup(data: Uint8Array): Match<PostgresStartup> {
  let offset = 0;
  // Each of the two requests for encryption may come once.
  for (let requests = 0; requests <= 2; requests += 1) {
    const length = uint32(data, offset);
    if (data.length >= offset + 4 && (length < 8 || length > mostBytes)) return null;
    if (data.length > offset && data[offset] !== 0) return null;
    if (data.length < offset + 8) return undefined;
    const code = uint32(data, offset + 4);
    if (code !== sslRequest && code !== gssRequest) return readMessage(data, offset, length, code);
    if (length !== 8 || requests === 2) return null;
    offset += 8;
    if (data.length === offset)
      return { kind: code === sslRequest ? "ssl-request" : "gss-request" };
  }
  return null;
}

function readMessage(
  data: Uint8Array,
  offset: number,
  length: number,
  code: number,
): Match<PostgresStartup> {
  const end = offset + length;
  if (code === cancelRequest) {
    if (length < 16) return null;
    return data.length < end
      ? undefined
      : { kind: "cancel", processId: uint32(data, offset + 8), length: end };
  }
  if (uint16(data, offset + 4) !== 3) return null;
  if (data.length < end) return undefined;
  const parameters = readParameters(data, offset + 8, end);
  const user = parameters?.get("user");
  if (parameters === null || user === undefined) return null;
  const version = `3.${uint16(data, offset + 6)}`;
  return {
    kind: "startup",
    user,
    database: parameters.get("database") || user,
    parameters,
    version,
    offset,
    length: end,
  };
}

/** Pairs of texts, each ended by NUL, and one more NUL at the end. */
function readParameters(
  data: Uint8Array,
  from: number,
  end: number,
): ReadonlyMap<string, string> | null {
  const parameters = new Map<string, string>();
  let at = from;
  while (at < end && data[at] !== 0) {
    const nameEnd = data.indexOf(0, at);
    const valueEnd = nameEnd < 0 ? -1 : data.indexOf(0, nameEnd + 1);
    if (valueEnd < 0 || valueEnd >= end) return null;
    parameters.set(utf8(data, at, nameEnd), utf8(data, nameEnd + 1, valueEnd));
    at = valueEnd + 1;
  }
  return at === end - 1 ? parameters : null;
}

const sslRequest = 80_877_103;
const gssRequest = 80_877_104;
const cancelRequest = 80_877_102;
/** The server's own limit (MAX_STARTUP_PACKET_LENGTH). */
const mostBytes = 10_000;
