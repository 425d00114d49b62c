/** Where an exchange stands; it only goes forward, but for a retry, which is `acquiring` again. */
export const phase = {
  /** Nothing has been done yet. */
  fresh: 0,
  /** The request record is being stored. */
  recording: 1,
  /** Waits for a connection, or for its next attempt. */
  acquiring: 2,
  /** The request is on its way, and nothing of the response has gone to the client. */
  waiting: 3,
  /** The response goes to the client, or is held back. */
  responding: 4,
  /** The last bytes wait for the terminal record. */
  finishing: 5,
  /** Bytes pass both ways after a 101. */
  tunnel: 6,
  over: 7,
} as const;
