/** fast-proxy with undici as its documentation recommends for speed. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { listen, loadPeerPackage } from "./listen.ts";

interface Proxy {
  readonly proxy: (
    request: IncomingMessage,
    response: ServerResponse,
    url: string | undefined,
    options: object,
  ) => void;
}
interface FastProxy {
  readonly default: (options: {
    base: string;
    undici: { connections: number; pipelining: number };
  }) => Proxy;
}

const { default: fastProxy } = await loadPeerPackage<FastProxy>("fast-proxy");
const { proxy } = fastProxy({
  base: process.argv[2] ?? "",
  undici: { connections: 256, pipelining: 1 },
});
listen(createServer((request, response) => proxy(request, response, request.url, {})));
