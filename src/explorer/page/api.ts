/** What the server answers; see its modules of the same names for the meaning of each part. */

export type Scalar = string | number | boolean;
export type Cell = Scalar | readonly Scalar[] | null;
export type Row = readonly Cell[];

export interface Timeline {
  readonly stepMs: number;
  readonly times: readonly number[];
  readonly counts: readonly number[];
  readonly failures: readonly number[];
  readonly documents: readonly number[];
}

export interface Facet {
  readonly name: string;
  readonly values: readonly { readonly value: string | null; readonly count: number }[];
}

export interface TrailState {
  readonly isDone: boolean;
  readonly progress: readonly [done: number, total: number];
  /** Segments of the time that are encrypted and that no key here opens. */
  readonly encrypted: number;
  readonly problems: readonly { readonly segment: string; readonly message: string }[];
  readonly gaps: readonly { readonly time?: string; readonly gap?: Record<string, unknown> }[];
}

export interface SearchAnswer extends TrailState {
  readonly found: number;
  readonly timeline: Timeline;
  readonly facets: readonly Facet[];
  readonly columns: readonly string[];
  readonly rows: readonly Row[];
  /** What is probably not meant so in the filter. */
  readonly warnings: readonly { readonly message: string; readonly suggestion?: string }[];
}

export interface RankedGroup {
  readonly value: string | null;
  readonly count: number;
  readonly failures: number;
  readonly bytesOut: number;
  readonly documents: number;
  readonly p50?: number;
  readonly p95?: number;
  readonly p99?: number;
  readonly max?: number;
  readonly example: string;
}

export interface RankingAnswer extends TrailState {
  readonly groups: readonly RankedGroup[];
}

export interface CoverageAnswer extends TrailState {
  /** Segments that nothing given opens. */
  readonly locked: readonly {
    readonly name: string;
    readonly begunMs: number | null;
    readonly endMs: number | null;
  }[];
  readonly journals: readonly {
    readonly name: string;
    readonly segments: readonly {
      readonly name: string;
      readonly bytes: number;
      readonly isSealed: boolean;
      readonly isCompressed: boolean;
      readonly isEncrypted: boolean;
      readonly firstMs: number | null;
      readonly endMs: number | null;
    }[];
  }[];
  readonly events: readonly {
    readonly id: string;
    readonly timeMs: number | null;
    readonly action?: string;
    readonly outcome?: string;
    readonly words: string;
  }[];
}

export interface BodyView {
  readonly state: "none" | "inline" | "stored" | "hidden" | "not_stored" | "unknown";
  readonly bytes?: number;
  readonly mediaType?: string;
  readonly coding?: string;
  readonly redaction?: string;
  readonly isComplete: boolean;
  readonly text?: string;
  readonly isBinary: boolean;
  readonly isCut: boolean;
  readonly error?: string;
}

export interface RecordPlace {
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
  readonly document: Record<string, unknown>;
}

export interface EntryView {
  readonly columns: readonly string[];
  readonly row: Row;
  readonly isOpen: boolean;
  readonly request: BodyView;
  readonly response: BodyView;
  readonly records: readonly (RecordPlace | null)[];
  readonly facts?: unknown;
  readonly read?: {
    /** Number of the call among those of its read; 0: it returns no documents. */
    readonly call: number;
    readonly calls: number;
    readonly documents: number;
    /** Id of its first call. */
    readonly id: string;
  };
}

export interface ProofView {
  readonly standing: "proven" | "unsigned" | "contradicted" | "unknown";
  readonly verdict: string;
  readonly sentences: readonly string[];
}

export interface OlderAnswer {
  readonly rows: readonly Row[];
  readonly isAll: boolean;
}

export interface WhoAnswer extends TrailState {
  readonly found: number;
  /** What the trail does not tell, in a sentence; "": nothing is missing. */
  readonly untold: string;
  readonly columns: readonly string[];
  readonly rows: readonly {
    readonly row: Row;
    readonly uses: readonly string[];
    readonly indices: readonly string[];
    readonly fields: readonly string[];
  }[];
}

export interface ReadsAnswer extends TrailState {
  readonly found: number;
  readonly reads: readonly {
    readonly id: string;
    readonly beganMs: number;
    readonly kind: string;
    readonly users: readonly string[];
    readonly indices: readonly string[];
    readonly calls: number;
    readonly failed: number;
    readonly documents: number;
    readonly distinct: number;
    readonly isExact: boolean;
    readonly bytes: number;
    readonly ms: number;
    readonly end?: string;
  }[];
}

