/** What slow clients do; `attackers.ts` has the bytes. */
export const attackKinds = [
  "upload",
  "download",
  "head",
  "pipeline",
  "tunnel",
  "silent",
  "idle",
  "handshake",
] as const;
export type AttackKind = (typeof attackKinds)[number];

/** An order to the process of slow clients. */
export interface Attack {
  readonly kind: AttackKind;
  readonly count: number;
  readonly port: number;
  readonly localAddress: string;
  readonly byteEveryMs: number;
  /** Clients that are still there after so many milliseconds go by themselves. */
  readonly giveUpMs: number;
}

/** All slow clients are gone. */
export interface AttackReport {
  /** Never connected. */
  readonly refused: number;
  /** Asked for an answer and got 503 instead. */
  readonly turnedAway: number;
  /**
   * From a client's connection, or the first bytes of its answer, to its end; the longest of all,
   * in milliseconds.
   */
  readonly lastGoneMs: number;
  /**
   * From the last byte that the system took on for a client to its end; the longest of all, in
   * milliseconds, a quarter of a second more or less.
   */
  readonly longestStillMs: number;
  /** Were not cut at all. */
  readonly leftAlone: number;
}
