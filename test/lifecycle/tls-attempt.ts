import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";

/** What became of one connection: a session that was resumed, one that was not, or a refusal. */
export async function attempt(
  options: ConnectionOptions,
  onSession: (session: Buffer) => void = () => {},
): Promise<"resumed" | "fresh" | "refused"> {
  const socket: TLSSocket = connect({ host: "127.0.0.1", servername: "localhost", ...options });
  const { promise, resolve } = Promise.withResolvers<"resumed" | "fresh" | "refused">();
  socket.on("session", onSession);
  socket.on("error", () => resolve("refused"));
  socket.on("close", () => resolve("refused"));
  // With TLS 1.3 a refused client learns of it only after its own side of the handshake.
  socket.on("secureConnect", () => socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n"));
  socket.on("data", () => resolve(socket.isSessionReused() ? "resumed" : "fresh"));
  const result = await promise;
  socket.destroy();
  return result;
}
