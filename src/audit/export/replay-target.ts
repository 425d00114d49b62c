/** Sends recorded requests to a server, with credentials that are given. */
import { Buffer } from "node:buffer";
import type { Readable } from "node:stream";

import { Agent } from "undici";

import { mostComparedBytes } from "./body-comparison.ts";
import type { RecordedRequest } from "./recorded-request.ts";

/** Where requests go. */
export interface ReplayTargetOptions {
  /** Scheme, host, port, and a path that stands before every target. */
  readonly url: string;
  /** Value of `Authorization`; `undefined`: none is sent. */
  readonly authorization: string | undefined;
  /** Authorities for the server's certificate, PEM; `undefined`: those of Node.js. */
  readonly ca: string | undefined;
  /** The certificate is not looked at. */
  readonly isInsecure: boolean;
  readonly connections: number;
  /** Until the answer's head, and between two pieces of its body. */
  readonly timeoutMs: number;
}

/** An answer. */
export interface ReplayedAnswer {
  readonly status: number;
  /** `Content-Encoding`. */
  readonly coding: string | undefined;
  readonly body: Buffer;
  /** It was larger than what is compared; `body` is its beginning. */
  readonly isCut: boolean;
  /** Until its last byte. */
  readonly milliseconds: number;
}

/** Fields of the connection, and the credential of the recorded request. */
const withheld = new Set([
  "authorization",
  "connection",
  "content-length",
  "expect",
  "host",
  "keep-alive",
  "te",
  "transfer-encoding",
  "upgrade",
]);
/** Scheme and host of a target in absolute form (RFC 9112 §3.2.2). */
const absoluteStart = /^https?:\/\/[^/?#]*/i;

/** A server; `close` ends its connections. */
export class ReplayTarget {
  readonly #agent: Agent;
  readonly #authorization: string | undefined;
  readonly #origin: string;
  readonly #prefix: string;

  constructor(options: ReplayTargetOptions) {
    const { origin, pathname } = new URL(options.url);
    this.#authorization = options.authorization;
    this.#origin = origin;
    this.#prefix = pathname.replace(/\/$/, "");
    this.#agent = new Agent({
      connections: options.connections,
      headersTimeout: options.timeoutMs,
      bodyTimeout: options.timeoutMs,
      allowH2: false,
      connect: {
        timeout: options.timeoutMs,
        rejectUnauthorized: !options.isInsecure,
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      },
    });
  }

  /**
   * Sends a request. Redirects are not followed.
   *
   * @param body as it was received, in its content coding; `undefined`: there is none
   * @throws {Error} when no whole answer comes
   */
  async send(request: RecordedRequest, body: Readable | undefined): Promise<ReplayedAnswer> {
    const startMs = performance.now();
    const { statusCode, headers, ...answer } = await this.#agent.request({
      origin: this.#origin,
      path: this.#prefix + request.target.replace(absoluteStart, ""),
      // Whatever method a client has sent.
      method: request.method,
      headers: this.#headers(request),
      body: body ?? null,
    });
    const pieces: Buffer[] = [];
    let length = 0;
    for await (const piece of answer.body as AsyncIterable<Buffer>) {
      if (length <= mostComparedBytes) pieces.push(piece);
      length += piece.length;
    }
    const coding = headers["content-encoding"];
    return {
      status: statusCode,
      coding: Array.isArray(coding) ? coding.join(",") : coding,
      body: Buffer.concat(pieces),
      isCut: length > mostComparedBytes,
      milliseconds: performance.now() - startMs,
    };
  }

  async close(): Promise<void> {
    await this.#agent.close();
  }

  #headers(request: RecordedRequest): Record<string, string> {
    const headers: Record<string, string> = {};
    for (const [name, value] of request.headers) if (!withheld.has(name)) headers[name] = value;
    if (this.#authorization !== undefined) headers["authorization"] = this.#authorization;
    return headers;
  }
}
