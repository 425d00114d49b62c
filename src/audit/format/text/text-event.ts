/** A record about the trail itself in the `text` format: written and read here. */
import { Buffer } from "node:buffer";

import type { Asker, TrailEvent } from "../../record/trail-event.ts";
import { membersOf, type AuditDocument } from "../audit-document.ts";
import { jsonAscii, wireText } from "../json-text.ts";
import { escapeValue, unescapeValue } from "./text-escaping.ts";

const form =
  /^(\d{4}-\d\d-\d\d) (\S+) ID: ([0-9a-f-]{36}) Event: (.*?) Type: (\w+) Outcome: (\w+)(?: User: (.*?) Host: (.*?) Args: (.*?))? Fields: (.*)$/;

/**
 * What follows the timestamp:
 * ` ID: UUID Event: audit.start Type: info Outcome: success Fields: {…}`, and before the fields
 * ` User: NAME Host: NAME Args: […]` where somebody gave a command.
 */
export function eventText(event: TrailEvent, id: string): string {
  const { action, type, outcome, asker, fields } = event;
  return (
    ` ID: ${id} Event: ${escapeValue(action)} Type: ${type} Outcome: ${outcome}` +
    (asker === undefined ? "" : askerText(asker)) +
    ` Fields: ${escapeValue(jsonAscii(fields))}\n`
  );
}

function askerText({ user, host, args }: Asker): string {
  const [name, place] = [user, host].map((text) =>
    escapeValue(Buffer.from(text).toString("latin1")),
  );
  return ` User: ${name} Host: ${place} Args: ${escapeValue(jsonAscii(args))}`;
}

/** Whether the line is such a record. */
export function isEventLine(line: string): boolean {
  return line.includes(" Event: ");
}

/** The record of the line; undefined for any other line. */
export function parseTextEvent(line: string): AuditDocument | undefined {
  const [, day, time, id, action = "", type, outcome, user, host = "", args = "", fields = ""] =
    form.exec(line) ?? [];
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
    ...(user === undefined ? {} : askerMembers(user, host, args)),
    es_proxy: { record: "event", event: membersOf(parsed(unescapeValue(fields))) },
  };
}

function askerMembers(user: string, host: string, args: string): AuditDocument {
  return {
    user: { name: wireText(unescapeValue(user)) },
    host: { hostname: wireText(unescapeValue(host)) },
    process: { args: parsed(unescapeValue(args)) },
  };
}

/** `undefined` for what is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
