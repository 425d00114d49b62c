/**
 * @fastify/http-proxy on fastify, without a logger, with as many undici connections as the other
 *   peers have.
 */
import { announce, loadPeerPackage } from "./listen.ts";

interface FastifyServer {
  register(plugin: unknown, options: object): unknown;
  listen(options: { port: number; host: string }): Promise<string>;
  readonly server: { address(): unknown };
}
interface Fastify {
  readonly fastify: (options: {
    logger: boolean;
    bodyLimit: number;
    keepAliveTimeout: number;
  }) => FastifyServer;
}

const { fastify } = await loadPeerPackage<Fastify>("fastify");
const { default: httpProxy } = await loadPeerPackage<{ default: unknown }>("@fastify/http-proxy");
const app = fastify({ logger: false, bodyLimit: 1 << 30, keepAliveTimeout: 75_000 });
app.register(httpProxy, {
  upstream: process.argv[2] ?? "",
  undici: { connections: 256, pipelining: 1 },
});
await app.listen({ port: 0, host: "127.0.0.1" });
announce(app.server.address());
process.on("disconnect", () => process.exit(0));
