import assert from "node:assert/strict";

import { fieldAt } from "../support/audit-reader.ts";

type Line = Readonly<Record<string, unknown>>;

/**
 * Every sequence number up to the highest is either in the file or counted by a gap record that
 * covers it.
 */
export function assertAccounted(records: readonly Line[]): void {
  const present = new Set(records.map((record) => Number(fieldAt(record, "event.sequence"))));
  assert.equal(present.size, records.length, "no sequence number is given twice");
  let counted = 0;
  const covered = new Set<number>();
  for (const record of records) {
    if (fieldAt(record, "es_proxy.record") !== "gap") continue;
    counted += Number(fieldAt(record, "es_proxy.gap.records"));
    const last = Number(fieldAt(record, "es_proxy.gap.last_sequence"));
    for (let at = Number(fieldAt(record, "es_proxy.gap.first_sequence")); at <= last; at += 1)
      covered.add(at);
  }
  const missing = Array.from({ length: Math.max(...present) }, (_, at) => at + 1).filter(
    (at) => !present.has(at),
  );
  assert.equal(missing.length, counted, "the gap records count what is missing");
  for (const at of missing) assert.ok(covered.has(at), `record ${at} is covered by a gap record`);
}

/** How many records of each kind an id has. */
export function recordsById(
  records: readonly Line[],
): Map<string, { request: number; response: number }> {
  const counts = new Map<string, { request: number; response: number }>();
  for (const record of records) {
    const kind = fieldAt(record, "es_proxy.record");
    if (kind !== "request" && kind !== "response") continue;
    const id = String(fieldAt(record, "event.id"));
    const count = counts.get(id) ?? { request: 0, response: 0 };
    count[kind] += 1;
    counts.set(id, count);
  }
  return counts;
}
