/**
 * The server behind every proxy: answers each request with one response, fixed but for a stamp, as
 * cheaply as Node can.
 *
 * Raw bytes over sockets instead of node:http, so that it is never the part that is measured. The
 * first message says how to answer and is answered with the port; to any later one it says how many
 * requests and body bytes have arrived since, which catches a proxy that answers by itself or loses
 * bodies.
 */
import type { Socket } from "node:net";
import { createServer } from "node:net";
import type { OriginAddress, OriginCount, OriginOptions } from "./messages.ts";
import { stampLength, stampOffset, stampText } from "./stamp.ts";

const copiedBytes = 4096;

/** The answer before and after its stamp. */
let before: Buffer = Buffer.alloc(0);
let after: Buffer = Buffer.alloc(0);
let serial = 0;
let requests = 0;
let bodyBytes = 0;

process.once("message", (options: OriginOptions) => {
  const answer = answerOf(options);
  const stampAt = stampOffset(answer);
  before = Buffer.from(answer.slice(0, stampAt), "latin1");
  after = Buffer.from(answer.slice(stampAt + stampLength), "latin1");
  const server = createServer({ noDelay: true }, serve);
  server.listen(0, "127.0.0.1", 1024, () => {
    const address = server.address();
    if (address === null || typeof address === "string") return;
    process.on("message", tell);
    process.send?.({ port: address.port } satisfies OriginAddress);
  });
});
process.on("disconnect", () => process.exit(0));

function answerOf(options: OriginOptions): string {
  return (
    `HTTP/1.1 ${options.status} ${options.status === 200 ? "OK" : "Service Unavailable"}\r\n` +
    "X-elastic-product: Elasticsearch\r\n" +
    "content-type: application/vnd.elasticsearch+json;compatible-with=9\r\n" +
    `content-length: ${options.answer.length}\r\n\r\n${options.answer}`
  );
}

function tell(): void {
  process.send?.({ requests, bodyBytes } satisfies OriginCount);
  requests = 0;
  bodyBytes = 0;
}

function serve(socket: Socket): void {
  let leftover: Buffer | undefined;
  let bodyLeft = 0;
  socket.on("error", () => socket.destroy());
  socket.on("data", (chunk: Buffer) => {
    let bytes = chunk;
    if (leftover !== undefined) {
      bytes = Buffer.concat([leftover, chunk]);
      leftover = undefined;
    }
    let at = 0;
    while (at < bytes.length) {
      if (bodyLeft > 0) {
        const taken = Math.min(bodyLeft, bytes.length - at);
        bodyLeft -= taken;
        bodyBytes += taken;
        at += taken;
        if (bodyLeft === 0) reply(socket);
        continue;
      }
      const end = bytes.indexOf("\r\n\r\n", at);
      if (end === -1) {
        leftover = Buffer.from(bytes.subarray(at));
        return;
      }
      bodyLeft = contentLength(bytes.toString("latin1", at, end));
      at = end + 4;
      if (bodyLeft === 0) reply(socket);
    }
  });
}

function reply(socket: Socket): void {
  requests += 1;
  serial += 1;
  const stamp = Buffer.from(stampText(serial), "latin1");
  // Copying a short answer is cheaper than writing three parts; copying a long one is not.
  if (after.length < copiedBytes) {
    socket.write(Buffer.concat([before, stamp, after]));
    return;
  }
  socket.cork();
  socket.write(before);
  socket.write(stamp);
  socket.write(after);
  socket.uncork();
}

function contentLength(head: string): number {
  // One cheap look for both spellings in use; a request with chunked framing would be counted as
  // bodiless, its chunks would be read as heads, and the count of body bytes would betray it.
  let at = head.indexOf("ontent-length: ");
  if (at === -1) at = head.indexOf("ontent-Length: ");
  return at === -1 ? 0 : Number.parseInt(head.slice(at + 15), 10);
}
