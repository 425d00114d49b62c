/** What a trail holds: exchanges and sessions with both records, and records that stand alone. */
import type { Buffer } from "node:buffer";
import { dirname } from "node:path";

import { textAt, valueAt, type AuditDocument } from "../format/audit-document.ts";
import { LineHead, timeOfLine } from "../format/line-head.ts";
import { readLine } from "../format/line-reader.ts";
import type { Segment } from "./segment.ts";

const head = new LineHead();
/** UUIDv7. Characters. */
const idLength = 36;

/** One line of a segment. */
export class RecordLine {
  readonly segment: Segment;
  /** Where it begins in the segment, before compression. Bytes. */
  readonly offset: number;
  /** The line without its line feed: what proofs are about. */
  readonly bytes: Buffer;
  #document: AuditDocument | undefined = undefined;
  #isRead = false;

  constructor(segment: Segment, offset: number, bytes: Buffer) {
    this.segment = segment;
    this.offset = offset;
    this.bytes = bytes;
  }

  /** The record; `undefined` when the line is none. Parsed when it is asked for. */
  get document(): AuditDocument | undefined {
    if (!this.#isRead) {
      this.#document = readLine(this.bytes.toString("latin1"));
      this.#isRead = true;
    }
    return this.#document;
  }

  /** Id of what it is a record of; empty where it has none. Nothing is parsed for it. */
  get id(): string {
    if (!this.#isRead) {
      head.reset();
      head.read(this.bytes, 0, this.bytes.length);
      const { idAt } = head;
      if (idAt >= 0) return this.bytes.toString("latin1", idAt, idAt + idLength);
    }
    return textAt(this.document ?? {}, "event.id") ?? "";
  }

  /** Its timestamp in milliseconds since the epoch; NaN when it has none. */
  get timeMs(): number {
    head.reset();
    head.read(this.bytes, 0, this.bytes.length);
    if (head.timeAt >= 0) return timeOfLine(this.bytes, head.timeAt);
    return Date.parse(textAt(this.document ?? {}, "@timestamp") ?? "");
  }

  /** Forgets the parsed record, which takes several times the memory of the line. */
  release(): void {
    this.#document = undefined;
    this.#isRead = false;
  }
}

/** What an entry is. */
export type EntryKind = "exchange" | "session" | "gap" | "event" | "other";

/** By what `es_proxy.record` says. */
const kinds: ReadonlyMap<string, EntryKind> = new Map([
  ["request", "exchange"],
  ["response", "exchange"],
  ["session_start", "session"],
  ["session_end", "session"],
  ["gap", "gap"],
  ["event", "event"],
]);

/**
 * An exchange or a session with its two records, or a record that stands alone. Values are looked
 * for in the first record, then in the last one, then in the facts.
 */
export class TrailEntry {
  /** The first record; `undefined`: it is not in the trail. Records that stand alone are this. */
  readonly opening: RecordLine | undefined;
  /** The last record; `undefined`: it is not in the trail, or not yet. */
  readonly closing: RecordLine | undefined;
  /** When it began, in milliseconds since the epoch; NaN where nothing says. */
  readonly startMs: number;
  /** Line of what was derived from its bodies; set before the entry is filtered, by who has it. */
  factsLine: Buffer | undefined = undefined;
  /** It was shipped without bodies that its records have. */
  isCut = false;
  /** Id of the first call of the read that it is a part of, where that was worked out. */
  readId: string | undefined = undefined;
  #facts: AuditDocument | undefined = undefined;

  constructor(opening: RecordLine | undefined, closing: RecordLine | undefined) {
    this.opening = opening;
    this.closing = closing;
    if (opening !== undefined) this.startMs = opening.timeMs;
    else this.startMs = Date.parse(textAt(closing?.document ?? {}, "event.start") ?? "");
  }

  /**
   * What was derived from its bodies, as a document with `es_proxy.facts`; parsed when asked for.
   */
  get facts(): AuditDocument | undefined {
    if (this.factsLine === undefined && this.readId === undefined) return undefined;
    this.#facts ??= withRead(readLine(this.factsLine?.toString("latin1") ?? "") ?? {}, this.readId);
    return this.#facts;
  }

  get kind(): EntryKind {
    // An erased record says what it was.
    return kinds.get(this.text("es_proxy.erased") ?? this.text("es_proxy.record") ?? "") ?? "other";
  }

  /** UUIDv7; empty where the records have none. */
  get id(): string {
    const first = this.opening?.id ?? "";
    return first === "" ? (this.closing?.id ?? "") : first;
  }

  /** Where its records lie, and its bodies; `undefined`: they were shipped. */
  get directory(): string | undefined {
    const path = (this.opening ?? this.closing)?.segment.path ?? "";
    return path === "" ? undefined : dirname(path);
  }

  /** An exchange or session whose last record is missing: under way, or lost. */
  get isOpen(): boolean {
    return this.closing === undefined && (this.kind === "exchange" || this.kind === "session");
  }

  /** The value at a dotted path in the first of its documents that has one. */
  value(path: string): unknown {
    for (const document of [this.opening?.document, this.closing?.document, this.facts]) {
      const value = document === undefined ? undefined : valueAt(document, path);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The same for texts; a number is written out. */
  text(path: string): string | undefined {
    const value = this.value(path);
    return typeof value === "string" || typeof value === "number" ? String(value) : undefined;
  }

  /** The same for numbers. */
  number(path: string): number | undefined {
    const value = this.value(path);
    return typeof value === "number" ? value : undefined;
  }

  /** Forgets the parsed records until they are asked for again. */
  release(): void {
    this.opening?.release();
    this.closing?.release();
    this.#facts = undefined;
  }
}

/** The facts with the id of a read in them. */
function withRead(document: AuditDocument, id: string | undefined): AuditDocument {
  if (id === undefined) return document;
  const member = (name: string): AuditDocument => (valueAt(document, name) ?? {}) as AuditDocument;
  const facts = member("es_proxy.facts");
  const read = { ...member("es_proxy.facts.read"), id };
  return { ...document, es_proxy: { ...member("es_proxy"), facts: { ...facts, read } } };
}
