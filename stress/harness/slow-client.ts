import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { HeadAndBody } from "./answer-text.ts";
import type { Call } from "./messages.ts";
import type { LoadContext } from "./scenario.ts";

/** How a client treats its connection. */
export interface Manners {
  /** Bytes written at a time; 0: everything at once. */
  readonly writeBytes: number;
  /** Pause after each piece that was written or read, in milliseconds. */
  readonly pauseMs: number;
  /**
   * Where the connection is reset: nowhere, after half of the request, behind the request, or in
   * the answer.
   */
  readonly leaves: "never" | "in the request" | "before the answer" | "in the answer";
}

/**
 * Sends one call on a socket, with these manners, and waits for the answer; false: the connection
 * is gone.
 */
export async function slowExchange(
  { ledger }: LoadContext,
  socket: Socket,
  call: Call,
  manners: Manners,
): Promise<boolean> {
  const serial = ledger.begin(call);
  const bytes = requestBytes(call, serial);
  const { writeBytes, pauseMs, leaves } = manners;
  const end = leaves === "in the request" ? bytes.length >> 1 : bytes.length;
  const step = writeBytes === 0 ? end : writeBytes;
  for (let at = 0; at < end; at += step) {
    socket.write(bytes.subarray(at, Math.min(end, at + step)));
    if (pauseMs > 0) await sleep(pauseMs);
  }
  if (leaves === "in the request" || leaves === "before the answer") {
    await sleep(5);
    socket.resetAndDestroy();
    ledger.giveUp(serial);
    return false;
  }
  const answer = new HeadAndBody();
  while (!answer.isComplete) {
    const piece: unknown = socket.read() ?? (await nextPiece(socket));
    if (!(piece instanceof Buffer)) {
      ledger.problem(`${call.method} ${call.path} (${serial}): the connection ended in the answer`);
      ledger.giveUp(serial);
      return false;
    }
    answer.push(piece);
    if (leaves === "in the answer") {
      socket.resetAndDestroy();
      ledger.giveUp(serial);
      return false;
    }
    if (pauseMs > 0) await sleep(pauseMs);
  }
  ledger.end(serial, answer.status, answer.body);
  return true;
}

/** Opens a connection to the proxy. */
export async function openConnection(port: number): Promise<Socket> {
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  await once(socket, "connect");
  socket.on("error", () => {});
  return socket;
}

/** The request's bytes, with the id that joins it to the audit. */
export function requestBytes({ method, path, body }: Call, serial: number): Buffer {
  const type = body?.endsWith("\n") === true ? "application/x-ndjson" : "application/json";
  const fields =
    body === undefined
      ? ""
      : `Content-Type: ${type}\r\nContent-Length: ${Buffer.byteLength(body)}\r\n`;
  return Buffer.from(
    `${method} ${path} HTTP/1.1\r\nHost: stress\r\nX-Opaque-Id: stress-${serial}\r\n${fields}\r\n${body ?? ""}`,
  );
}

/** The next bytes; `undefined` at the end. */
async function nextPiece(socket: Socket): Promise<Buffer | undefined> {
  for (;;) {
    if (socket.destroyed || socket.readableEnded) return undefined;
    const { promise, resolve } = Promise.withResolvers<void>();
    for (const event of ["readable", "end", "close"]) socket.once(event, resolve);
    await promise;
    for (const event of ["readable", "end", "close"]) socket.off(event, resolve);
    const piece: unknown = socket.read();
    if (piece instanceof Buffer) return piece;
  }
}
