/**
 * The server behind the proxy, a process of its own: 8 MiB for targets that begin with `/big`, a
 * few bytes for all others. Uploads are read and thrown away.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** More than the kernel takes for a client that does not read. */
const big = Buffer.alloc(8 * 1024 * 1024, "x");
const small = Buffer.from('{"took":1}');

const server = createServer({ keepAliveTimeout: 60_000 }, answer);
server.listen(0, "127.0.0.1", 4096, () => {
  const address = server.address();
  if (address !== null && typeof address === "object")
    console.log(`listening on 127.0.0.1:${address.port}`);
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  request.on("end", () => {
    const body = request.url?.startsWith("/big") === true ? big : small;
    response.writeHead(200, { "Content-Type": "application/json", "Content-Length": body.length });
    response.end(body);
  });
}
