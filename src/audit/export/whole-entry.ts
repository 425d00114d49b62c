/** Entries as whole documents, for programs that take NDJSON. */
import { seenJson } from "../../core/unseen-text.ts";
import type { TrailEntry } from "../read/trail-entry.ts";

/** Both records and the facts as one JSON object without a line break. */
export function wholeEntry(entry: TrailEntry): string {
  const { id, kind, opening, closing, facts } = entry;
  const first = opening?.document;
  const last = closing?.document;
  if (kind !== "exchange" && kind !== "session") return seenJson({ id, kind, record: first });
  const names = kind === "exchange" ? ["request", "response"] : ["start", "end"];
  return seenJson({
    id,
    kind,
    [names[0] ?? ""]: first ?? null,
    [names[1] ?? ""]: last ?? null,
    ...(facts === undefined ? {} : { facts }),
  });
}
