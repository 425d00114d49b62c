import { TcpListener } from "../../src/tcp/tcp-listener.ts";
import { loadedRouter } from "../../src/tcp/router-module.ts";

/**
 * The measured proxy, a process of its own: `node proxy.ts ORIGIN_PORT`. Routes everything to the
 * origin.
 */
const remote = `127.0.0.1:${process.argv[2] ?? ""}`;
const listener = await TcpListener.listen({
  host: "127.0.0.1",
  port: 0,
  maxConnections: 0,
  router: { current: loadedRouter({ default: () => ({ remote }) }, "bench") },
});
console.log(`listening on 127.0.0.1:${listener.address.port}`);
