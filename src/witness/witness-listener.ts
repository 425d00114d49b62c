/** The witness over HTTP (c2sp.org/tlog-witness): `add-checkpoint`, and the newest checkpoints. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";

import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";
import { limitConnections } from "../net/connection-limit.ts";
import { removeStaleSocket } from "../net/socket-listener.ts";
import type { ListenAddress, ListenerTls } from "../net/socket-listener.ts";
import { TlsFiles } from "../net/tls-files.ts";
import type { Witness, WitnessAnswer } from "./witness.ts";

export interface WitnessListenerOptions {
  readonly bind: ListenAddress;
  readonly tls: ListenerTls | undefined;
  readonly log: Log;
}

/**
 * Strangers may connect. A body holds 63 hashes and a checkpoint; 64 signatures of ML-DSA-44, which
 * are the longest, have 215 kB.
 */
const limits = {
  headerBytes: 8192,
  bodyBytes: 262_144,
  headersMs: 5000,
  requestMs: 10_000,
  keepAliveMs: 60_000,
  connections: 256,
} as const;

const checkpointPath = /^\/([0-9a-f]{64})\/checkpoint$/;

/** Node's own HTTP server around a {@link Witness}. */
export class WitnessListener {
  readonly #options: WitnessListenerOptions;
  readonly #witness: Witness;
  readonly #server: http.Server;
  readonly #files: TlsFiles | undefined;

  private constructor(options: WitnessListenerOptions, witness: Witness) {
    this.#options = options;
    this.#witness = witness;
    const settings: http.ServerOptions = {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: 1000,
      insecureHTTPParser: false,
      requireHostHeader: true,
    };
    const { tls, log } = options;
    if (tls === undefined) this.#server = http.createServer(settings);
    else {
      const files = new TlsFiles({ ...tls, caFile: tls.clientCaFile }, log);
      const asksClient = tls.clientCaFile !== undefined;
      const server = https.createServer({
        ...settings,
        ...files.options,
        requestCert: asksClient,
        rejectUnauthorized: asksClient && tls.clientAuth === "require",
      });
      files.onChange(() => server.setSecureContext(files.options));
      this.#files = files;
      this.#server = server;
    }
    limitConnections(this.#server, limits.connections);
    this.#server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) =>
      this.#onRequest(request, response),
    );
    this.#server.on("upgrade", (_: http.IncomingMessage, socket: Socket) => socket.destroy());
  }

  /** @throws {ProxyError} ESP_ERR_LISTEN or ESP_ERR_TLS_FILE, naming what it is about */
  static async open(options: WitnessListenerOptions, witness: Witness): Promise<WitnessListener> {
    const self = new WitnessListener(options, witness);
    const { bind, log } = options;
    try {
      if (bind.kind === "unix") {
        await removeStaleSocket(bind.path);
        self.#server.listen({ path: bind.path });
        self.#server.once("listening", () => chmodSync(bind.path, 0o600));
      } else self.#server.listen({ host: bind.host, port: bind.port, exclusive: true });
      await once(self.#server, "listening");
    } catch (cause) {
      self.#files?.close();
      const reason = errorCode(cause);
      const place = bind.kind === "unix" ? `unix:${bind.path}` : `${bind.host}:${bind.port}`;
      const message = `the witness cannot listen on ${place}: ${reason}`;
      throw new ProxyError("ESP_ERR_LISTEN", message, { cause });
    }
    self.#server.on("error", () => log.error({}, "the listener of the witness failed"));
    return self;
  }

  /** `http://host:port`, `https://…` or `unix:/path`. */
  get url(): string {
    const { bind, tls } = this.#options;
    if (bind.kind === "unix") return `unix:${bind.path}`;
    const address = this.#server.address();
    const port = address !== null && typeof address === "object" ? address.port : bind.port;
    const host = bind.host.includes(":") ? `[${bind.host}]` : bind.host;
    return `${tls === undefined ? "http" : "https"}://${host}:${port}`;
  }

  /** Ends the listener and its connections; an answer that is being written is finished first. */
  async close(): Promise<void> {
    this.#files?.close();
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeIdleConnections();
    const timer = setTimeout(() => this.#server.closeAllConnections(), 1000);
    await closed;
    clearTimeout(timer);
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
      if (length <= limits.bodyBytes) pieces.push(piece);
      else if (!response.headersSent) {
        response.setHeader("connection", "close");
        send(request, response, plain(413, `a body has at most ${limits.bodyBytes} bytes`));
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
