/** The admin listener: status, health, metrics and control on an address of their own. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { chmodSync } from "node:fs";
import * as http from "node:http";
import * as https from "node:https";
import type { Socket } from "node:net";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";
import type { ListenAddress, ListenerTls } from "../net/socket-listener.ts";
import { removeStaleSocket } from "../net/socket-listener.ts";
import { TlsFiles } from "../net/tls-files.ts";
import type { Page, PageAnswer, PageName } from "./admin-pages.ts";
import { json, pages } from "./admin-pages.ts";
import type { AdminSource } from "./admin-source.ts";
import { BearerToken } from "../net/bearer-token.ts";
import { isLocalRequest } from "../net/local-request.ts";
import { limitConnections } from "../net/connection-limit.ts";

export interface AdminOptions {
  readonly bind: ListenAddress;
  /** `undefined`: every client that can connect is served. */
  readonly tokenFile: string | undefined;
  readonly tls: ListenerTls | undefined;
  readonly hide: readonly PageName[];
  readonly log: Log;
}

/** Small on purpose: this listener serves a scraper, a probe and an operator. */
const limits = {
  headerBytes: 8192,
  headersMs: 5000,
  requestMs: 10_000,
  keepAliveMs: 15_000,
  connections: 64,
} as const;

/**
 * Status, health, metrics and control, on an address of their own and through Node's own HTTP
 * server: nothing here is on the data path. Requests have no body. Answers are never cached. `HEAD`
 * works wherever `GET` does.
 */
export class AdminListener {
  #options: AdminOptions;
  readonly #server: http.Server;
  readonly #source: AdminSource;
  #token: BearerToken | undefined;
  readonly #files: TlsFiles | undefined;

  private constructor(options: AdminOptions, source: AdminSource) {
    this.#options = options;
    this.#source = source;
    this.#token = tokenOf(options);
    const settings: http.ServerOptions = {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.headersMs,
      requestTimeout: limits.requestMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: 1000,
      insecureHTTPParser: false,
      requireHostHeader: true,
    };
    const { tls } = options;
    if (tls === undefined) this.#server = http.createServer(settings);
    else {
      const files = new TlsFiles({ ...tls, caFile: tls.clientCaFile }, options.log);
      const asksClient = tls.clientCaFile !== undefined;
      const rejects = asksClient && tls.clientAuth === "require";
      const server = https.createServer({
        ...settings,
        ...files.options,
        requestCert: asksClient,
        rejectUnauthorized: rejects,
      });
      files.onChange(() => server.setSecureContext(files.options));
      this.#files = files;
      this.#server = server;
    }
    limitConnections(this.#server, limits.connections);
    this.#server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
      void this.#answer(request, response);
    });
    this.#server.on("upgrade", (_request: http.IncomingMessage, socket: Socket) =>
      socket.destroy(),
    );
  }

  /**
   * @throws {ProxyError} ESP_ERR_LISTEN, ESP_ERR_TLS_FILE or ESP_ERR_CONFIG (the token file),
   *   naming what it is about.
   */
  static async open(options: AdminOptions, source: AdminSource): Promise<AdminListener> {
    const self = new AdminListener(options, source);
    const { bind } = options;
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
      throw new ProxyError(
        "ESP_ERR_LISTEN",
        `the admin listener cannot listen on ${place}: ${reason}`,
        { cause },
      );
    }
    self.#server.on("error", () => options.log.error({}, "the admin listener failed"));
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

  /**
   * Follows changed options without touching the socket; the token file is read again. @throws
   * {ProxyError} ESP_ERR_CONFIG
   */
  update(options: AdminOptions): void {
    this.#token = tokenOf(options);
    this.#options = options;
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

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const headers: Record<string, string> = {
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    };
    let answer: PageAnswer;
    try {
      answer = await this.#page(request, headers);
    } catch (error) {
      this.#options.log.error(
        { error: error instanceof Error ? error.name : "unknown" },
        "an admin request failed",
      );
      answer = json(500, { error: "internal error" });
    }
    const body = Buffer.from(answer.body);
    headers["content-type"] = answer.contentType;
    headers["content-length"] = String(body.length);
    if (hasBody(request) || this.#source.state === "draining") headers["connection"] = "close";
    response.writeHead(answer.status, headers).end(request.method === "HEAD" ? undefined : body);
  }

  async #page(request: http.IncomingMessage, headers: Record<string, string>): Promise<PageAnswer> {
    const { method = "", url = "" } = request;
    const path = url.split("?", 1)[0] ?? "";
    const page: Page | undefined = Object.hasOwn(pages, path) ? pages[path] : undefined;
    // Without a token only clients of this machine are served. Their `Host` is checked, so that no
    // web page can ask through a browser.
    if (this.#token === undefined && !isLocalRequest(request))
      return json(403, { error: "only local requests are answered without a token" });
    if (page?.isOpen !== true && this.#token?.accepts(request.headers.authorization) === false) {
      headers["www-authenticate"] = 'Bearer realm="es-proxy"';
      return json(401, { error: "a bearer token is required" });
    }
    if (page === undefined || (page.name !== undefined && this.#options.hide.includes(page.name)))
      return json(404, { error: "not found" });
    if (!page.methods.includes(method)) {
      headers["allow"] = page.methods.join(", ");
      return json(405, { error: "method not allowed" });
    }
    if (hasBody(request)) return json(413, { error: "requests have no body here" });
    return page.answer(this.#source);
  }
}

function tokenOf({ tokenFile }: AdminOptions): BearerToken | undefined {
  return tokenFile === undefined ? undefined : BearerToken.fromFile(tokenFile);
}

function hasBody({ headers }: http.IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
}
