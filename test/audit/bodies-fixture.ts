/** Bodies that pass through a trail, and what lies in its packs. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readdirSync } from "node:fs";

import { bodyPointerAt } from "../../src/audit/format/ecs/ecs-body-fields.ts";
import { readBody } from "../../src/audit/store/stored-body.ts";
import type { AuditTrail } from "../../src/audit/trail/audit-trail.ts";
import type { ExchangeRecord } from "../../src/audit/record/exchange-record.ts";

/** Passes a response body through a capture in pieces. */
export function pass(
  trail: AuditTrail,
  record: ExchangeRecord,
  body: Buffer,
  piece: number,
  isComplete = true,
): void {
  const tap = trail.tapResponse(record);
  for (let at = 0; at < body.length; at += piece)
    tap.write(body, at, Math.min(at + piece, body.length));
  tap.finish(isComplete);
}

/** The packs of a directory. */
export function packsOf(directory: string): string[] {
  return readdirSync(directory)
    .filter((name) => name.endsWith(".pack"))
    .sort();
}

/** The content that the record points to, checked against its hash. */
export function contentOf(
  directory: string,
  record: Readonly<Record<string, unknown>>,
  name: "request_body" | "response_body",
): Promise<Buffer> {
  const pointer = bodyPointerAt(record, name);
  assert.ok(pointer !== undefined, `the record points to a ${name}`);
  return readBody(directory, pointer, 1 << 30);
}

export function sha256(body: Buffer): string {
  return createHash("sha256").update(body).digest("hex");
}