/** What the proxy says of itself, in the words of its status page. */
export interface ProxyStatus {
  /** No proxy serves this explorer. */
  readonly isAlone?: true;
  readonly version: string;
  readonly node: string;
  readonly pid: number;
  readonly state: string;
  readonly uptime_seconds: number;
  readonly health: {
    readonly status: string;
    readonly pools: Readonly<Record<string, string>>;
    readonly audit: string;
  };
  readonly reloads: {
    readonly ok: number;
    readonly failed: number;
    readonly last_problems: readonly string[];
  };
  readonly workers: readonly {
    readonly number: number;
    readonly pid: number;
    readonly state: string;
  }[];
  readonly listeners: readonly {
    readonly name: string;
    readonly url: string;
    readonly connections: number;
    readonly idle: number;
  }[];
  readonly pools: readonly {
    readonly name: string;
    readonly pending: number;
    readonly endpoints: readonly {
      readonly url: string;
      readonly state: string;
      readonly active: number;
      readonly connections: number;
      readonly idle: number;
      readonly requests: number;
      readonly failures: number;
    }[];
  }[];
  readonly audit?: {
    readonly records: number;
    readonly gaps: number;
    readonly dropped: number;
    readonly open_exchanges: number;
    readonly incidents: number;
    readonly failing: boolean;
  };
  readonly follower?: {
    readonly running: boolean;
    readonly records: number;
    readonly records_behind: number;
    readonly seconds_behind: number;
    readonly log_size: number;
    readonly facts: number;
    readonly checkpoint_age_seconds?: number;
    readonly incidents: number;
    readonly broken_logs: number;
  };
  readonly shipping?: readonly {
    readonly target: string;
    readonly shipped: number;
    readonly refused: number;
    readonly failures: number;
    readonly seconds_behind: number;
  }[];
  readonly coverage?: CoverageStatus;
}

/** Requests that the nodes served, by who asked. */
export interface CoverageCounts {
  /** Absent: there were no requests. */
  readonly percent?: number;
  readonly recorded: number;
  readonly unrecorded: number;
  readonly bypassed: number;
  readonly exempt: number;
  readonly lost_connections: number;
}

export interface CoverageStatus {
  readonly state: "waiting" | "measured" | "unavailable";
  readonly problem?: string;
  readonly every_seconds: number;
  readonly measured_at?: string;
  readonly identified_by?: "connection" | "address";
  readonly nodes: number;
  readonly last: CoverageCounts;
  readonly total: CoverageCounts;
  readonly clients: readonly {
    readonly address: string;
    readonly agent: string;
    readonly requests: number;
    readonly nodes: readonly string[];
    readonly last_seen: string;
  }[];
}

export interface Completion {
  readonly from: number;
  readonly to: number;
  readonly items: readonly {
    readonly kind: "field" | "operator" | "value" | "keyword";
    readonly text: string;
    readonly detail: string;
  }[];
}

/** An answer that says why there is none. */
export class ApiError extends Error {
  readonly status: number;
  readonly span: { readonly start: number; readonly end: number } | undefined;
  readonly suggestion: string | undefined;

  constructor(
    status: number,
    body: Partial<Pick<ApiError, "span" | "suggestion">> & { error?: string },
  ) {
    super(body.error ?? `the explorer answered ${status}`);
    this.status = status;
    this.span = body.span;
    this.suggestion = body.suggestion;
  }
}

const tokenKey = "es-proxy-token";

/** Kept for the tab only. */
export function setToken(token: string): void {
  sessionStorage.setItem(tokenKey, token);
}

async function ask(path: string, signal: AbortSignal): Promise<Response> {
  const token = sessionStorage.getItem(tokenKey);
  const headers: Record<string, string> =
    token === null ? {} : { authorization: `Bearer ${token}` };
  let response: Response;
  try {
    response = await fetch(path, { signal, headers });
  } catch (error) {
    if (signal.aborted) throw error;
    throw new ApiError(0, { error: "the explorer does not answer: has it been stopped?" });
  }
  if (!response.ok) throw new ApiError(response.status, await response.json().catch(() => ({})));
  return response;
}

/** One JSON value. @throws {ApiError} */
export async function get<T>(path: string, signal: AbortSignal): Promise<T> {
  const value = await (await ask(path, signal)).json();
  if (value.isEmpty === true) throw new ApiError(204, value);
  return value;
}

/** JSON values, a line each. @throws {ApiError} */
export async function* stream<T>(path: string, signal: AbortSignal): AsyncGenerator<T> {
  const response = await ask(path, signal);
  if (!(response.headers.get("content-type") ?? "").includes("ndjson"))
    throw new ApiError(204, await response.json());
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = (await reader?.read()) ?? { done: true, value: "" };
    if (done) return;
    const lines = (rest + value).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line) as T;
  }
}
