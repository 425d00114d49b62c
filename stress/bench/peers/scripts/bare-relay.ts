/**
 * What Node itself costs: a relay of bytes between sockets that knows nothing of HTTP, does nothing
 * with them and checks nothing. No proxy on Node's public interface can be cheaper; the distance to
 * it is what a proxy's own work costs.
 *
 * Argument: origin URL. One origin connection for each client connection; backpressure and ends are
 * left out.
 */
import { connect, createServer } from "node:net";
import { announce } from "./listen.ts";

const { hostname, port } = new URL(process.argv[2] ?? "");
const readBufferBytes = 65_536;

const server = createServer({ noDelay: true }, (client) => {
  const buffer = Buffer.allocUnsafeSlow(readBufferBytes);
  const callback = (length: number): boolean => {
    client.write(buffer.subarray(0, length));
    return true;
  };
  const origin = connect({
    host: hostname,
    port: Number(port),
    noDelay: true,
    onread: { buffer, callback },
  });
  client.on("data", (bytes: Buffer) => origin.write(bytes));
  for (const [socket, other] of [
    [client, origin],
    [origin, client],
  ] as const) {
    socket.on("error", () => {});
    socket.on("close", () => other.destroy());
  }
});
server.listen(0, "127.0.0.1", 1024, () => announce(server.address()));
process.on("disconnect", () => process.exit(0));
