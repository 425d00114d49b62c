import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { LeakScenario, ScenarioGroup } from "../scenario.ts";
import { refusedPort } from "../../test/support/ports.ts";
import type { LeakFixture } from "../fixture.ts";

const connections = 8;

/** The TCP router with each of its decisions. The first line that a client sends says which. */
export const tcp: ScenarioGroup = {
  config: ({ origin, folder }) => {
    writeFileSync(join(folder, "router.mjs"), routerText(origin));
    return `
listeners:
  - name: tcp
    protocol: tcp
    bind: 127.0.0.1:0
    router: ./router.mjs
    preread: {bytes: 1KiB, timeout: 400ms}
    dial: {attempts: 2, timeout: 200ms}
    allow: ["127.0.0.0/8"]
    timeouts: {idle: 400ms}
pools:
  origin: {endpoints: ["http://127.0.0.1:${origin}"]}
audit: {directory: ${JSON.stringify(`${folder}/audit`)}}
`;
  },
  batches: [
    [
      decision(
        "TCP: decisions to forward, and the end from the server",
        "remote\n",
        "HTTP/1.1 200",
      ),
      decision("TCP: decisions for a pool", "pool\n", "HTTP/1.1 200"),
      decision("TCP: replies before the server's bytes", "reply\n", "hello HTTP/1.1 200"),
      decision("TCP: decisions to close", "close\n", ""),
      decision("TCP: decisions to close with bytes", "close with\n", "bye"),
      decision("TCP: no decision before the deadline", "noop", ""),
      decision("TCP: a router that throws", "throw\n", ""),
      decision("TCP: a server that nobody listens on", "refused\n", ""),
      {
        name: "TCP: clients that go away before and after the decision",
        async run(fixture) {
          await fixture.times(connections, async (index) => {
            const socket = await opened(fixture);
            socket.write(index % 2 === 0 ? "noo" : "remote\nGET / HTTP/1.1\r\n");
            const wait = once(socket, "close");
            socket.resetAndDestroy();
            await wait;
          });
        },
      },
      {
        name: "TCP: connections that nobody uses, and half-closed ones",
        async run(fixture) {
          await fixture.times(connections, async (index) => {
            const socket = await opened(fixture);
            socket.write("remote\n");
            if (index % 2 === 0) socket.end();
            await buffer(socket).catch(() => undefined);
            socket.destroy();
          });
        },
      },
    ],
  ],
};

function decision(name: string, firstLine: string, answer: string): LeakScenario {
  return {
    name,
    async run(fixture) {
      await fixture.times(connections, async () => {
        const socket = await opened(fixture);
        socket.write(`${firstLine}GET /tcp HTTP/1.1\r\nHost: x\r\n\r\n`);
        if (answer.includes("200")) await until(socket, answer);
        else {
          const text = (await buffer(socket).catch(() => Buffer.alloc(0))).toString("latin1");
          if (text !== answer)
            throw new Error(`expected ${JSON.stringify(answer)}, got ${JSON.stringify(text)}`);
        }
        socket.destroy();
      });
    },
  };
}

async function opened(fixture: LeakFixture): Promise<Socket> {
  const socket = connect({
    port: fixture.subject.port("tcp"),
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  await once(socket, "connect");
  socket.on("error", () => {});
  return socket;
}

async function until(socket: Socket, answer: string): Promise<void> {
  let text = "";
  for await (const bytes of socket) {
    text += String(bytes);
    if (text.startsWith(answer)) return;
  }
  throw new Error(`expected ${JSON.stringify(answer)}, got ${JSON.stringify(text)}`);
}

/** The words of the decisions; bytes behind the first line go to the server. */
function routerText(origin: number): string {
  return `
export default (data) => {
  const end = data.indexOf(10);
  if (end === -1 || data.toString("latin1", 0, 4) === "noop") return { noop: true };
  const rest = data.subarray(end + 1);
  switch (data.toString("latin1", 0, end)) {
    case "remote": return { remote: "127.0.0.1:${origin}", data: rest };
    case "pool": return { pool: "origin", data: rest };
    case "reply": return { remote: "127.0.0.1:${origin}", data: rest, reply: "hello " };
    case "refused": return { remote: "127.0.0.1:${refusedPort}", data: rest };
    case "close": return { close: true };
    case "close with": return { close: "bye" };
    default: throw new Error("asked to");
  }
};
`;
}
