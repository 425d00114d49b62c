/** What happened to an answer with addresses of nodes. */
export interface SniffFacts {
  /**
   * `passed`: the client got the addresses. `blocked`: it was not asked for. `rewritten`: the body
   * that is recorded is the one that the client got, with the proxy's address in place of theirs.
   */
  readonly action: "passed" | "blocked" | "rewritten";
  /** Of the body as the endpoint sent it, where it was rewritten. */
  readonly bytes?: number;
  /** SHA-256 of those bytes, in hexadecimal. */
  readonly sha256?: string;
}
