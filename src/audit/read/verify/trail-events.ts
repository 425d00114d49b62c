/** What the records about the trail allow: segments that were pruned, records that were erased. */
import { numberAt, textAt, type AuditDocument } from "../../format/audit-document.ts";
import { removalsFile, type RemovalLine } from "../../store/removals.ts";

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

/** A segment that was encrypted: its records are in files that nobody here can read. */
export interface EncryptedRange {
  readonly segment: string;
  readonly from: number;
  readonly to: number;
  /** Of its files, with their SHA-256 in hexadecimal. */
  readonly files: ReadonlyMap<string, string>;
  /** Id of the record that says so. */
  readonly event: string;
}

/** Gathers these records from all logs of a directory. */
export class TrailEvents {
  readonly #pruned = new Map<string, PrunedRange[]>();
  readonly #encrypted = new Map<string, EncryptedRange[]>();
  readonly #packs = new Map<string, Allowed>();
  /** Hashes of lines of the file of removals that records hold. */
  readonly #vouched = new Set<string>();
  readonly #erased = new Map<string, Allowed>();

  /**
   * @param event id of the record
   * @param fields `es_proxy.event` of it
   */
  add(action: string, event: string, fields: AuditDocument): void {
    const sha256 = textAt(fields, "removals_sha256");
    if (sha256 !== undefined) this.#vouched.add(sha256);
    if (action === "audit.prune") this.#addPrune(event, fields);
    if (action === "audit.encrypt") this.#addEncryption(event, fields);
    if (action !== "audit.erase") return;
    const allowed = { reason: textAt(fields, "reason") ?? "", event };
    for (const entry of stringsAt(fields, "entries")) this.#erased.set(entry, allowed);
  }

  /**
   * What stands in the file of removals, up to the last line that a record vouches for: records
   * that say so themselves may have been pruned.
   *
   * @returns what is wrong with the file; `undefined`: nothing
   */
  addRemovals(lines: readonly RemovalLine[]): string | undefined {
    const known = new Set(lines.map(({ sha256 }) => sha256));
    const last = lines.findLastIndex(({ sha256 }) => this.#vouched.has(sha256));
    for (const { removal } of lines.slice(0, last + 1))
      this.add(removal.action, `${removalsFile}:${removal.n}`, removal.fields);
    const isMissing = [...this.#vouched].some((sha256) => !known.has(sha256));
    return isMissing ? `${removalsFile} is not the file that records of the trail name` : undefined;
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

  /** What was encrypted of a log, by number; of one segment the last time. */
  encryptedOf(log: string): readonly EncryptedRange[] {
    const bySegment = new Map(this.#encrypted.get(log)?.map((range) => [range.segment, range]));
    return [...bySegment.values()].sort((one, other) => one.from - other.from);
  }

  /** Parts of a range of records that nothing says was pruned or encrypted. */
  unaccounted(log: string, from: number, to: number): { from: number; to: number }[] {
    return this.unpruned(log, from, to).flatMap((part) =>
      without(this.encryptedOf(log), part.from, part.to),
    );
  }

  /** Parts of a range of records that nothing says was pruned. */
  unpruned(log: string, from: number, to: number): { from: number; to: number }[] {
    return without(this.prunedOf(log), from, to);
  }

  #addEncryption(event: string, fields: AuditDocument): void {
    const log = textAt(fields, "log") ?? "";
    const from = numberAt(fields, "first_index");
    const records = numberAt(fields, "records");
    const allowed = { reason: "encrypted", event };
    for (const pack of stringsAt(fields, "packs")) this.#packs.set(pack, allowed);
    if (from === undefined || records === undefined) return;
    const segment = textAt(fields, "segment") ?? "";
    const files = stringsAt(fields, "files").map((file): [string, string] => {
      const [name = "", sha256 = ""] = file.split(" ");
      return [name, sha256];
    });
    const ranges = this.#encrypted.get(log) ?? [];
    ranges.push({ segment, from, to: from + records, files: new Map(files), event });
    this.#encrypted.set(log, ranges);
  }

  #addPrune(event: string, fields: AuditDocument): void {
    const log = textAt(fields, "log") ?? "";
    const from = numberAt(fields, "first_index");
    const records = numberAt(fields, "records");
    const reason = textAt(fields, "reason") ?? "";
    for (const pack of stringsAt(fields, "packs")) this.#packs.set(pack, { reason, event });
    if (from === undefined || records === undefined) return;
    const ranges = this.#pruned.get(log) ?? [];
    const to = from + records;
    // The trail and the file of removals say the same.
    if (ranges.some((range) => range.from === from && range.to === to)) return;
    ranges.push({ from, to, reason, event });
    this.#pruned.set(log, ranges);
  }
}

/** What is left of a range when others are taken out of it. @param ranges by their beginning */
function without(
  ranges: readonly { readonly from: number; readonly to: number }[],
  from: number,
  to: number,
): { from: number; to: number }[] {
  const parts: { from: number; to: number }[] = [];
  let next = from;
  for (const range of ranges) {
    if (range.to <= next || range.from >= to) continue;
    if (range.from > next) parts.push({ from: next, to: range.from });
    next = Math.max(next, range.to);
  }
  if (next < to) parts.push({ from: next, to });
  return parts;
}

function stringsAt(document: AuditDocument, name: string): string[] {
  const value = document[name];
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
