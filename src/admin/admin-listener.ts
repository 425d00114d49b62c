/** The admin listener: status, health, metrics and control on an address of their own. */
import { Buffer } from "node:buffer";
import type * as http from "node:http";
import type { Log } from "../core/log.ts";
import type { ListenAddress, ListenerTls } from "../net/socket-listener.ts";
import { ServiceServer } from "../net/service-server.ts";
import type { Page, PageAnswer, PageName } from "./admin-pages.ts";
import { json, pages } from "./admin-pages.ts";
import type { AdminSource } from "./admin-source.ts";
import { BearerToken } from "../net/bearer-token.ts";
import { isLocalRequest } from "../net/local-request.ts";

export interface AdminOptions {
  readonly bind: ListenAddress;
  /** `undefined`: every client that can connect is served. */
  readonly tokenFile: string | undefined;
  readonly tls: ListenerTls | undefined;
  readonly hide: readonly PageName[];
  readonly log: Log;
}

/**
 * Status, health, metrics and control, on an address of their own and through Node's own HTTP
 * server: nothing here is on the data path. Requests have no body. Answers are never cached. `HEAD`
 * works wherever `GET` does.
 */
export class AdminListener {
  #options: AdminOptions;
  readonly #server: ServiceServer;
  readonly #source: AdminSource;
  #token: BearerToken | undefined;

  private constructor(options: AdminOptions, source: AdminSource) {
    this.#options = options;
    this.#source = source;
    this.#token = tokenOf(options);
    this.#server = new ServiceServer({
      name: "admin listener",
      bind: options.bind,
      tls: options.tls,
      log: options.log,
      onRequest: (request, response) => void this.#answer(request, response),
    });
  }

  /**
   * @throws {ProxyError} ESP_ERR_LISTEN, ESP_ERR_TLS_FILE or ESP_ERR_CONFIG (the token file),
   *   naming what it is about.
   */
  static async open(options: AdminOptions, source: AdminSource): Promise<AdminListener> {
    const self = new AdminListener(options, source);
    await self.#server.open();
    return self;
  }

  /** `http://host:port`, `https://…` or `unix:/path`. */
  get url(): string {
    return this.#server.url;
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
    await this.#server.close(1000);
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
