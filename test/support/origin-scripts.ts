import { setTimeout as sleep } from "node:timers/promises";
import type { OriginExchange, OriginScript } from "./recording-origin.ts";
import type { WireField } from "./wire-message.ts";

/** A response to be built by {@link responseBytes}. */
export interface ResponseSpec {
  /** @default 200 */
  readonly status?: number;
  /** @default OK */
  readonly reason?: string;
  /** Fields before the framing field, as they are. @default Content-Type: application/json */
  readonly fields?: readonly WireField[];
  /** @default empty */
  readonly body?: Uint8Array | string;
  /**
   * `length` declares it, `chunked` sends two chunks, `close` declares nothing (the script must
   * close), `none`. @default length
   */
  readonly framing?: "length" | "chunked" | "close" | "none";
  /** `true` leaves the body away, as in an answer to HEAD. @default false */
  readonly isHead?: boolean;
}

/** The bytes of a response. */
export function responseBytes(spec: ResponseSpec = {}): Buffer {
  const body = Buffer.from(spec.body ?? "");
  const framing = spec.framing ?? "length";
  const lines = [`HTTP/1.1 ${spec.status ?? 200} ${spec.reason ?? "OK"}`];
  for (const [name, value] of spec.fields ?? [["Content-Type", "application/json"]])
    lines.push(`${name}: ${value}`);
  if (framing === "length") lines.push(`Content-Length: ${body.length}`);
  if (framing === "chunked") lines.push("Transfer-Encoding: chunked");
  const head = Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1");
  if (spec.isHead === true) return head;
  return Buffer.concat([head, framing === "chunked" ? chunked(body) : body]);
}

/** Bytes in the chunked coding: two chunks (one for a single byte), last chunk, no trailers. */
export function chunked(body: Buffer): Buffer {
  const half = body.length >> 1;
  const pieces = [body.subarray(0, half), body.subarray(half)].filter((piece) => piece.length > 0);
  const framed = pieces.flatMap((piece) => [
    Buffer.from(`${piece.length.toString(16)}\r\n`),
    piece,
    Buffer.from("\r\n"),
  ]);
  return Buffer.concat([...framed, Buffer.from("0\r\n\r\n")]);
}

/** Answers with one response; to HEAD without its body. */
export function respond(spec: ResponseSpec = {}): OriginScript {
  return ({ connection, request }) =>
    connection.write(
      responseBytes({ ...spec, isHead: spec.isHead === true || request.head.method === "HEAD" }),
    );
}

/** Answers with these bytes as they are and keeps the connection open. */
export function respondRaw(bytes: Uint8Array | string): OriginScript {
  return ({ connection }) => connection.write(bytes);
}

/** Sends the first `length` bytes, then ends the connection with FIN or RST. */
export function cutAfter(bytes: Uint8Array, length: number, end: "fin" | "reset"): OriginScript {
  return async ({ connection }) => {
    if (length > 0) await connection.write(bytes.subarray(0, length));
    if (end === "fin") connection.fin();
    else connection.reset();
  };
}

/** Sends `size` bytes at a time with a pause between them. */
export function drip(bytes: Uint8Array, size: number, pauseMs: number): OriginScript {
  return async ({ connection }) => {
    for (let at = 0; at < bytes.length && !connection.isClosed; at += size) {
      await connection.write(bytes.subarray(at, at + size));
      await sleep(pauseMs);
    }
  };
}

/** Answers, then closes with FIN although the answer promised keep-alive. */
export function respondThenClose(spec: ResponseSpec = {}): OriginScript {
  return async (exchange: OriginExchange) => {
    await respond(spec)(exchange);
    exchange.connection.fin();
  };
}

/** Never answers. */
export function stall(): OriginScript {
  return () => {};
}
