/** Keeps the work of a service listener little, and a place for the operator. */
import type * as http from "node:http";
import type * as net from "node:net";

/**
 * Hands requests on, one of each connection at a time. A request that comes before the answer to
 * the one before it is not served, and its connection ends with that answer: thousands of them in
 * one packet would hold the event loop up, and their answers the memory.
 *
 * @param onRequest gets those that are served
 */
export function serveOneByOne(server: http.Server, onRequest: http.RequestListener): void {
  const answers = new WeakMap<net.Socket, http.ServerResponse>();
  server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { socket } = request;
    const before = answers.get(socket);
    if (before === undefined) {
      answers.set(socket, response);
      response.on("close", () => answers.delete(socket));
      onRequest(request, response);
    } else if (before.headersSent) socket.destroy();
    else before.setHeader("connection", "close");
  });
}

/**
 * Makes room for each new connection by closing the one that has been without a request for
 * longest, or that has waited longest for its answer. A plain limit would let a client that holds
 * all connections with half-sent requests lock the operator out; here the newest connection always
 * gets in.
 *
 * @param most connections at a time
 */
export function limitConnections(server: http.Server, most: number): void {
  /** In the order of their arrival. */
  const waiting = new Set<net.Socket>();
  const busy = new Set<net.Socket>();
  server.on("connection", (socket: net.Socket) => {
    waiting.add(socket);
    socket.on("close", () => {
      waiting.delete(socket);
      busy.delete(socket);
    });
    // Where all others wait for answers, the newest one must not pay for those that hang.
    const [oldest] = waiting.size > 1 ? waiting : busy;
    if (waiting.size + busy.size > most) oldest?.destroy();
  });
  server.on("request", (request: http.IncomingMessage, response: http.ServerResponse) => {
    const { socket } = request;
    // With TLS a request does not tell its TCP connection: there the oldest one is closed.
    if (!waiting.delete(socket)) return;
    busy.add(socket);
    response.on("close", () => {
      if (busy.delete(socket) && !socket.destroyed) waiting.add(socket);
    });
  });
}
