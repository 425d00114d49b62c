/** Requests to several proxies over few connections, many under way on each. */
import { Buffer } from "node:buffer";
import { createServer, connect, type AddressInfo, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

/** Stands once in every answer. */
const mark = '"took":1,"timed_out":false';
const answerBody = `{${mark},"hits":{"total":{"value":0,"relation":"eq"},"hits":[]}}`;
const answer = Buffer.from(
  "HTTP/1.1 200 OK\r\nX-elastic-product: Elasticsearch\r\nContent-Type: application/json\r\n" +
    `Content-Length: ${answerBody.length}\r\n\r\n${answerBody}`,
);
const headEnd = Buffer.from("\r\n\r\n");
const connections = 4;
const depth = 32;

/** An origin that answers all requests, which have no bodies, alike. */
export async function startOrigin(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((socket) => {
    socket.setNoDelay(true);
    socket.on("error", () => socket.destroy());
    let rest: Buffer = Buffer.alloc(0);
    socket.on("data", (piece: Buffer) => {
      rest = Buffer.concat([rest, piece]);
      let count = 0;
      for (let at = rest.indexOf(headEnd); at >= 0; at = rest.indexOf(headEnd)) {
        count += 1;
        rest = rest.subarray(at + headEnd.length);
      }
      if (count > 0) socket.write(Buffer.concat(Array.from({ length: count }, () => answer)));
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Keeps one proxy busy until it is stopped; a proxy that is away is dialled again. */
export class ProxyLoad {
  answered = 0;
  readonly #port: number;
  readonly #name: string;
  readonly #lanes: Promise<void>[];
  readonly #room: () => boolean;
  #isStopped = false;
  #sent = 0;

  /** @param room whether more may be sent, of all proxies together */
  constructor(port: number, name: string, room: () => boolean) {
    this.#port = port;
    this.#name = name;
    this.#room = room;
    this.#lanes = Array.from({ length: connections }, () => this.#lane());
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    await Promise.all(this.#lanes);
  }

  async #lane(): Promise<void> {
    while (!this.#isStopped) {
      await this.#connection();
      await sleep(50);
    }
  }

  /** Ends with the connection, or when nothing more is to be sent. */
  #connection(): Promise<void> {
    return new Promise((resolve) => {
      const socket = connect(this.#port, "127.0.0.1");
      socket.setNoDelay(true);
      let underWay = 0;
      let rest = "";
      const fill = (): void => {
        let text = "";
        while (underWay < depth && !this.#isStopped && this.#room()) {
          underWay += 1;
          text += this.#request();
        }
        if (text !== "") socket.write(text);
        else if (underWay === 0) end(socket);
      };
      socket.on("connect", fill);
      socket.on("data", (piece: Buffer) => {
        const parts = (rest + piece.toString("latin1")).split(mark);
        rest = (parts.at(-1) ?? "").slice(-mark.length);
        underWay -= parts.length - 1;
        this.answered += parts.length - 1;
        // In lots, so that a lot of requests goes with one write.
        if (underWay <= depth / 2) fill();
      });
      socket.on("error", () => socket.destroy());
      socket.on("close", () => resolve());
    });
  }

  #request(): string {
    const number = this.#sent;
    this.#sent += 1;
    const user = Buffer.from(`user-${number % 97}:x`).toString("base64");
    return (
      `GET /logs-${this.#name}-${number % 40}/_search?q=user:${number}&size=${number % 50} HTTP/1.1\r\n` +
      "Host: es.example:9200\r\n" +
      "User-Agent: elasticsearch-js/9.5.1 (linux 6.1.0-x64; Node.js 26.10.0; Transport 9.4.0)\r\n" +
      "Accept: application/vnd.elasticsearch+json; compatible-with=9\r\n" +
      `Authorization: Basic ${user}\r\n\r\n`
    );
  }
}

function end(socket: Socket): void {
  socket.end();
}
