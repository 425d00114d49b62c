/** The witness over HTTP (c2sp.org/tlog-witness): `add-checkpoint`, and the newest checkpoints. */
import { Buffer } from "node:buffer";
import type * as http from "node:http";

import type { Log } from "../core/log.ts";
import { ServiceServer } from "../net/service-server.ts";
import type { ListenAddress, ListenerTls } from "../net/socket-listener.ts";
import type { Witness, WitnessAnswer } from "./witness.ts";

export interface WitnessListenerOptions {
  readonly bind: ListenAddress;
  readonly tls: ListenerTls | undefined;
  readonly log: Log;
}

/** Strangers may connect. */
const limits = { keepAliveMs: 60_000, connections: 256 } as const;
/** 63 hashes and a checkpoint; 64 signatures of ML-DSA-44, which are the longest, have 215 kB. */
const maxBodyBytes = 262_144;
/** How long answers that are being written may take to end. Milliseconds. */
const closeGraceMs = 1000;

const checkpointPath = /^\/([0-9a-f]{64})\/checkpoint$/;

/** A {@link Witness} behind Node's own HTTP server. */
export class WitnessListener {
  readonly #witness: Witness;
  readonly #server: ServiceServer;

  private constructor(options: WitnessListenerOptions, witness: Witness) {
    this.#witness = witness;
    this.#server = new ServiceServer({
      ...options,
      name: "witness",
      limits,
      onRequest: (request, response) => this.#onRequest(request, response),
    });
  }

  /** @throws {ProxyError} ESP_ERR_LISTEN or ESP_ERR_TLS_FILE, naming what it is about */
  static async open(options: WitnessListenerOptions, witness: Witness): Promise<WitnessListener> {
    const self = new WitnessListener(options, witness);
    await self.#server.open();
    return self;
  }

  /** `http://host:port`, `https://…` or `unix:/path`. */
  get url(): string {
    return this.#server.url;
  }

  /** Ends the listener and its connections; an answer that is being written is finished first. */
  async close(): Promise<void> {
    await this.#server.close(closeGraceMs);
  }

  #onRequest(request: http.IncomingMessage, response: http.ServerResponse): void {
    const { method = "", url = "" } = request;
    const [, id] = checkpointPath.exec(url) ?? [];
    if (id !== undefined && (method === "GET" || method === "HEAD"))
      return send(request, response, this.#witness.latest(id));
    if (url !== "/add-checkpoint" && id === undefined)
      return send(request, response, plain(404, "not found"));
    if (method === "POST" && id === undefined) return this.#addCheckpoint(request, response);
    response.setHeader("allow", id === undefined ? "POST" : "GET, HEAD");
    send(request, response, plain(405, "method not allowed"));
  }

  /** Collects the body, within the limit; the server's own timeout bounds how long that takes. */
  #addCheckpoint(request: http.IncomingMessage, response: http.ServerResponse): void {
    const pieces: Buffer[] = [];
    let length = 0;
    request.on("data", (piece: Buffer) => {
      length += piece.length;
      if (length <= maxBodyBytes) pieces.push(piece);
      else if (!response.headersSent) {
        response.setHeader("connection", "close");
        send(request, response, plain(413, `a body has at most ${maxBodyBytes} bytes`));
      }
    });
    request.on("end", () => {
      if (!response.headersSent)
        send(request, response, this.#witness.addCheckpoint(Buffer.concat(pieces)));
    });
    // A client that leaves has no answer to get; what it has sent so far is dropped.
    request.on("error", () => response.destroy());
  }
}

function send(
  request: http.IncomingMessage,
  response: http.ServerResponse,
  { status, contentType, body }: WitnessAnswer,
): void {
  const bytes = Buffer.from(body);
  response.writeHead(status, {
    "content-type": contentType,
    "content-length": String(bytes.length),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  response.end(request.method === "HEAD" ? undefined : bytes);
}

function plain(status: number, text: string): WitnessAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: `${text}\n` };
}
