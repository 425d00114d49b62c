/** What the records about the trail allow: segments that were pruned, records that were erased. */
import { numberAt, textAt, type AuditDocument } from "../../format/audit-document.ts";

/** A segment that was removed with a record that says so. */
export interface PrunedRange {
  readonly from: number;
  readonly to: number;
  readonly reason: string;
  /** Id of the record. */
  readonly event: string;
}

/** Records that are gone although the log has them, in words. */
export interface Allowed {
  readonly reason: string;
  readonly event: string;
}

/** Gathers these records from all logs of a directory. */
export class TrailEvents {
  readonly #pruned = new Map<string, PrunedRange[]>();
  readonly #packs = new Map<string, Allowed>();
  readonly #erased = new Map<string, Allowed>();

  /**
   * @param event id of the record
   * @param fields `es_proxy.event` of it
   */
  add(action: string, event: string, fields: AuditDocument): void {
    if (action === "audit.prune") this.#addPrune(event, fields);
    if (action !== "audit.erase") return;
    const allowed = { reason: textAt(fields, "reason") ?? "", event };
    for (const entry of stringsAt(fields, "entries")) this.#erased.set(entry, allowed);
  }

  /** Why the record with this entry may be erased; `undefined`: nothing says so. */
  erasureOf(entry: string): Allowed | undefined {
    return this.#erased.get(entry);
  }

  /** Why a body pack may be missing. */
  pruneOfPack(pack: string): Allowed | undefined {
    return this.#packs.get(pack);
  }

  /** What was pruned of a log, by number. */
  prunedOf(log: string): readonly PrunedRange[] {
    const ranges = this.#pruned.get(log) ?? [];
    return ranges.toSorted((one, other) => one.from - other.from);
  }

  /** Parts of a range of records that nothing says was pruned. */
  unpruned(log: string, from: number, to: number): { from: number; to: number }[] {
    const parts: { from: number; to: number }[] = [];
    let next = from;
    for (const range of this.prunedOf(log)) {
      if (range.to <= next || range.from >= to) continue;
      if (range.from > next) parts.push({ from: next, to: range.from });
      next = Math.max(next, range.to);
    }
    if (next < to) parts.push({ from: next, to });
    return parts;
  }

  #addPrune(event: string, fields: AuditDocument): void {
    const log = textAt(fields, "log") ?? "";
    const from = numberAt(fields, "first_index");
    const records = numberAt(fields, "records");
    const reason = textAt(fields, "reason") ?? "";
    for (const pack of stringsAt(fields, "packs")) this.#packs.set(pack, { reason, event });
    if (from === undefined || records === undefined) return;
    const ranges = this.#pruned.get(log) ?? [];
    ranges.push({ from, to: from + records, reason, event });
    this.#pruned.set(log, ranges);
  }
}

function stringsAt(document: AuditDocument, name: string): string[] {
  const value = document[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
