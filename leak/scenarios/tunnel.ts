import { respondRaw } from "../../test/support/origin-scripts.ts";
import type { OriginScript } from "../../test/support/recording-origin.ts";
import type { LeakScenario } from "../scenario.ts";
import { expectEnd, type LeakFixture } from "../fixture.ts";

const connections = 6;
const switched =
  "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";

/** Connections that became tunnels, with every order of ends. */
export const tunnelScenarios: readonly LeakScenario[] = [
  {
    name: "tunnels that the client half-closes first",
    async run(fixture) {
      fixture.when(
        "/tunnel/client",
        afterSwitch((connection) => {
          connection.socket.on("end", () => {
            void connection.write("after your end");
            connection.fin();
          });
        }),
      );
      await fixture.times(connections, async () => {
        using client = await opened(fixture, "/tunnel/client");
        client.send("some bytes");
        client.halfClose();
        expectEnd(await client.closed(), "fin");
      });
    },
  },
  {
    name: "tunnels that the endpoint half-closes first",
    async run(fixture) {
      fixture.when(
        "/tunnel/server",
        afterSwitch((connection) => connection.fin()),
      );
      await fixture.times(connections, async () => {
        using client = await opened(fixture, "/tunnel/server");
        expectEnd(await client.closed(), "fin");
        client.send("after your end");
        client.halfClose();
      });
    },
  },
  {
    name: "tunnels that are reset by either side",
    async run(fixture) {
      fixture.when(
        "/tunnel/reset",
        afterSwitch((connection) => connection.reset()),
      );
      fixture.when("/tunnel/open", respondRaw(switched));
      await fixture.times(connections, async (index) => {
        using client = await opened(fixture, index % 2 === 0 ? "/tunnel/reset" : "/tunnel/open");
        if (index % 2 === 0) await client.closed();
        else client.reset();
      });
    },
  },
];

function afterSwitch(
  then: (connection: Parameters<OriginScript>[0]["connection"]) => void,
): OriginScript {
  return async ({ connection }) => {
    connection.socket.removeAllListeners("data");
    connection.socket.on("data", () => {});
    await connection.write(switched);
    then(connection);
  };
}

async function opened(fixture: LeakFixture, target: string): ReturnType<LeakFixture["client"]> {
  const client = await fixture.client();
  const fields =
    "Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  client.send(`GET ${target} HTTP/1.1\r\n${fields}\r\n`, "GET");
  await client.until(
    "101 or the end",
    () => client.finals[0]?.head.status === 101 || client.end !== "open",
  );
  return client;
}
