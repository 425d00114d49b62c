import type { ExchangeRecord } from "../record/exchange-record.ts";
import type { SealedBody } from "../record/sealed-body.ts";
import type { SessionRecord } from "../record/session-record.ts";
import type { TrailEvent } from "../record/trail-event.ts";
import type { AuditDocument } from "./audit-document.ts";
import type { LineBatch } from "./line-batch.ts";

/** Why and how many records are missing. */
export interface Gap {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /**
   * Records lost; their sequence numbers lie between the two, not necessarily all of those between.
   */
  readonly records: number;
  /** Bytes of the lost lines. */
  readonly bytes: number;
  /** Of the lost records: requests that were refused, so nothing of them was forwarded. */
  readonly refused: number;
  /** Error code of the operating system, or `queue_full`. */
  readonly reason: string;
  /** Milliseconds since the Unix epoch of the first and last loss. */
  readonly fromMs: number;
  readonly toMs: number;
}

/** A request record of a dead process, as far as its terminal record needs it. */
export interface OpenRequest {
  readonly id: string;
  /** Its request record, in whatever format it was written; empty where it was not found. */
  readonly request: AuditDocument;
  /** What had passed of its bodies. */
  readonly requestBody: SealedBody | undefined;
  readonly responseBody: SealedBody | undefined;
}

/**
 * Writes records as lines: pure ASCII, one line feed at the end. Each method puts one line into the
 * batch, between the caller's `begin` and `end`. One encoder belongs to one trail; what it renders
 * once is kept on the facts objects. `request` and `terminal` run on the hot path.
 */
export interface Encoder {
  /** Extension of the files, with the dot. */
  readonly extension: string;
  request(batch: LineBatch, record: ExchangeRecord, sequence: number): void;
  terminal(batch: LineBatch, record: ExchangeRecord, sequence: number): void;
  sessionDecided(batch: LineBatch, record: SessionRecord, sequence: number): void;
  sessionEnded(batch: LineBatch, record: SessionRecord, sequence: number): void;
  gap(batch: LineBatch, gap: Gap, id: string, sequence: number, wallMs: number): void;
  /** A record about the trail itself. */
  event(batch: LineBatch, event: TrailEvent, id: string, sequence: number, wallMs: number): void;
  /** The last record, `crash_recovered`, of a request or session whose process died. */
  recovered(batch: LineBatch, open: OpenRequest, sequence: number, wallMs: number): void;
}
