import { gzipSync } from "node:zlib";
import { Pool } from "undici";
import { cutAfter, respond, responseBytes } from "../test/support/origin-scripts.ts";
import type { ScenarioGroup } from "./scenario.ts";
import { refusedPort } from "../test/support/ports.ts";
import { request, LeakFixture } from "./fixture.ts";

/** Connections that stay open through all rounds. */
const connections = 8;
const large = JSON.stringify({ pad: "x".repeat(5000) });
const answer = responseBytes({ body: "y".repeat(30_000) });

/**
 * The proxy of the slope gate: audit with everything on record; bodies above 2 KiB go to the body
 * store.
 */
const config: ScenarioGroup["config"] = ({ origin, folder }) => `
listeners:
  - name: http
    bind: 127.0.0.1:0
    routes:
      - {path: /refused, pool: refused}
      - {path: /, pool: origin}
pools:
  origin: {endpoints: ["http://127.0.0.1:${origin}"]}
  refused: {endpoints: ["http://127.0.0.1:${refusedPort}"], retry: {attempts: 2, backoff: 0}}
audit: {directory: ${JSON.stringify(`${folder}/audit`)}, body: {inline: 2KiB}, rotate: {size: 64MiB}}
`;

/** A steady mix of requests, the same in every round; one in twenty ends badly. */
export class SlopeLoad implements AsyncDisposable {
  readonly fixture: LeakFixture;
  readonly #pool: Pool;
  #serial = 0;

  private constructor(fixture: LeakFixture) {
    this.fixture = fixture;
    this.#pool = new Pool(`http://127.0.0.1:${fixture.subject.port("http")}`, {
      connections,
      keepAliveTimeout: 60_000,
    });
  }

  static async open(): Promise<SlopeLoad> {
    const fixture = await LeakFixture.open(config);
    const coded = gzipSync(large);
    fixture.when("/chunked", respond({ body: large, framing: "chunked" }));
    fixture.when("/gzip", respond({ body: coded, fields: [["Content-Encoding", "gzip"]] }));
    fixture.when("/cut", cutAfter(answer, answer.length >> 1, "reset"));
    fixture.when("/half", ({ connection }) =>
      connection.write(answer.subarray(0, answer.length >> 1)),
    );
    return new SlopeLoad(fixture);
  }

  /**
   * Sends this many requests, and is back when all have ended and their connections are closed or
   * idle again.
   */
  async round(requests: number): Promise<void> {
    let next = 0;
    const client = async (): Promise<void> => {
      while (next < requests) {
        const index = next;
        next += 1;
        await (index % 20 === 19 ? this.#badly(Math.floor(index / 20)) : this.#well(index));
      }
    };
    await Promise.all(Array.from({ length: connections }, client));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#pool.destroy();
    await this.fixture[Symbol.asyncDispose]();
  }

  async #well(index: number): Promise<void> {
    this.#serial += 1;
    const headers = { "content-type": "application/json", "x-opaque-id": `slope-${this.#serial}` };
    const body = `{"query":{"match":{"serial":${this.#serial}}}}`;
    switch (index % 6) {
      case 0:
        return this.#send({ method: "GET", path: "/chunked", headers });
      case 1:
        return this.#send({
          method: "PUT",
          path: "/i/_doc/1",
          headers,
          body: `{"serial":${this.#serial},"doc":${large}}`,
        });
      case 2:
        return this.#send({ method: "GET", path: "/gzip", headers });
      default:
        return this.#send({ method: "POST", path: "/i/_search", headers, body });
    }
  }

  async #send(options: {
    method: "GET" | "PUT" | "POST";
    path: string;
    headers: Record<string, string>;
    body?: string;
  }): Promise<void> {
    const { statusCode, body } = await this.#pool.request(options);
    await body.dump();
    if (statusCode !== 200)
      throw new Error(`${options.method} ${options.path}: expected 200, got ${statusCode}`);
  }

  async #badly(index: number): Promise<void> {
    const { fixture } = this;
    switch (index % 4) {
      case 0:
        await fixture.exchange(request("GET", "/refused"), 502);
        return;
      case 1: {
        using client = await fixture.client();
        client.send(request("GET", "/cut"), "GET");
        await client.closed();
        return;
      }
      case 2: {
        using client = await fixture.client();
        client.send(request("GET", "/half"), "GET");
        await client.until("bytes of the answer", () => client.receivedBytes > 0);
        client.reset();
        return;
      }
      default:
        await fixture.exchange("GET / HTTP/1.1\r\nHost: x\r\nBad Name: 1\r\n\r\n", 400);
    }
  }
}
