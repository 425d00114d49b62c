/** A request of the load, with what its answer must look like. */
export interface Call {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  readonly path: string;
  readonly body?: string | undefined;
  /** What is wrong with an answer; `undefined`: nothing. */
  readonly check: (status: number, text: string) => string | undefined;
  /** Statuses that the scenario provokes: such an answer is not checked further. */
  readonly excuses?: readonly number[];
}

/** What the load process is told to do. */
export interface LoadOrder {
  readonly kind: "load";
  readonly scenario: string;
  readonly port: number;
  readonly clients: number;
  readonly durationMs: number;
}

/** One request, as the load knows it; what the audit and the mock's recorder must agree with. */
export interface SentFact {
  readonly serial: number;
  readonly method: string;
  readonly path: string;
  readonly bodySha256: string;
  /** 0: no answer came, or none was waited for. */
  readonly status: number;
  readonly answerSha256: string;
  readonly answerBytes: number;
}

/** About one second of load. */
export interface Tick {
  readonly kind: "tick";
  readonly completed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Wrong answers since the start. */
  readonly problems: number;
  /** Requests on their way. */
  readonly open: number;
}

export interface Facts {
  readonly kind: "facts";
  readonly facts: readonly SentFact[];
}

/** The last message of the load process. */
export interface LoadReport {
  readonly kind: "done";
  readonly completed: number;
  readonly excused: number;
  readonly problemCount: number;
  readonly problems: readonly string[];
  /** Pairs of a percentile and the latency in milliseconds. */
  readonly distribution: readonly (readonly [percentile: number, ms: number])[];
  readonly elapsedMs: number;
}
