/** Keeps the connections of a service listener few, and a place for the operator. */
import type * as http from "node:http";
import type * as net from "node:net";

/**
 * Makes room for each new connection by closing the one that has been without a request for
 * longest. A plain limit would let a client that holds all connections with half-sent requests lock
 * the operator out; here the newest connection always gets in.
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
    const [oldest] = waiting;
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
