/** Stands between proxies and the node that keeps their trails, and does what goes wrong there. */
import { Buffer } from "node:buffer";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";

import { Agent } from "undici";

import { SeededRandom } from "../trail/random.ts";

/** What may be done to a `_bulk`. */
const faults = [
  "429",
  "503",
  "413",
  // The answer is lost, the documents are not.
  "reset before the request",
  "reset behind the request",
  "missing product",
  "broken json",
  // Every third document is not passed on.
  "items 429",
  "items 503",
] as const;

type Fault = (typeof faults)[number];

/** One gateway for a whole run; `close` ends it. */
export class FaultyGateway {
  readonly struck = new Map<Fault, number>();
  requests = 0;
  #odds: number;
  readonly #node: string;
  readonly #random: SeededRandom;
  readonly #server: Server;
  readonly #agent = new Agent({ connections: 8, bodyTimeout: 60_000, headersTimeout: 60_000 });

  private constructor(node: string, odds: number, seed: number) {
    this.#node = node;
    this.#odds = odds;
    this.#random = new SeededRandom(seed);
    this.#server = createServer((request, response) => {
      this.#pass(request, response).catch(() => request.socket.destroy());
    });
  }

  /** @param odds of a fault, from 0 to 1 */
  static async open(node: string, odds: number, seed: number): Promise<FaultyGateway> {
    const gateway = new FaultyGateway(node, odds, seed);
    gateway.#server.listen(0, "127.0.0.1");
    await once(gateway.#server, "listening");
    return gateway;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on everything is passed on as it is. */
  calm(): void {
    this.#odds = 0;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.#agent.destroy();
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = Buffer.concat(pieces);
    this.requests += 1;
    const fault = this.#next();
    switch (fault) {
      case "429":
      case "503":
      case "413":
        response.writeHead(Number(fault), { "content-type": "application/json" });
        response.end(JSON.stringify({ error: { type: "made", reason: "a fault" } }));
        return;
      case "reset before the request":
        request.socket.resetAndDestroy();
        return;
      default:
        await this.#forward(request, response, body, fault);
    }
  }

  async #forward(
    request: IncomingMessage,
    response: ServerResponse,
    body: Buffer,
    fault: Fault | undefined,
  ): Promise<void> {
    const isPart = fault === "items 429" || fault === "items 503";
    const lines = isPart ? gunzipSync(body).toString("utf8").trimEnd().split("\n") : [];
    const kept = lines.filter((_, at) => Math.floor(at / 2) % 3 !== 0);
    const { method = "GET", url = "/" } = request;
    const answer = await this.#agent.request({
      origin: this.#node,
      path: url,
      method,
      headers: {
        "content-type": request.headers["content-type"] ?? "application/json",
        ...(isPart || request.headers["content-encoding"] === undefined
          ? {}
          : { "content-encoding": "gzip" }),
      },
      body: isPart ? `${kept.join("\n")}\n` : body,
    });
    const text = await answer.body.text();
    if (fault === "reset behind the request") {
      request.socket.resetAndDestroy();
      return;
    }
    response.statusCode = answer.statusCode;
    response.setHeader("content-type", "application/json");
    if (fault !== "missing product") response.setHeader("x-elastic-product", "Elasticsearch");
    if (fault === "broken json") response.end(text.slice(0, text.length / 2));
    else if (isPart && answer.statusCode === 200)
      response.end(withFailures(text, lines.length / 2, Number(fault.slice(-3))));
    else response.end(text);
  }

  #next(): Fault | undefined {
    if (this.#random.next() >= this.#odds) return undefined;
    const fault = faults[Math.floor(this.#random.next() * faults.length)];
    if (fault !== undefined) this.struck.set(fault, (this.struck.get(fault) ?? 0) + 1);
    return fault;
  }
}

/** The answer with a failure for each document that was not passed on. */
function withFailures(text: string, count: number, status: number): string {
  const { items } = JSON.parse(text) as { readonly items: readonly unknown[] };
  let next = 0;
  const all = Array.from({ length: count }, (_, at) => {
    if (at % 3 === 0) return { create: { status, error: { type: "made", reason: "a fault" } } };
    next += 1;
    return items[next - 1];
  });
  return JSON.stringify({ errors: true, items: all });
}
