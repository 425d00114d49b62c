/** Ports of 127.0.0.1 for tests that must name one before anything listens there. */
import { once } from "node:events";
import { createServer } from "node:net";

/**
 * A port on which nobody listens: connects to it are refused. It and its neighbours are below 1024,
 * because a free port above could be taken by the next program that asks for any.
 */
export const refusedPort = 1;

/** Below the range that Linux takes ports from by itself (`ip_local_port_range`). */
const [lowest, highest] = [20_000, 32_000];

/** A port to listen on later, which no program gets that asks for any. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = lowest + Math.floor(Math.random() * (highest - lowest));
    const server = createServer();
    const isFree = new Promise<boolean>((resolve) => {
      server.once("error", () => resolve(false));
      server.listen(port, "127.0.0.1", () => resolve(true));
    });
    if (!(await isFree)) continue;
    server.close();
    await once(server, "close");
    return port;
  }
}
