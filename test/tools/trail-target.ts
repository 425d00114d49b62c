/** What tools ship to: the mock, or a real node behind a front that fails when it is asked to. */
import { once } from "node:events";
import { createServer, request as forward, type Server } from "node:http";
import type { AddressInfo } from "node:net";

import { startMockEs } from "../../mock-es/index.ts";
import {
  startRealElasticsearch,
  type RealElasticsearch,
} from "../elasticsearch/real-elasticsearch.ts";

/** A cluster; each fault strikes one `_bulk`, in their order. */
export interface TrailTarget extends AsyncDisposable {
  readonly url: string;
  /** `503`: the request is refused; `items`: half of its documents are not taken (429). */
  strike(fault: "503" | "items", nth: number): void;
}

/** The mock of this repository. */
export async function mockTarget(): Promise<TrailTarget> {
  const mock = await startMockEs({ instantRefresh: true, seed: 7 });
  return {
    url: mock.url,
    strike: (kind, nth) => {
      const fault =
        kind === "503"
          ? ({ kind: "status", status: 503 } as const)
          : ({ kind: "bulk-items", status: 429, odds: 0.5 } as const);
      mock.faults.add({ fault, path: "*_bulk", nth });
    },
    [Symbol.asyncDispose]: () => mock.close(),
  };
}

/**
 * A real Elasticsearch. The modules that answer `GET /` and `GET /_license` are published nowhere,
 * and Filebeat asks them first: the front answers. Of what strikes only `503` does here.
 */
export async function realTarget(progress: (line: string) => void): Promise<TrailTarget> {
  const node = await startRealElasticsearch({ progress });
  const front = new Front(node);
  await front.listen();
  return {
    url: front.url,
    strike: (kind, nth) => {
      if (kind === "503") front.struck.add(nth);
    },
    [Symbol.asyncDispose]: async () => {
      front.close();
      await node.stop();
    },
  };
}

class Front {
  /** Numbers of the requests with documents that are refused, from 1. */
  readonly struck = new Set<number>();
  readonly #server: Server;
  #bulks = 0;

  constructor({ url: nodeUrl, version }: RealElasticsearch) {
    const product = { "x-elastic-product": "Elasticsearch", "content-type": "application/json" };
    this.#server = createServer((request, response) => {
      const { method, headers, url = "/" } = request;
      if (url.split("?", 1)[0] === "/") {
        const info = { name: "node", cluster_name: "audit", version: { number: version } };
        response.writeHead(200, product).end(method === "HEAD" ? "" : JSON.stringify(info));
        return;
      }
      if (url.startsWith("/_license")) {
        const license = { uid: "none", type: "basic", status: "active" };
        response.writeHead(200, product).end(JSON.stringify({ license }));
        return;
      }
      if (url.includes("_bulk")) this.#bulks += 1;
      if (url.includes("_bulk") && this.struck.delete(this.#bulks)) {
        request.resume().on("end", () => response.writeHead(503, product).end("{}"));
        return;
      }
      const on = forward(new URL(url, nodeUrl), { method, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(response);
      });
      on.on("error", () => request.socket.destroy());
      request.pipe(on);
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}
