/** Reads the two lines of a TCP session that `text-session.ts` writes. */
import { isIP } from "node:net";

import type { AuditDocument } from "../audit-document.ts";
import { base64Of, isExact, wireText } from "../json-text.ts";
import { pointerDocument } from "./text-body.ts";
import { unescapeValue } from "./text-escaping.ts";
import { durationSeconds } from "./text-line.ts";

const head =
  /^(\d{4}-\d\d-\d\d) (\S+) ID: ([0-9a-f-]{36}) Listener: (.*?) Source: (.*?) Port: (\d+) Server-Name: (.*?) Decision: (\w+) Target: (.*)$/;
const decidedEnd = /^(.*) Seen: (\d+)(?: Body: (\S*))?$/;
const endedEnd =
  /^(.*) Server: (.*) Attempts: (\d+) Up: (\d+) Down: (\d+) Duration: (\d+\.\d{3}s|-) Outcome: (\w+) Code: (\S+)$/;

/** Whether the line belongs to a TCP session. */
export function isSessionLine(line: string): boolean {
  return line.includes(" Decision: ");
}

/** The record of a session's line; undefined for any other line. */
export function parseTextSession(line: string): AuditDocument | undefined {
  const parts = head.exec(line);
  if (parts === null) return undefined;
  const [, day, time, id, listener = "", source = "", port, serverName = "", decision, rest = ""] =
    parts;
  const decided = decidedEnd.exec(rest);
  const ended = decided === null ? endedEnd.exec(rest) : null;
  const end = decided ?? ended;
  if (end === null) return undefined;
  const seconds = durationSeconds(ended?.[6], ended?.[7]);
  const target = unless(end[1] ?? "");
  const name = unless(serverName);
  return {
    "@timestamp": `${day}T${time}Z`,
    event: {
      kind: "event",
      dataset: "es_proxy.audit",
      id,
      action: decided === null ? "tcp.session" : "tcp.decision",
      ...(seconds === undefined ? {} : { duration: Math.round(seconds * 1e9) }),
    },
    es_proxy: {
      record: decided === null ? "session_end" : "session_start",
      listener: unescapeValue(listener),
      decision,
      ...(target === undefined ? {} : { target: wireText(target) }),
      ...(decision === "pool" && target !== undefined ? { pool: wireText(target) } : {}),
      ...(decided === null ? endedFields(ended) : decidedFields(decided)),
      ...exactBytes(target, name),
    },
    source: { ...addressOf(unless(source), Number(port)), ...countOf("bytes", ended?.[4]) },
    ...(name === undefined ? {} : { tls: { client: { server_name: wireText(name) } } }),
    ...(ended === null ? {} : { destination: countOf("bytes", ended[5]) }),
    ...errorOf(ended?.[8]),
  };
}

function decidedFields(parts: RegExpExecArray): AuditDocument {
  return { ...countOf("seen_bytes", parts[2]), ...seenFields(parts[3]) };
}

function seenFields(body: string | undefined): AuditDocument {
  if (body === undefined) return {};
  const stored = pointerDocument(body);
  return stored === undefined ? { first_bytes: body } : { request_body: stored };
}

function endedFields(parts: RegExpExecArray | null): AuditDocument {
  if (parts === null) return {};
  const endpoint = unless(parts[2] ?? "");
  return {
    outcome: parts[7],
    ...countOf("attempts", parts[3]),
    ...(endpoint === undefined ? {} : { upstream: { endpoint } }),
  };
}

function addressOf(address: string | undefined, port: number): AuditDocument {
  if (address === undefined) return {};
  return isIP(address) === 0 ? { address } : { ip: address, port };
}

function countOf(name: string, digits: string | undefined): AuditDocument {
  return digits === undefined ? {} : { [name]: Number(digits) };
}

function errorOf(code: string | undefined): AuditDocument {
  return code === undefined || code === "-" ? {} : { error: { code } };
}

/** `raw`: base64 of the values whose bytes cannot be told from their text. */
function exactBytes(target: string | undefined, serverName: string | undefined): AuditDocument {
  const raw = Object.entries({ session_target: target, server_name: serverName }).flatMap(
    ([name, value]) => (value === undefined || isExact(value) ? [] : [[name, base64Of(value)]]),
  );
  return raw.length === 0 ? {} : { raw: Object.fromEntries(raw) };
}

function unless(text: string): string | undefined {
  return text === "-" ? undefined : unescapeValue(text);
}
