/**
 * The server behind the proxy, a process of its own: 8 MiB for targets that begin with `/big`, a
 * few bytes for all others. Uploads are read and thrown away.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

/** More than the kernel takes for a client that does not read. */
const bigBytes = 8 * 1024 * 1024;
/**
 * Large answers go one piece in a turn, as those of a server with several threads do beside small
 * ones: who writes 8 MiB at once is busy for milliseconds with each, and what is measured then is
 * this process.
 */
const piece = Buffer.alloc(65_536, "x");
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
    const isBig = request.url?.startsWith("/big") === true;
    response.writeHead(200, {
      "Content-Type": "application/json",
      "Content-Length": isBig ? bigBytes : small.length,
    });
    if (isBig) sendPieces(response, bigBytes / piece.length);
    else response.end(small);
  });
}

function sendPieces(response: ServerResponse, left: number): void {
  if (response.destroyed) return;
  if (left === 0) {
    response.end();
    return;
  }
  const goOn = (): void => sendPieces(response, left - 1);
  if (response.write(piece)) setImmediate(goOn);
  else response.once("drain", () => setImmediate(goOn));
}
