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

/** With which peers look whether an endpoint is there, at times of their own: never counted. */
const probe = "GET /health ";

/** An answer before and after its stamp. */
interface Answer {
  readonly before: Buffer;
  readonly after: Buffer;
}

let answers: readonly Answer[] = [];
let serial = 0;
let requests = 0;
let bodyBytes = 0;

process.once("message", (options: OriginOptions) => {
  answers = options.answers.map((body) => answerOf(options, body));
  const server = createServer({ noDelay: true }, serve);
  server.listen(0, "127.0.0.1", 1024, () => {
    const address = server.address();
    if (address === null || typeof address === "string") return;
    process.on("message", tell);
    process.send?.({ port: address.port } satisfies OriginAddress);
  });
});
process.on("disconnect", () => process.exit(0));

function answerOf({ status, fields }: OriginOptions, body: string): Answer {
  const text =
    `HTTP/1.1 ${status} ${status === 200 ? "OK" : "Service Unavailable"}\r\n` +
    fields.map((field) => `${field}\r\n`).join("") +
    `content-length: ${body.length}\r\n\r\n${body}`;
  const stampAt = stampOffset(text);
  return {
    before: Buffer.from(text.slice(0, stampAt), "latin1"),
    after: Buffer.from(text.slice(stampAt + stampLength), "latin1"),
  };
}

function tell(): void {
  process.send?.({ requests, bodyBytes } satisfies OriginCount);
  requests = 0;
  bodyBytes = 0;
}

function serve(socket: Socket): void {
  let leftover: Buffer | undefined;
  let bodyLeft = 0;
  let wanted = 0;
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
        if (bodyLeft === 0) reply(socket, wanted);
        continue;
      }
      const end = bytes.indexOf("\r\n\r\n", at);
      if (end === -1) {
        leftover = Buffer.from(bytes.subarray(at));
        return;
      }
      const head = bytes.toString("latin1", at, end);
      bodyLeft = contentLength(head);
      wanted = answers.length === 1 ? 0 : wantedAnswer(head);
      if (!head.startsWith(probe)) requests += 1;
      at = end + 4;
      if (bodyLeft === 0) reply(socket, wanted);
    }
  });
}

function reply(socket: Socket, wanted: number): void {
  const answer = answers[wanted];
  if (answer === undefined) {
    socket.destroy();
    return;
  }
  const { before, after } = answer;
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

/** The number behind `k=` in the target; 0 without one. */
function wantedAnswer(head: string): number {
  const at = head.indexOf("k=");
  return at === -1 || at > head.indexOf("\r\n") ? 0 : Number.parseInt(head.slice(at + 2), 10);
}

function contentLength(head: string): number {
  // One cheap look for both spellings in use; a request with chunked framing would be counted as
  // bodiless, its chunks would be read as heads, and the count of body bytes would betray it.
  let at = head.indexOf("ontent-length: ");
  if (at === -1) at = head.indexOf("ontent-Length: ");
  return at === -1 ? 0 : Number.parseInt(head.slice(at + 15), 10);
}
