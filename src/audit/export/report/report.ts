/** A report on a trail, as plain data: what is asked, how, and what the records say. */

/** How often a value was seen. */
export interface ReportGroup {
  readonly value: string;
  readonly count: number;
  readonly failed: number;
  /** Documents in the answers, as far as facts say. */
  readonly documents: number;
}

/** One record or exchange, in the columns of its section. */
export interface ReportRow {
  /** Whole id; `es-proxy audit show` takes it. */
  readonly id: string;
  readonly cells: readonly string[];
}

/** One question and its answer. */
export interface ReportSection {
  /** Such as `10.2.1.4`. */
  readonly key: string;
  readonly title: string;
  /** What is counted here, for somebody who does not know Elasticsearch. */
  readonly words: string;
  /** The command line that gives all of it. */
  readonly command: string;
  /** Records that prove it. */
  readonly count: number;
  /** Of them: refused, or answered with an error. */
  readonly failed: number;
  /** Milliseconds since the epoch; `undefined`: there is none. */
  readonly firstMs: number | undefined;
  readonly lastMs: number | undefined;
  /** By what, and the most frequent values. */
  readonly groups: readonly {
    readonly title: string;
    readonly values: readonly ReportGroup[];
  }[];
  readonly columns: readonly string[];
  /** The youngest ones, in the order of time. */
  readonly rows: readonly ReportRow[];
  /** Of the first ones; `count` says how many there are. */
  readonly ids: readonly string[];
  /** What the numbers do not say. */
  readonly notes: readonly string[];
}

/** The whole report. */
export interface Report {
  readonly kind: string;
  readonly title: string;
  /** What it is about, one paragraph each. */
  readonly about: readonly string[];
  /** Where, when, by whom: label and value. */
  readonly facts: readonly (readonly [label: string, value: string])[];
  readonly sections: readonly ReportSection[];
  /** What this report cannot show. */
  readonly limits: readonly string[];
}

/** What a question is, before it is asked. */
export interface ReportQuestion {
  readonly key: string;
  readonly title: string;
  readonly words: string;
  /** In Kibana's query language. */
  readonly filter: string;
  /** Short names of columns by whose values it is counted. */
  readonly groupBy: readonly string[];
  readonly notes?: readonly string[];
}
