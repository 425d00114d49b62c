/** One request of the corpus; the answer of the real node is its golden. */
export interface Step {
  /**
   * Method and raw target, `GET /books/_search`. `${name}` is replaced by a value kept from an
   * earlier answer.
   */
  readonly ask: string;
  /** An object is sent as JSON, an array as NDJSON with a final newline, a string as it stands. */
  readonly body?: unknown;
  /** Replaces the default `content-type` (sent only with a body). */
  readonly headers?: Readonly<Record<string, string>>;
  /** Keeps values of the answer by dot path, for `${name}` in later steps of the group. */
  readonly keep?: Readonly<Record<string, string>>;
  /** Compares the body as text (white space, order of rows) instead of as parsed JSON. */
  readonly isText?: boolean;
  /**
   * Dot paths whose values depend on the machine or on the engine's internals; `*` stands for any
   * one key. Only their presence and type are compared.
   */
  readonly mask?: readonly string[];
  /** What is asked before has no part in its answer, nor in those to the steps behind it. */
  readonly isApart?: boolean;
}

/** Requests that run in order against a server that holds nothing when they start. */
export interface CorpusGroup {
  /** File name of the goldens. */
  readonly name: string;
  readonly steps: readonly Step[];
}

/** Media type of the official clients of version 9. */
export const vendorJson = "application/vnd.elasticsearch+json; compatible-with=9";
