/**
 * The server behind the proxy, a process of its own: 8 MiB for targets that begin with `/big`,
 * nothing for `/silent`, bytes without end to who asks for another protocol, a few bytes for all
 * others. Uploads are read and thrown away.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Writable } from "node:stream";

/** More than the kernel takes for a client that does not read. */
const bigBytes = 8 * 1024 * 1024;
/**
 * Large answers go so many pieces in a turn, all of them together, and then wait for theirs: as in
 * a server with several threads, small answers do not wait for them. Who writes a piece of each in
 * every turn takes 20 ms for 300 of them, and what is measured then is this process.
 */
const piecesPerTurn = 2;
const piece = Buffer.alloc(65_536, "x");
const small = Buffer.from('{"took":1}');

const server = createServer({ keepAliveTimeout: 60_000 }, answer);
server.on("upgrade", (_request, socket) => {
  socket.on("error", () => {});
  socket.write(
    "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n",
  );
  sendPieces(socket, Infinity);
});
server.listen(0, "127.0.0.1", 4096, () => {
  const address = server.address();
  if (address !== null && typeof address === "object")
    console.log(`listening on 127.0.0.1:${address.port}`);
});

function answer(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  if (request.url === "/silent") return;
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

const due: (() => void)[] = [];

function inTurn(send: () => void): void {
  due.push(send);
  if (due.length === 1) setImmediate(sendDue);
}

function sendDue(): void {
  for (const send of due.splice(0, piecesPerTurn)) send();
  if (due.length > 0) setImmediate(sendDue);
}

function sendPieces(to: Writable, left: number): void {
  inTurn(() => {
    if (to.destroyed) return;
    if (left === 0) to.end();
    else if (to.write(piece)) sendPieces(to, left - 1);
    else to.once("drain", () => sendPieces(to, left - 1));
  });
}
