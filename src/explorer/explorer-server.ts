/** Serves the page and answers its questions, from an audit directory that is only read. */
import { once } from "node:events";
import * as http from "node:http";
import type { AddressInfo, Socket } from "node:net";

import { CatalogError } from "../audit/read/catalog.ts";
import { ProxyError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";
import { completeKql } from "../kql/completion.ts";
import type { Field } from "../kql/field-table.ts";
import type { BearerToken } from "../net/bearer-token.ts";
import { isLocalRequest } from "../net/local-request.ts";
import { AnswerStream } from "./answer-stream.ts";
import { streamCoverage } from "./coverage.ts";
import { entryView } from "./entry-view.ts";
import type { Facets } from "./facets.ts";
import { streamLive } from "./live.ts";
import { loadPage, type PageFile } from "./page-files.ts";
import { numberOf, QuestionError, questionOf } from "./question.ts";
import { streamRanking } from "./ranking.ts";
import { streamSearch } from "./search.ts";

/** What the explorer needs. */
export interface ExplorerOptions {
  /** Live, or a copy. */
  readonly directory: string;
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  /** `undefined`: only who sits on this machine may ask. */
  readonly token: BearerToken | undefined;
  readonly log: Log;
}

/** An explorer that listens. */
export interface Explorer {
  readonly url: string;
  close(): Promise<void>;
}

/** Answers that are being made at a time: each reads files. */
const maxStreams = 16;
const usualRows = 500;
const maxRows = 100_000;

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

/** The fields of filters by the columns whose values are known. */
const facetOfField: Readonly<Record<string, string>> = {
  "user.name": "user",
  "event.action": "action",
  "es_proxy.indices": "index",
  "client.ip": "source",
  "source.ip": "source",
};

/**
 * Listens.
 *
 * @throws {ProxyError} ESP_ERR_LISTEN naming the address and the reason
 */
export async function openExplorer(options: ExplorerOptions): Promise<Explorer> {
  const server = new ExplorerServer(options, await loadPage());
  await server.open();
  return server;
}

class ExplorerServer implements Explorer {
  readonly #options: ExplorerOptions;
  readonly #files: ReadonlyMap<string, PageFile>;
  readonly #server: http.Server;
  #streams = 0;
  /** Of the last question that was answered: for completion. */
  #facets: Facets | undefined = undefined;

  constructor(options: ExplorerOptions, files: ReadonlyMap<string, PageFile>) {
    this.#options = options;
    this.#files = files;
    this.#server = http.createServer({ requireHostHeader: true });
    this.#server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
      void this.#answer(request, response);
    });
    this.#server.on("upgrade", (_request: http.IncomingMessage, socket: Socket) =>
      socket.destroy(),
    );
  }

  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    const { host } = this.#options;
    return `http://${host.includes(":") ? `[${host}]` : host}:${port}/`;
  }

  async open(): Promise<void> {
    const { host, port } = this.#options;
    try {
      this.#server.listen({ host, port, exclusive: true });
      await once(this.#server, "listening");
    } catch (cause) {
      throw new ProxyError(
        "ESP_ERR_LISTEN",
        `the explorer cannot listen on ${host}:${port}: ${errorCode(cause)}`,
        { cause },
      );
    }
  }

  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    try {
      await this.#route(request, response);
    } catch (error) {
      if (response.headersSent) {
        response.destroy();
        this.#options.log.error({ error: errorCode(error) }, "an answer of the explorer broke off");
      } else if (error instanceof QuestionError)
        send(response, 400, {
          error: error.message,
          span: error.span,
          suggestion: error.suggestion,
        });
      else if (error instanceof CatalogError)
        send(response, error.isEmpty ? 200 : 404, { error: error.message, isEmpty: error.isEmpty });
      else {
        this.#options.log.error({ error: errorCode(error) }, "the explorer could not answer");
        send(response, 500, { error: "internal error" });
      }
    }
  }

  async #route(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { token } = this.#options;
    if (token === undefined && !isLocalRequest(request, "http")) {
      send(response, 403, { error: "only local requests are answered without a token" });
      return;
    }
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.setHeader("allow", "GET, HEAD");
      send(response, 405, { error: "method not allowed" });
      return;
    }
    const url = new URL(request.url ?? "/", "http://explorer");
    const file = this.#files.get(url.pathname);
    if (file !== undefined) {
      response.writeHead(200, { "content-type": file.contentType }).end(file.body);
      return;
    }
    // The page itself tells nothing: it asks for the token.
    if (token?.accepts(request.headers.authorization) === false) {
      send(response, 401, { error: "a bearer token is required" });
      return;
    }
    await this.#api(url, response);
  }

  async #api({ pathname, searchParams }: URL, response: http.ServerResponse): Promise<void> {
    const { directory } = this.#options;
    // Not a question yet: what is being typed may be broken.
    if (pathname === "/api/complete") {
      send(response, 200, this.#complete(searchParams));
      return;
    }
    const question = questionOf(searchParams, Date.now());
    const entry = /^\/api\/entry\/([0-9a-f-]{6,36})$/.exec(pathname)?.[1];
    if (entry !== undefined) {
      const view = await entryView(directory, entry);
      send(response, view === undefined ? 404 : 200, view ?? { error: `no entry ${entry}` });
      return;
    }
    switch (pathname) {
      case "/api/search": {
        const limit = Math.trunc(numberOf(searchParams, "limit") ?? usualRows);
        const rows = Math.max(1, Math.min(maxRows, limit));
        await this.#stream(response, async (stream) => {
          this.#facets = await streamSearch(directory, question, rows, stream());
        });
        return;
      }
      case "/api/ranking": {
        const by = searchParams.get("by") ?? "action";
        const sort = searchParams.get("sort") ?? "count";
        await this.#stream(response, (stream) =>
          streamRanking(directory, question, { by, sort }, stream),
        );
        return;
      }
      case "/api/live":
        await this.#stream(response, (stream) => streamLive(directory, question, stream()));
        return;
      case "/api/coverage":
        await this.#stream(response, (stream) => streamCoverage(directory, stream()));
        return;
      default:
        send(response, 404, { error: "not found" });
    }
  }

  /** @param make is given what makes the stream, when the question has proven to be answerable */
  async #stream(
    response: http.ServerResponse,
    make: (stream: () => AnswerStream) => Promise<void>,
  ): Promise<void> {
    if (this.#streams >= maxStreams) {
      send(response, 503, { error: "too many questions at a time" });
      return;
    }
    this.#streams += 1;
    let stream: AnswerStream | undefined = undefined;
    try {
      await make(() => (stream = new AnswerStream(response)));
    } finally {
      this.#streams -= 1;
      (stream as AnswerStream | undefined)?.end();
    }
  }

  #complete(searchParams: URLSearchParams): unknown {
    const text = searchParams.get("text") ?? "";
    const cursor = numberOf(searchParams, "cursor") ?? text.length;
    const valuesOf = ({ name }: Field, prefix: string): readonly string[] =>
      this.#facets?.proposals(facetOfField[name] ?? "", prefix) ?? [];
    return completeKql(text, cursor, { valuesOf });
  }
}

function send(response: http.ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { "content-type": "application/json; charset=utf-8" })
    .end(JSON.stringify(value));
}
