/** What {@link HeadParser.parse} returns. */
export const headStatus = { more: 0, done: 1, failed: 2 } as const;
export type HeadStatus = (typeof headStatus)[keyof typeof headStatus];

/** Limits of one head. */
export interface HeadLimits {
  /** Largest head in bytes, start line and empty line included. */
  readonly headBytes: number;
  /** Most field lines; every one counts, whatever its name. */
  readonly fields: number;
  /** Largest start line in bytes, without its line end. */
  readonly startLineBytes: number;
}

/** The states of the start line come first; from `fieldStart` on it is the field lines. */
export const state = {
  start: 0,
  emptyLineFeed: 1,
  method: 2,
  target: 3,
  version: 4,
  minor: 5,
  startLineReturn: 6,
  startLineFeed: 7,
  statusSpace: 8,
  statusCode: 9,
  reasonSpace: 10,
  reason: 11,
  fieldStart: 12,
  name: 13,
  beforeValue: 14,
  value: 15,
  valueFeed: 16,
  endFeed: 17,
  over: 18,
} as const;
