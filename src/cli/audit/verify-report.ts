/** What a verification has found, for people and for programs. */
import { countText } from "../../core/count-text.ts";
import type { Anchor } from "../../audit/read/verify/anchor.ts";
import { unreadRanges } from "../../audit/read/verify/encrypted-files.ts";
import type { Finding } from "../../audit/read/verify/finding.ts";
import type { LogEvidence } from "../../audit/read/verify/log-verification.ts";
import type { TrustSource } from "../../audit/read/verify/trust.ts";
import type { Verification } from "../../audit/read/verify/verify-trail.ts";
import { toOneLine } from "../../config/diagnostic.ts";
import { sizeText } from "./cell.ts";

/** More would hide the first ones. */
const maxShown = 20;
const indent = "    ";

/** How far one log is signed, as numbers. */
interface LogState {
  readonly records: number;
  readonly newest: Anchor | undefined;
  readonly witnessed: Anchor | undefined;
  readonly bodies: number;
  readonly bodyBytes: number;
  readonly erased: number;
}

function stateOf({ anchors, pass }: LogEvidence): LogState {
  const ends = pass.segments.map(({ end }) => end);
  return {
    records: pass.result.size,
    newest: anchors.at(-1),
    witnessed: anchors.findLast(({ isHeldElsewhere }) => isHeldElsewhere),
    bodies: ends.reduce((sum, { bodies }) => sum + bodies, 0),
    bodyBytes: ends.reduce((sum, { bodyBytes }) => sum + bodyBytes, 0),
    erased: pass.notes.filter(({ kind }) => kind === "erased").length,
  };
}

/** For people: the verdict, then each log, then what is odd. */
export function verificationText(
  { logs, findings, remarks, events }: Verification,
  source: TrustSource,
): string {
  const lines = findings.slice(0, maxShown).map(findingText);
  if (findings.length > maxShown) lines.push(`and ${findings.length - maxShown} more`);
  for (const log of logs) {
    lines.push(...logText(log));
    for (const { from, to, reason, event } of events.prunedOf(log.name))
      lines.push(`${indent}records ${from} to ${to - 1} were pruned: ${reason} (${event})`);
    for (const { from, to, event } of unreadRanges(log.name, log.pass.absent, events))
      lines.push(
        `${indent}records ${from} to ${to - 1} are encrypted and were not read, only their files ` +
          `compared (${event})`,
      );
  }
  for (const remark of remarks) lines.push(`note: ${remark}`);
  lines.push(...trustText(source));
  lines.push(verdictText(findings));
  return `${lines.map(toOneLine).join("\n")}\n`;
}

function verdictText(findings: readonly Finding[]): string {
  if (findings.length === 0) return "Everything is as it was signed.";
  const count = countText(findings.length, "finding");
  // No log was kept, or somebody has taken it away: nothing tells which.
  return findings.every(({ kind }) => kind === "unsigned")
    ? `Nothing proves these records: ${count}.`
    : `Not as it was signed: ${count}.`;
}

/** `BAD audit: record 50: changed since it was written`, and where it is. */
export function findingText({ log, message, segment, offset, id }: Finding): string {
  const place =
    segment === undefined ? "" : ` (${segment}${offset === undefined ? "" : ` at ${offset}`})`;
  return `BAD ${log}: ${message}${place}${id === undefined ? "" : ` id ${id}`}`;
}

function logText(log: LogEvidence): string[] {
  const { records, newest, witnessed, bodies, bodyBytes, erased } = stateOf(log);
  const lines = [
    `${log.name}: ${countText(records, "record")} in ` +
      `${countText(log.pass.segments.length, "segment")}, ` +
      `${countText(bodies, "body", "bodies")} outside of them (${sizeText(bodyBytes)})`,
  ];
  if (erased > 0) lines.push(`${indent}${erased} of the records are erased`);
  if (newest === undefined) return lines;
  lines.push(
    `${indent}newest checkpoint: ${countText(newest.size, "record")}, of ${newest.origin}`,
  );
  if (newest.size < records)
    lines.push(`${indent}${countText(records - newest.size, "record")} behind it: not signed yet`);
  if (witnessed === undefined) {
    lines.push(`${indent}nobody else has signed: who owns the key could have computed it all anew`);
    return lines;
  }
  lines.push(
    `${indent}newest one that somebody else has: ${witnessed.size} records, ${byWhom(witnessed)}`,
  );
  if (witnessed.size < records)
    lines.push(
      `${indent}${records - witnessed.size} records behind that: who owns the key could have ` +
        "changed or cut them",
    );
  return lines;
}

function byWhom({ cosigners, where }: Anchor): string {
  if (cosigners.length === 0) return `in ${where}`;
  return cosigners.map(({ name, time }) => `by ${name}${timeText(time)}`).join(", ");
}

function timeText(seconds: number): string {
  if (seconds === 0) return "";
  return ` at ${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")} UTC`;
}

function trustText(source: TrustSource): string[] {
  if (source !== "directory") return [];
  return [
    "note: the keys are those that the directory itself names: whoever can write there could " +
      "have replaced them; --vkey or --policy names those that you were given",
  ];
}

/** For programs. */
export function verificationJson(
  { logs, findings, remarks, events }: Verification,
  source: TrustSource,
): string {
  const value = {
    ok: findings.length === 0,
    keys_from: source,
    findings,
    logs: logs.map((log) => logJson(log, events)),
    remarks,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
}

function logJson(log: LogEvidence, events: Verification["events"]): object {
  const pruned = events.prunedOf(log.name);
  const unread = unreadRanges(log.name, log.pass.absent, events);
  const { records, newest, witnessed, bodies, bodyBytes, erased } = stateOf(log);
  return {
    log: log.name,
    records,
    segments: log.pass.segments.map(({ segment, firstIndex, lines }) => ({
      name: segment.name,
      first_index: firstIndex,
      records: lines,
    })),
    bodies: { count: bodies, bytes: bodyBytes },
    erased,
    pruned: pruned.map(({ from, to, reason, event }) => ({
      first_index: from,
      records: to - from,
      reason,
      event,
    })),
    encrypted: unread.map(({ from, to, event }) => ({
      first_index: from,
      records: to - from,
      event,
    })),
    checkpoint: newest && anchorJson(newest),
    witnessed: witnessed && anchorJson(witnessed),
    behind_checkpoint: records - (newest?.size ?? 0),
    behind_witnessed: records - (witnessed?.size ?? 0),
  };
}

function anchorJson({ origin, size, root, where, cosigners }: Anchor): object {
  return { origin, records: size, root: root.toString("base64"), where, cosigned_by: cosigners };
}
