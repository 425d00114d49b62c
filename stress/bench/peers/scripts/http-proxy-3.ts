/**
 * http-proxy-3 as its documentation sets it up, with a keep-alive agent, without which it opens a
 * connection per request.
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import { Agent, createServer } from "node:http";
import { listen, loadPeerPackage } from "./listen.ts";

interface ProxyServer {
  web(request: IncomingMessage, response: ServerResponse): void;
  on(event: "error", listener: (error: Error) => void): void;
}
interface HttpProxy3 {
  readonly createProxyServer: (options: { target: string; agent: Agent }) => ProxyServer;
}

const { createProxyServer } = await loadPeerPackage<HttpProxy3>("http-proxy-3");
const agent = new Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256 });
const proxy = createProxyServer({ target: process.argv[2] ?? "", agent });
proxy.on("error", (error) => console.error(error.message));
listen(createServer((request, response) => proxy.web(request, response)));
