import { isIP } from "node:net";

import type { SessionRecord } from "../../record/session-record.ts";
import { exactAt, numberAt, textAt, type AuditDocument } from "../audit-document.ts";
import { pointerText } from "./text-body.ts";
import { escapeUnlike, escapeValue } from "./text-escaping.ts";

/**
 * What follows the timestamp in the line of a decision: ` ID: UUID Listener: NAME Source: IP Port:
 * 40123 Server-Name: - Decision: remote Target: HOST:PORT Seen: 43`, and ` Body: BASE64`, the bytes
 * themselves, where the configuration asks for them. `-` stands for what there is not.
 */
export function decidedText(record: SessionRecord): string {
  const { content, pointer } = record.seen;
  const seen = content?.toString("base64") ?? (pointer && pointerText(pointer));
  const body = seen === undefined ? "" : ` Body: ${seen}`;
  return `${sessionHead(record)} Seen: ${record.seenBytes}${body}\n`;
}

/**
 * What follows the timestamp when the session has ended: the same up to the target, then ` Server:
 * IP:PORT Attempts: 1 Up: 12 Down: 34 Duration: 0.005s Outcome: completed Code: -`.
 */
export function endedText(record: SessionRecord): string {
  const { endpoint, attempts, bytesUp, bytesDown, outcome, errorCode } = record;
  const seconds = (Math.max(0, Math.round(record.endedMs - record.acceptedMs)) / 1000).toFixed(3);
  return (
    `${sessionHead(record)} Server: ${endpoint === "" ? "-" : escapeValue(endpoint)} ` +
    `Attempts: ${attempts} ` +
    `Up: ${bytesUp} Down: ${bytesDown} Duration: ${seconds}s Outcome: ${outcome} ` +
    `Code: ${errorCode === "" ? "-" : errorCode}\n`
  );
}

/**
 * What follows the timestamp when the process died between the two records.
 *
 * @param request the record of the decision
 */
export function recoveredSessionText(id: string, request: AuditDocument): string {
  const address = textAt(request, "source.ip") ?? textAt(request, "source.address") ?? "-";
  const client = textAt(request, "client.ip") ?? textAt(request, "client.address") ?? address;
  const port = numberAt(request, "client.port") ?? numberAt(request, "source.port") ?? 0;
  const listener = escapeValue(textAt(request, "es_proxy.listener") ?? "");
  const serverName = exactAt(request, "tls.client.server_name", "server_name");
  const target = exactAt(request, "es_proxy.target", "session_target");
  return (
    ` ID: ${id} Listener: ${listener} Source: ${escapeValue(client)} Port: ${port}` +
    ` Server-Name: ${serverName === undefined ? "-" : escapeUnlike(serverName, "-")}` +
    ` Decision: ${textAt(request, "es_proxy.decision") ?? "none"}` +
    ` Target: ${target === undefined ? "-" : escapeUnlike(target, "-")}` +
    " Server: - Attempts: 0 Up: 0 Down: 0 Duration: - Outcome: crash_recovered Code: -\n"
  );
}

function sessionHead(record: SessionRecord): string {
  const { id, route, peer, tlsServerName, decision, target } = record;
  const address =
    peer.address.startsWith("::ffff:") && isIP(peer.address.slice(7)) === 4
      ? peer.address.slice(7)
      : peer.address;
  return (
    ` ID: ${id} Listener: ${escapeValue(route.listener)} Source: ` +
    `${address === "" ? "-" : escapeValue(address)} Port: ${peer.port}` +
    ` Server-Name: ${tlsServerName === undefined ? "-" : escapeUnlike(tlsServerName, "-")}` +
    ` Decision: ${decision} Target: ${target === undefined ? "-" : escapeUnlike(target, "-")}`
  );
}
