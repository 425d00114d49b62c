import { Buffer } from "node:buffer";

import type { BodyRedactor, RedactionResult } from "../../../src/audit/redact/body-redactor.ts";
import { Redactor } from "../../../src/audit/redact/redactor.ts";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";

export const key = Buffer.alloc(32, 7);

/** The markers of a text as `<secret>`, so that tests are readable. */
export function withoutTokens(text: string): string {
  return text.replaceAll(/redacted-[0-9a-f]{32}/g, "<secret>");
}

export interface Redacted extends RedactionResult {
  readonly bytes: Buffer;
  /** The bytes as text, with `<secret>` for markers. */
  readonly text: string;
}

/** Gives a body to a redactor, in pieces that end at the cuts. */
export function redact(
  redactor: BodyRedactor,
  body: string | Uint8Array,
  cuts: readonly number[] = [],
): Redacted {
  const bytes = typeof body === "string" ? Buffer.from(body) : Buffer.from(body);
  const kept: Buffer[] = [];
  const sink = {
    keep: (piece: Buffer, start: number, end: number): void => {
      kept.push(Buffer.from(piece.subarray(start, end)));
    },
  };
  let start = 0;
  for (const cut of [...cuts.toSorted((a, b) => a - b), bytes.length]) {
    // A receive buffer is used again: what was to be kept must have been copied.
    const piece = Buffer.from(bytes.subarray(start, cut));
    redactor.write(piece, 0, piece.length, sink);
    piece.fill(0x23);
    start = cut;
  }
  const result = redactor.finish(sink);
  const all = Buffer.concat(kept);
  return { ...result, bytes: all, text: withoutTokens(all.toString()) };
}

export interface Call {
  readonly method?: string;
  readonly target: string;
  readonly direction?: "request" | "response";
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  readonly status?: number;
}

/** The redaction of a body by the built-in rules. */
export function bodyOf(call: Call, redactor = new Redactor(key)): BodyRedactor | undefined {
  const { method = "PUT", target, direction = "request", contentType, contentEncoding } = call;
  return redactor.body(
    matchApiEndpoint(method, target),
    direction,
    contentType,
    contentEncoding,
    call.status ?? (direction === "request" ? 0 : 200),
  );
}

/** What may be stored of a body by the built-in rules; fails when it may be stored as received. */
export function redactedBody(
  call: Call,
  body: string | Uint8Array,
  cuts: readonly number[] = [],
): Redacted {
  const redactor = bodyOf(call);
  if (redactor === undefined) throw new Error(`the body of ${call.target} is not looked through`);
  return redact(redactor, body, cuts);
}

export const settings: Call = { target: "/_cluster/settings", contentType: "application/json" };
