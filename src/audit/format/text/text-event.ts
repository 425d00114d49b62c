/** A record about the trail itself in the `text` format: written and read here. */
import type { TrailEvent } from "../../record/trail-event.ts";
import { membersOf, type AuditDocument } from "../audit-document.ts";
import { jsonAscii } from "../json-text.ts";
import { escapeValue, unescapeValue } from "./text-escaping.ts";

const form =
  /^(\d{4}-\d\d-\d\d) (\S+) ID: ([0-9a-f-]{36}) Event: (.*?) Type: (\w+) Outcome: (\w+) Fields: (.*)$/;

/**
 * What follows the timestamp:
 * ` ID: UUID Event: audit.start Type: info Outcome: success Fields: {…}`.
 */
export function eventText({ action, type, outcome, fields }: TrailEvent, id: string): string {
  return (
    ` ID: ${id} Event: ${escapeValue(action)} Type: ${type} Outcome: ${outcome}` +
    ` Fields: ${escapeValue(jsonAscii(fields))}\n`
  );
}

/** Whether the line is such a record. */
export function isEventLine(line: string): boolean {
  return line.includes(" Event: ");
}

/** The record of the line; undefined for any other line. */
export function parseTextEvent(line: string): AuditDocument | undefined {
  const [, day, time, id, action = "", type, outcome, fields = ""] = form.exec(line) ?? [];
  if (id === undefined) return undefined;
  return {
    "@timestamp": `${day}T${time}Z`,
    event: {
      kind: "event",
      dataset: "es_proxy.audit",
      id,
      action: unescapeValue(action),
      category: ["configuration"],
      type: [type],
      outcome,
    },
    es_proxy: { record: "event", event: parsed(unescapeValue(fields)) },
  };
}

function parsed(text: string): AuditDocument {
  try {
    return membersOf(JSON.parse(text));
  } catch {
    return {};
  }
}
