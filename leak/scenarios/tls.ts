import { once } from "node:events";
import { connect } from "node:net";
import { cutAfter, responseBytes } from "../../test/support/origin-scripts.ts";
import type { LeakScenario } from "../scenario.ts";
import { expectStatus, request } from "../fixture.ts";

const connections = 6;
const options = { listener: "tls", tls: { rejectUnauthorized: false } } as const;

/** Connections that are encrypted, or try to be. */
export const tlsScenarios: readonly LeakScenario[] = [
  {
    name: "TLS: requests, aborts and cut answers",
    async run(fixture) {
      const answer = responseBytes({ body: "y".repeat(50_000) });
      fixture.when("/tls/cut", cutAfter(answer, answer.length >> 1, "reset"));
      await fixture.times(connections, async (index) => {
        using client = await fixture.client(options);
        client.send(request("GET", "/tls"), "GET");
        expectStatus(await client.response(), 200);
        client.send(request("GET", "/tls/cut"), "GET");
        if (index % 2 === 0) await client.closed();
      });
    },
  },
  {
    name: "TLS: handshakes that fail or are broken off",
    async run(fixture) {
      const port = fixture.subject.port("tls");
      await fixture.times(connections, async (index) => {
        const socket = connect({ port, host: "127.0.0.1" });
        socket.on("error", () => {});
        await once(socket, "connect");
        if (index % 3 === 0) socket.destroy();
        // The first bytes of a ClientHello that never ends: the handshake's deadline ends it. Or no
        // TLS at all.
        else
          socket.write(
            index % 3 === 1 ? Buffer.from("160301020001", "hex") : "GET / HTTP/1.1\r\n\r\n",
          );
        socket.resume();
        await once(socket, "close");
      });
    },
  },
];
