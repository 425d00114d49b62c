/** Serves the page and answers its questions, from a trail that is only read. */
import type { IncomingMessage, ServerResponse } from "node:http";

import { CatalogError } from "../audit/read/catalog.ts";
import { ClusterError } from "../audit/ship/cluster-client.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";
import type { BearerToken } from "../net/bearer-token.ts";
import { ServiceServer } from "../net/service-server.ts";
import type { ListenAddress, ListenerTls } from "../net/socket-listener.ts";
import { refusalOf } from "./access.ts";
import { ExplorerApi, type ApiOptions } from "./explorer-api.ts";
import { sendJson } from "./json-answer.ts";
import { loadPage, type PageFile } from "./page-files.ts";
import { QuestionError } from "./question.ts";

/** What the explorer needs. */
export interface ExplorerOptions extends ApiOptions {
  /** Port 0: any that is free. */
  readonly bind: ListenAddress;
  readonly tls?: ListenerTls | undefined;
  /** `undefined`: only who sits on this machine may ask. */
  readonly token: BearerToken | undefined;
  readonly log: Log;
}

/** An explorer that listens. */
export interface Explorer {
  /** `http://host:port/`, `https://…`, or `unix:/path`. */
  readonly url: string;
  /** Another token opens it from now on; `undefined`: this machine does. */
  useToken(token: BearerToken | undefined): void;
  close(): Promise<void>;
}

/**
 * Everything comes from here, no script or style stands in the page, and no other page frames it.
 */
const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

/**
 * Listens.
 *
 * @throws {ProxyError} ESP_ERR_LISTEN naming the address and the reason, ESP_ERR_TLS_FILE
 */
export async function openExplorer(options: ExplorerOptions): Promise<Explorer> {
  const server = new ExplorerServer(options, await loadPage());
  await server.open();
  return server;
}

class ExplorerServer implements Explorer {
  readonly #log: Log;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #api: ExplorerApi;
  readonly #server: ServiceServer;
  #token: BearerToken | undefined;

  constructor(options: ExplorerOptions, files: ReadonlyMap<string, PageFile>) {
    const { bind, tls, log, token } = options;
    this.#log = log;
    this.#files = files;
    this.#token = token;
    this.#api = new ExplorerApi(options);
    this.#server = new ServiceServer({
      name: "explorer",
      bind,
      tls,
      log,
      onRequest: (request, response) => void this.#answer(request, response),
    });
  }

  get url(): string {
    const { url } = this.#server;
    return url.startsWith("unix:") ? url : `${url}/`;
  }

  useToken(token: BearerToken | undefined): void {
    this.#token = token;
  }

  open(): Promise<void> {
    return this.#server.open();
  }

  close(): Promise<void> {
    return this.#server.close(0);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    try {
      await this.#route(request, response);
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        this.#log.error({ error: errorCode(error) }, "an answer of the explorer broke off");
      } else if (error instanceof QuestionError)
        sendJson(response, 400, {
          error: error.message,
          span: error.span,
          suggestion: error.suggestion,
        });
      else if (error instanceof CatalogError)
        sendJson(response, error.isEmpty ? 200 : 404, {
          error: error.message,
          isEmpty: error.isEmpty,
        });
      else if (error instanceof ClusterError) sendJson(response, 502, { error: error.message });
      else {
        this.#log.error({ error: errorCode(error) }, "the explorer could not answer");
        sendJson(response, 500, { error: "internal error" });
      }
    }
  }

  async #route(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = `http://explorer${request.url ?? "/"}`;
    const url = URL.canParse(target) ? new URL(target) : undefined;
    const file = this.#files.get(url?.pathname ?? "");
    const refusal = refusalOf(request, {
      scheme: this.#server.scheme,
      token: this.#token,
      isPage: file !== undefined,
    });
    if (refusal !== undefined) {
      if (refusal.status === 401) response.setHeader("www-authenticate", 'Bearer realm="es-proxy"');
      sendJson(response, refusal.status, { error: refusal.error });
    } else if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      sendJson(response, 405, { error: "method not allowed" });
    } else if (file !== undefined)
      response.writeHead(200, { "content-type": file.contentType }).end(file.body);
    else if (url === undefined) sendJson(response, 404, { error: "not found" });
    else await this.#api.answer(url, response);
  }
}
