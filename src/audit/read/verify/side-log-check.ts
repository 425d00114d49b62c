/** Holds the side log against what records of the trail say of it. */
import { numberAt, textAt } from "../../format/audit-document.ts";
import { sideLogFile, sideLogState } from "../../store/side-log.ts";
import { findingOf, type Finding } from "./finding.ts";
import type { LogEvidence } from "./log-verification.ts";

/** Each start says how the side log was; so many of them are looked at, the newest ones. */
const maxStarts = 20;

/** What the side log is worth. */
export interface SideLogProof {
  /** The oldest start that it does not agree with. */
  readonly findings: Finding[];
  /** So much of it is as a record of the trail says. */
  readonly provenBytes: number;
}

/** Compares the side log with what the starts of the proxy have recorded of it. */
export function proveSideLog(directory: string, logs: readonly LogEvidence[]): SideLogProof {
  const starts = logs.flatMap(({ name, pass }) =>
    pass.notes.flatMap((note) => {
      if (note.kind !== "event" || note.action !== "audit.start") return [];
      const bytes = numberAt(note.fields, "side_log_bytes");
      const sha256 = textAt(note.fields, "side_log_sha256");
      return bytes === undefined || sha256 === undefined
        ? []
        : [{ name, id: note.id, bytes, sha256 }];
    }),
  );
  starts.sort((one, other) => one.bytes - other.bytes);
  let provenBytes = 0;
  for (const { name, id, bytes, sha256 } of starts.slice(-maxStarts)) {
    const state = sideLogState(directory, bytes);
    if (state?.bytes === bytes && state.sha256 === sha256) {
      provenBytes = bytes;
      continue;
    }
    const what = state === undefined ? "is missing" : "was changed";
    const message = `${sideLogFile} ${what}: the record ${id} says what its ${bytes} bytes were`;
    return { findings: [findingOf("side_log_changed", name, message)], provenBytes };
  }
  return { findings: [], provenBytes };
}
