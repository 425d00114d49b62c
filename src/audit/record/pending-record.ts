/**
 * What the trail keeps of everything that gets two records, from the first one to the second: an
 * HTTP exchange, a TCP session.
 */
export interface PendingRecord {
  /** UUIDv7; joins the two records. */
  readonly id: string;
  /**
   * `onFailure`: what happens when the first record cannot be stored; `undefined`: as the trail's
   * options say.
   */
  readonly route: { readonly onFailure: "continue" | "reject" } | undefined;
  /** How it ended. */
  outcome: string;
  /** `ESP_ERR_…`, or empty. */
  errorCode: string;
  /**
   * @internal from here on: set by the audit. The first record could not be stored and nothing was
   *   forwarded.
   */
  wasRefused: boolean;
  /** Number of the segment which the first record was appended to. */
  segment: number;
  previousOpen: PendingRecord | undefined;
  nextOpen: PendingRecord | undefined;
}
