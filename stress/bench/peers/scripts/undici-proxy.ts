/**
 * The proxy that a careful Node developer would write: node:http server, undici `Pool.dispatch`,
 * raw fields passed on, backpressure both ways, no promise per request.
 *
 * Arguments: origin URL, and for TLS the certificate's and key's files.
 */
import { readFileSync } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { Dispatcher } from "undici";
import { Pool } from "undici";
import { listen } from "./listen.ts";

const [origin = "", certificate, key] = process.argv.slice(2);
const pool = new Pool(origin, { connections: 256, pipelining: 1 });
const hopByHop = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

listen(
  certificate === undefined || key === undefined
    ? createServer(relay)
    : createTlsServer({ cert: readFileSync(certificate), key: readFileSync(key) }, relay),
);

function relay(request: IncomingMessage, response: ServerResponse): void {
  const hasBody =
    request.headers["content-length"] !== undefined ||
    request.headers["transfer-encoding"] !== undefined;
  pool.dispatch(
    {
      path: request.url ?? "/",
      method: request.method ?? "GET",
      headers: endToEnd(request.rawHeaders),
      body: hasBody ? request : null,
    },
    new Relay(response),
  );
}

class Relay implements Dispatcher.DispatchHandler {
  readonly #response: ServerResponse;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#response.once("close", () => {
      if (!this.#response.writableFinished) controller.abort(new Error("the client has gone"));
    });
    this.#response.on("drain", () => controller.resume());
  }

  onResponseStart(controller: Dispatcher.DispatchController, statusCode: number): void {
    const raw = (controller.rawHeaders ?? []) as Buffer[];
    this.#response.writeHead(statusCode, endToEnd(raw.map((part) => part.toString("latin1"))));
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.#response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.#response.end();
  }

  onResponseError(): void {
    if (this.#response.headersSent) this.#response.destroy();
    else this.#response.writeHead(502).end();
  }
}

function endToEnd(raw: readonly string[]): string[] {
  const kept: string[] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const name = raw[at] ?? "";
    if (!hopByHop.has(name.toLowerCase())) kept.push(name, raw[at + 1] ?? "");
  }
  return kept;
}
