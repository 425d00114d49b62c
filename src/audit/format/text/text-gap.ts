/** The gap record of the `text` format: written and read here. */
import type { AuditDocument } from "../audit-document.ts";
import type { Gap } from "../encoder.ts";
import { escapeValue, unescapeValue } from "./text-escaping.ts";

const form =
  /^(\d{4}-\d\d-\d\d) (\S+) ID: ([0-9a-f-]{36}) Gap: (\d+) First: (\d+) Last: (\d+) Bytes: (\d+) Refused: (\d+) Reason: (.*) From: (\S+) (\S+) To: (\S+) (\S+)$/;

/**
 * What follows the timestamp, up to the first of the two instants:
 * ` ID: UUID Gap: 12 First: 5 Last: 16 Bytes: 4567 Refused: 0 Reason: ENOSPC From: `.
 */
export function gapText(gap: Gap, id: string): string {
  return (
    ` ID: ${id} Gap: ${gap.records} First: ${gap.firstSequence} Last: ${gap.lastSequence}` +
    ` Bytes: ${gap.bytes} Refused: ${gap.refused} Reason: ${escapeValue(gap.reason)} From: `
  );
}

/** Reads a gap record; undefined for any other line. */
export function parseTextGap(line: string): AuditDocument | undefined {
  const parts = form.exec(line);
  if (parts === null) return undefined;
  const [, day, time, id, records, first, last, bytes, refused, reason = ""] = parts;
  const [fromDay, fromTime, toDay, toTime] = parts.slice(10);
  return {
    "@timestamp": `${day}T${time}Z`,
    event: {
      kind: "event",
      dataset: "es_proxy.audit",
      id,
      action: "audit.gap",
      outcome: "failure",
      start: `${fromDay}T${fromTime}Z`,
      end: `${toDay}T${toTime}Z`,
      reason: unescapeValue(reason),
    },
    es_proxy: {
      record: "gap",
      gap: {
        first_sequence: Number(first),
        last_sequence: Number(last),
        records: Number(records),
        bytes: Number(bytes),
        refused: Number(refused),
      },
    },
  };
}
