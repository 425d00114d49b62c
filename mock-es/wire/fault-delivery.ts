import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { gzipSync } from "node:zlib";
import type { Fault } from "../faults/fault.ts";
import type { Answer } from "./answer.ts";

/* oxlint-disable typescript/switch-exhaustiveness-check -- each function takes some faults only */

/**
 * Changes an answer that stays a well-formed HTTP message. Returns false for faults that need
 * {@link deliverBroken}.
 */
export function distortAnswer(answer: Answer, fault: Fault): boolean {
  switch (fault.kind) {
    case "missing-product":
      removeHeader(answer, "x-elastic-product");
      return true;
    case "wrong-type":
      removeHeader(answer, "content-type");
      answer.headers.push("content-type", fault.contentType ?? "text/html; charset=UTF-8");
      return true;
    case "broken-json":
      removeHeader(answer, "content-encoding");
      answer.body = answer.body.toString().slice(0, Math.max(1, answer.body.length >> 1));
      return true;
    case "bad-gzip":
      setGzip(answer, Buffer.from("this is not gzip"));
      return true;
    case "truncated-gzip": {
      const packed = hasHeader(answer, "content-encoding")
        ? Buffer.from(answer.body)
        : gzipSync(answer.body);
      setGzip(answer, packed.subarray(0, Math.max(10, packed.length - 12)));
      return true;
    }
    default:
      return false;
  }
}

function setGzip(answer: Answer, body: Buffer): void {
  removeHeader(answer, "content-encoding");
  answer.headers.push("content-encoding", "gzip");
  answer.body = body;
}

function hasHeader(answer: Answer, name: string): boolean {
  return answer.headers.some((entry, at) => at % 2 === 0 && entry.toLowerCase() === name);
}

function removeHeader(answer: Answer, name: string): void {
  for (let at = answer.headers.length - 2; at >= 0; at -= 2) {
    if (answer.headers[at]?.toLowerCase() === name) answer.headers.splice(at, 2);
  }
}

/**
 * Delivers an answer with a fault of framing or of the connection. Returns false when the fault is
 * none of these, and the answer is to be sent as usual. After true nothing else may be written to
 * the response.
 */
export function deliverBroken(
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  fault: Fault,
): boolean {
  const { socket } = request;
  const body = Buffer.isBuffer(answer.body) ? answer.body : Buffer.from(answer.body);
  switch (fault.kind) {
    case "reset":
      reset(socket, answer, body, fault.at, fault.bytes ?? 0);
      return true;
    case "truncate":
      socket.write(
        Buffer.concat([
          head(answer, ["content-length", String(body.length)]),
          body.subarray(0, fault.bytes),
        ]),
      );
      socket.end();
      return true;
    case "wrong-length":
      socket.write(
        Buffer.concat([
          head(answer, ["content-length", String(Math.max(0, body.length + fault.delta))]),
          body,
        ]),
      );
      socket.end();
      return true;
    case "chunk-cut":
      socket.write(head(answer, ["transfer-encoding", "chunked"]));
      socket.write(
        Buffer.concat([
          Buffer.from(`${body.length.toString(16)}\r\n`),
          body.subarray(0, fault.bytes),
        ]),
      );
      socket.end();
      return true;
    case "drip":
      drip(response, answer, body, fault.bytes, fault.everyMs);
      return true;
    case "stall":
      socket.write(head(answer, ["content-length", String(body.length)]));
      return true;
    case "close-after":
      socket.end(Buffer.concat([head(answer, ["content-length", String(body.length)]), body]));
      socket.destroySoon();
      return true;
    case "half-close":
      socket.end(Buffer.concat([head(answer, ["content-length", String(body.length)]), body]));
      return true;
    default:
      return false;
  }
}

/** Resets a connection (RST, not FIN), so that the other side sees an error and not an end. */
function reset(
  socket: Socket,
  answer: Answer,
  body: Buffer,
  at: "before-headers" | "after-headers" | "body",
  bytes: number,
): void {
  if (at === "before-headers") {
    resetNow(socket);
    return;
  }
  const start = head(answer, ["content-length", String(body.length)]);
  const sent = at === "after-headers" ? start : Buffer.concat([start, body.subarray(0, bytes)]);
  // The reset may overtake data that the kernel still holds, so it waits until the bytes are
  // written.
  socket.write(sent, () => {
    resetNow(socket);
  });
}

function resetNow(socket: Socket): void {
  // Node resets plain TCP connections only; a TLS one is cut off without its closing alert, which
  // clients report alike.
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

function drip(
  response: ServerResponse,
  answer: Answer,
  body: Buffer,
  bytes: number,
  everyMs: number,
): void {
  response.removeHeader("connection");
  response.writeHead(answer.status, [...answer.headers, "content-length", String(body.length)]);
  response.flushHeaders();
  const step = Math.max(1, bytes);
  let at = 0;
  const timer = setInterval(
    () => {
      if (at >= body.length || response.destroyed) {
        clearInterval(timer);
        response.end();
        return;
      }
      response.write(body.subarray(at, at + step));
      at += step;
    },
    Math.max(1, everyMs),
  );
  timer.unref();
  response.once("close", () => {
    clearInterval(timer);
  });
}

function head(answer: Answer, framing: readonly string[]): Buffer {
  let text = `HTTP/1.1 ${answer.status} ${reasons[answer.status] ?? "Status"}\r\n`;
  const fields = [...answer.headers, ...framing];
  for (let at = 0; at < fields.length; at += 2)
    text += `${fields[at] ?? ""}: ${fields[at + 1] ?? ""}\r\n`;
  return Buffer.from(`${text}\r\n`, "latin1");
}

const reasons: Readonly<Record<number, string>> = {
  200: "OK",
  201: "Created",
  400: "Bad Request",
  404: "Not Found",
  409: "Conflict",
  429: "Too Many Requests",
  500: "Internal Server Error",
  503: "Service Unavailable",
};
