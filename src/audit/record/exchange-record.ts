import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import type { CertificateFacts, Identity } from "../../elasticsearch/identity/identity.ts";
import { BodyFacts } from "./body-facts.ts";
import type { PendingRecord } from "./pending-record.ts";
import type { RecordedFacts } from "./recorded-facts.ts";
import type { SniffFacts } from "./sniff-facts.ts";

/**
 * How an exchange ended; exactly one per exchange. `crash_recovered` is written by the next
 * process.
 */
export type Outcome =
  | "completed"
  | "client_aborted"
  | "upstream_failed"
  | "timed_out"
  | "malformed"
  | "rejected"
  | "shutdown"
  | "crash_recovered";

/** What is known of a client's TLS session. */
export interface TlsFacts {
  /** As Node names it: `TLSv1.3`. */
  readonly version: string;
  readonly cipher: string;
  /** SNI. */
  readonly serverName?: string | undefined;
  readonly clientCertificate?: CertificateFacts | undefined;
}

/**
 * How it is known who the client is: `peer` by the connection alone, `proxy_protocol` by the header
 * of a trusted peer, `forwarded_fields` by what a trusted peer says in the request; `untrusted`:
 * the request makes claims that are not believed.
 */
export type ClientEvidence = "peer" | "proxy_protocol" | "forwarded_fields" | "untrusted";

/** What does not change while a client connection lives. Make one with `connectionFacts`. */
export interface ConnectionFacts {
  readonly listener: string;
  readonly peerAddress: string;
  readonly peerPort: number;
  readonly localAddress: string;
  readonly localPort: number;
  /**
   * The TCP peer, where a PROXY protocol header says that it speaks for `peerAddress`; `undefined`:
   * the peer itself is the client.
   */
  readonly proxy: { readonly address: string; readonly port: number } | undefined;
  readonly tls: TlsFacts | undefined;
  /** @internal The encoder's own: what it rendered last for this connection. */
  rendered: object | undefined;
}

/** What does not change while a configuration lives. Make one with `routeFacts`. */
export interface RouteFacts {
  readonly name: string;
  readonly pool: string;
  /**
   * `none`: no records. `metadata`: records without body content. `facts`: the same, with what the
   * bodies say of indices and documents. `full`: records with bodies.
   */
  readonly level: "none" | "metadata" | "facts" | "full";
  /** What happens to a request whose record cannot be stored. */
  readonly onFailure: "continue" | "reject";
  /** @internal The encoder's own: what it rendered for this route. */
  rendered: object | undefined;
}

/** Makes the facts of one client connection, in the one shape that the hot path knows. */
export function connectionFacts(
  facts: Omit<ConnectionFacts, "rendered" | "proxy"> & Partial<Pick<ConnectionFacts, "proxy">>,
): ConnectionFacts {
  return {
    listener: facts.listener,
    peerAddress: facts.peerAddress,
    peerPort: facts.peerPort,
    localAddress: facts.localAddress,
    localPort: facts.localPort,
    proxy: facts.proxy,
    tls: facts.tls,
    rendered: undefined,
  };
}

/** Makes the facts of one route. */
export function routeFacts(facts: Omit<RouteFacts, "rendered">): RouteFacts {
  return {
    name: facts.name,
    pool: facts.pool,
    level: facts.level,
    onFailure: facts.onFailure,
    rendered: undefined,
  };
}

/**
 * Everything that is recorded of one exchange; filled in by the relay, read by the encoders.
 * Strings from the wire are latin1: one char per byte.
 */
export class ExchangeRecord implements PendingRecord {
  readonly connection: ConnectionFacts;
  /** UUIDv7. When it is still empty at `request()`, the audit sets it. */
  id = "";
  route: RouteFacts | undefined = undefined;
  /** Monotonic milliseconds (`Clock.now()`) at which the head had arrived. */
  startedMs = 0;
  method = "";
  target = "";
  version = "1.1";
  host: string | undefined = undefined;
  userAgent: string | undefined = undefined;
  authorization: string | undefined = undefined;
  opaqueId: string | undefined = undefined;
  requestId: string | undefined = undefined;
  traceparent: string | undefined = undefined;
  contentType: string | undefined = undefined;
  contentEncoding: string | undefined = undefined;
  accept: string | undefined = undefined;
  runAs: string | undefined = undefined;
  forwardedFor: string | undefined = undefined;
  forwarded: string | undefined = undefined;
  /** Address of the client, as far as it is known from somebody who is believed. */
  clientAddress: string;
  clientEvidence: ClientEvidence;
  clientMeta: string | undefined = undefined;
  productOrigin: string | undefined = undefined;
  readonly requestBody = new BodyFacts();
  /** Tries at endpoints so far. */
  attempts = 0;
  /** `127.0.0.1:19200`, or empty when none was chosen. */
  endpoint = "";
  upstreamReused = false;
  /** Status sent to the client; 0: none. */
  status = 0;
  responseContentType: string | undefined = undefined;
  responseContentEncoding: string | undefined = undefined;
  readonly responseBody = new BodyFacts();
  /** Monotonic milliseconds at which the first byte of the final response arrived; 0: never. */
  firstByteMs = 0;
  /** Monotonic milliseconds; 0: not set, the audit uses the time of the call. */
  endedMs = 0;
  outcome: Outcome = "completed";
  /** `ESP_ERR_…`, or empty. */
  errorCode = "";
  /** `undefined`: the answer tells no addresses of nodes. */
  sniff: SniffFacts | undefined = undefined;
  /** Bytes received from the client, head included. */
  bytesReceived = 0;
  /** Bytes sent to the client, head included. */
  bytesSent = 0;

  /** @internal from here on: set by the audit */
  apiMatch: ApiMatch | undefined = undefined;
  /** The encoder's own: what it rendered for the target. */
  rendered: object | undefined = undefined;
  identity: Identity | undefined = undefined;
  /** What its bodies say, where the route's level is `facts`. */
  facts: RecordedFacts | undefined = undefined;
  /** Progress: 0 new, 1 request record appended, 2 terminal record appended. */
  phase = 0;
  /** The request record could not be stored and the request was refused. */
  wasRefused = false;
  /** Number of the segment which the request record was appended to. */
  segment = 0;
  previousOpen: PendingRecord | undefined = undefined;
  nextOpen: PendingRecord | undefined = undefined;

  constructor(connection: ConnectionFacts) {
    this.connection = connection;
    this.clientAddress = connection.peerAddress;
    this.clientEvidence = connection.proxy === undefined ? "peer" : "proxy_protocol";
  }
}
