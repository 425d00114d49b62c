import type { IncomingMessage } from "node:http";
import { gunzipSync, inflateSync } from "node:zlib";
import { illegalArgument } from "../es-error.ts";

const noBody = Buffer.alloc(0);

/** True for a request whose head announces a body. */
export function announcesBody(request: IncomingMessage): boolean {
  const length = request.headers["content-length"];
  return (
    request.headers["transfer-encoding"] !== undefined || (length !== undefined && length !== "0")
  );
}

/** Thrown through `onDone` when a body is longer than allowed. */
export const bodyTooLong = Symbol("body too long");

/**
 * Collects a body. `onDone` is called once: with the bytes, or with {@link bodyTooLong} as soon as
 * the limit is passed.
 */
export function collectBody(
  request: IncomingMessage,
  maxBytes: number,
  onDone: (body: Buffer | typeof bodyTooLong) => void,
): void {
  let first: Buffer | undefined;
  let rest: Buffer[] | undefined;
  let bytes = 0;
  let isDone = false;
  request.on("data", (chunk: Buffer) => {
    if (isDone) return;
    bytes += chunk.length;
    if (bytes > maxBytes) {
      isDone = true;
      onDone(bodyTooLong);
    } else if (first === undefined) first = chunk;
    else (rest ??= []).push(chunk);
  });
  request.on("end", () => {
    if (isDone) return;
    isDone = true;
    if (first === undefined) onDone(noBody);
    else onDone(rest === undefined ? first : Buffer.concat([first, ...rest], bytes));
  });
}

/**
 * Undoes `content-encoding`. An unknown coding is left alone, as the real server does, and then
 * fails as no JSON.
 *
 * @throws {EsError} 400 for a body that is not what it says; {@link bodyTooLong} for one that
 *   unpacks to more than allowed
 */
export function decodeBody(body: Buffer, encoding: string | undefined, maxBytes: number): Buffer {
  if (encoding === undefined || body.length === 0) return body;
  const coding = encoding.trim().toLowerCase();
  if (coding !== "gzip" && coding !== "x-gzip" && coding !== "deflate") return body;
  try {
    const options = { maxOutputLength: maxBytes };
    return coding === "deflate" ? inflateSync(body, options) : gunzipSync(body, options);
  } catch (error) {
    if (error instanceof RangeError) throw bodyTooLong;
    throw illegalArgument(`the body is not valid ${coding}`, {
      caused_by: {
        type: "decompression_exception",
        reason: error instanceof Error ? error.message : String(error),
      },
    });
  }
}
