import type { SealedBody } from "./body-store.ts";
import type { ExchangeRecord } from "./record.ts";

/** Why and how many records are missing. */
export interface Gap {
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Records lost; their sequence numbers lie between the two, not necessarily all of those between. */
  readonly records: number;
  /** Octets of the lost lines. */
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
  /** The whole request line without its line feed. */
  readonly line: string;
  /** What had passed of its bodies; sealed in the body store. */
  readonly requestBody: SealedBody | undefined;
  readonly responseBody: SealedBody | undefined;
}

/**
 * Writes records as lines: pure ASCII, one line feed at the end. One encoder belongs to one trail; what it renders once is kept on the facts objects.
 * Runs on the hot path.
 */
export interface Encoder {
  /** Extension of the files, with the dot. */
  readonly extension: string;
  request(record: ExchangeRecord, sequence: number): string;
  terminal(record: ExchangeRecord, sequence: number): string;
  gap(gap: Gap, id: string, sequence: number, wallMs: number): string;
  /** The terminal record `crash_recovered` of a request whose process died. */
  recovered(open: OpenRequest, sequence: number, wallMs: number): string;
}
