/** What a load is made of. */

/** A request with its answer. */
export interface Exchange {
  /** Latin1 bytes of the request, head and body. */
  readonly request: string;
  readonly requestBodyBytes: number;
  readonly answer: string;
}
