/** Gathers the checkpoints of one log from wherever there are any. */
import type { Buffer } from "node:buffer";

import { digestText } from "../../../tlog/hashes.ts";
import { TlogError } from "../../../tlog/tlog-error.ts";
import { logFiles } from "../../store/tlog-files.ts";
import { readAnchor, type Anchor } from "./anchor.ts";
import { findingOf, type Finding } from "./finding.ts";
import type { LogFolder } from "./log-folder.ts";
import type { Trust } from "./trust.ts";

/** More are thinned out: they only narrow down where a log was rewritten. */
const maxAnchors = 65_536;

/** What was found of one log's checkpoints. */
export interface LogAnchors {
  /** By size; of one size there are several only where the log has contradicted itself. */
  readonly anchors: readonly Anchor[];
  readonly findings: readonly Finding[];
  /** What is odd, and no sign of a change. */
  readonly remarks: readonly string[];
}

/**
 * The checkpoints in a log's folder, and those that the caller and the manifest have of it.
 *
 * @param belongs whether a log with this origin is the one of the folder
 */
export function gatherAnchors(
  folder: LogFolder,
  trust: Trust,
  others: readonly Anchor[],
  belongs: (origin: string) => boolean,
): LogAnchors {
  const gathered = new Map<string, Anchor>();
  const findings: Finding[] = [];
  const remarks: string[] = [];
  const history = new Set<string>();
  const add = (anchor: Anchor): void => {
    const key = `${anchor.size} ${anchor.root.toString("hex")}`;
    const known = gathered.get(key);
    gathered.set(key, known === undefined ? anchor : better(known, anchor));
    if (gathered.size > maxAnchors) thinOut(gathered);
  };
  const read = (note: Uint8Array, where: string): void => {
    try {
      const anchor = readAnchor(note, where, trust);
      if (belongs(anchor.origin)) add(anchor);
      else findings.push(invalid(folder, where, `it is one of ${anchor.origin}, another log`));
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      findings.push(invalid(folder, where, error.message));
    }
  };
  for (const other of others) add(other);
  for (const { bytes, isCut } of folder.history()) {
    const note = isCut ? wholeLines(bytes) : bytes;
    history.add(digestText(note ?? bytes));
    if (note !== undefined) read(note, logFiles.history);
    if (isCut)
      remarks.push(`${folder.name}: the history of checkpoints ends within one, as after a crash`);
  }
  const newest = folder.checkpoint();
  if (newest !== undefined) {
    read(newest, logFiles.checkpoint);
    // It is put there before it is published.
    if (!history.has(digestText(newest)))
      findings.push(invalid(folder, logFiles.checkpoint, "it is none of the history"));
  }
  const anchors = [...gathered.values()].sort((one, other) => one.size - other.size);
  return { anchors, findings: merged(findings), remarks };
}

// Origin, size, root, empty line, signatures, and the beginning of one; cut off anywhere.
const cutNote =
  /^[^\n]*(?:\n\d*(?:\n[A-Za-z0-9+/=]{0,44}(?:\n(?:\n(?:\u2014 [^ \n]+ [A-Za-z0-9+/=]+\n)*(?:\u2014?|\u2014 [^ \n]*(?: [A-Za-z0-9+/=]*)?))?)?)?)?$/u;

/**
 * What can be checked of the last note of a history without end: its whole signature lines;
 * `undefined` when there are none. What a crash cannot have left is given as it is.
 */
function wholeLines(bytes: Buffer): Buffer | undefined {
  if (!isCutNote(bytes)) return bytes;
  const signatures = bytes.indexOf("\n\n\u2014 ");
  const end = bytes.lastIndexOf("\n") + 1;
  return signatures >= 0 && end > signatures + 2 ? bytes.subarray(0, end) : undefined;
}

function isCutNote(bytes: Buffer): boolean {
  try {
    // A character that is cut off at the end waits for its rest and is no error.
    return cutNote.test(new TextDecoder("utf-8", { fatal: true }).decode(bytes, { stream: true }));
  } catch {
    return false;
  }
}

function invalid({ name }: LogFolder, where: string, reason: string): Finding {
  return findingOf("checkpoint_invalid", name, `a checkpoint in ${where} is not valid: ${reason}`);
}

/** The same checkpoint twice: the one that more have signed. */
function better(one: Anchor, other: Anchor): Anchor {
  const more = other.cosigners.length > one.cosigners.length ? other : one;
  const note = more.note ?? one.note ?? other.note;
  return { ...more, note, isHeldElsewhere: one.isHeldElsewhere || other.isHeldElsewhere };
}

/** Drops every second one that only the log itself has signed, but the newest. */
function thinOut(anchors: Map<string, Anchor>): void {
  const plain = [...anchors].filter(([, { isHeldElsewhere }]) => !isHeldElsewhere);
  for (const [at, [key]] of plain.slice(0, -1).entries()) if (at % 2 === 1) anchors.delete(key);
}

/** One file may hold many that are wrong in the same way. */
function merged(findings: readonly Finding[]): Finding[] {
  const counts = new Map<string, number>();
  for (const { message } of findings) counts.set(message, (counts.get(message) ?? 0) + 1);
  return Array.from(counts, ([message, count]) => {
    const finding = findings.find((one) => one.message === message);
    const text = count === 1 ? message : `${message} (${count} times)`;
    return findingOf("checkpoint_invalid", finding?.log ?? "", text);
  });
}
