/** What a line tells about its exchange or session, read without parsing the whole line. */
export interface LineFacts {
  /** The two records of a session count as request and response. */
  readonly kind: "request" | "response" | "gap" | "event" | "other";
  /** UUIDv7; empty where the line has none. */
  readonly id: string;
  /** 0 where the format has none. */
  readonly sequence: number;
}

/** A line that is no record. */
export const noFacts: LineFacts = { kind: "other", id: "", sequence: 0 };
