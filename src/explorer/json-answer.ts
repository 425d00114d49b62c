/** An answer that is one JSON value. */
import type { ServerResponse } from "node:http";

/** Sends it whole and ends the answer. */
export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response
    .writeHead(status, { "content-type": "application/json; charset=utf-8" })
    .end(JSON.stringify(value));
}
