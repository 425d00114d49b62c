import { isIP } from "node:net";

import type { SessionRecord } from "../../record/session-record.ts";
import { escapeUnlike, escapeValue } from "./text-escaping.ts";

/**
 * What follows the timestamp in the line of a decision: ` ID: UUID Listener: NAME Source: IP Port:
 * 40123 Server-Name: - Decision: remote Target: HOST:PORT Seen: 43`, and ` Body: BASE64`, the bytes
 * themselves, where the configuration asks for them. `-` stands for what there is not.
 */
export function decidedText(record: SessionRecord): string {
  const seen = record.seen === undefined ? "" : ` Body: ${record.seen.toString("base64")}`;
  return `${sessionHead(record)} Seen: ${record.seenBytes}${seen}\n`;
}

/**
 * What follows the timestamp when the session has ended: the same up to the target, then ` Server:
 * IP:PORT Attempts: 1 Up: 12 Down: 34 Duration: 0.005s Outcome: completed Code: -`.
 */
export function endedText(record: SessionRecord): string {
  const { endpoint, attempts, bytesUp, bytesDown, outcome, errorCode } = record;
  const seconds = (Math.max(0, Math.round(record.endedMs - record.acceptedMs)) / 1000).toFixed(3);
  return (
    `${sessionHead(record)} Server: ${endpoint === "" ? "-" : escapeValue(endpoint)} Attempts: ${attempts} ` +
    `Up: ${bytesUp} Down: ${bytesDown} Duration: ${seconds}s Outcome: ${outcome} Code: ${errorCode === "" ? "-" : errorCode}\n`
  );
}

/**
 * What follows the timestamp and the id when the process died between the two. @param line the line
 * of the decision
 */
export function recoveredText(line: string): string {
  const middle = / Listener: .*(?= Seen: )/.exec(line)?.[0] ?? "";
  return `${middle} Server: - Attempts: 0 Up: 0 Down: 0 Duration: 0.000s Outcome: crash_recovered Code: -\n`;
}

/** Whether this is the line of a decision. */
export function isDecidedText(line: string): boolean {
  return line.includes(" Decision: ") && line.includes(" Seen: ");
}

function sessionHead(record: SessionRecord): string {
  const { id, route, peer, tlsServerName, decision, target } = record;
  const address =
    peer.address.startsWith("::ffff:") && isIP(peer.address.slice(7)) === 4
      ? peer.address.slice(7)
      : peer.address;
  return (
    ` ID: ${id} Listener: ${escapeValue(route.listener)} Source: ${address === "" ? "-" : escapeValue(address)} Port: ${peer.port}` +
    ` Server-Name: ${tlsServerName === undefined ? "-" : escapeUnlike(tlsServerName, "-")}` +
    ` Decision: ${decision} Target: ${target === undefined ? "-" : escapeUnlike(target, "-")}`
  );
}
