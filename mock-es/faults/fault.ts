/**
 * What goes wrong with one request.
 *
 * - `latency`: the answer waits `ms` milliseconds.
 * - `status`: an error answer in Elasticsearch's shape instead of the real one; the request is not
 *   executed. `retryAfterSeconds` adds `Retry-After`; 401 lacks the product header as the real one
 *   does.
 * - `reset`: the connection is reset `before-headers`, `after-headers`, or in the `body` after
 *   `bytes` bytes of it.
 * - `truncate`: `content-length` promises everything, the connection ends after `bytes` bytes of
 *   the body.
 * - `wrong-length`: `content-length` is off by `delta`; more than the body makes the client wait
 *   for bytes that never come.
 * - `chunk-cut`: chunked coding, and the connection ends inside the first chunk after `bytes`
 *   bytes.
 * - `drip`: the body comes `bytes` bytes at a time, every `everyMs` milliseconds.
 * - `stall`: the head is sent and then nothing, until the client gives up or the server is closed.
 * - `missing-product`, `wrong-type`, `broken-json`, `bad-gzip`, `truncated-gzip`: a complete answer
 *   that is not what it should be.
 * - `close-after`: the connection ends right after the answer, unannounced.
 * - `half-close`: the sending side ends after the answer, the receiving side stays open.
 * - `early-answer`: `status` (default 413) is answered before the body of the request was read.
 * - `bulk-items`: items of a bulk request fail with `status`, each with probability `odds` (default
 *   1); they are not executed.
 *
 * A fault other than `status`, `early-answer` and `bulk-items` lets the request be executed: what
 * was written stays written.
 */
export type Fault =
  | { readonly kind: "latency"; readonly ms: number }
  | { readonly kind: "status"; readonly status: number; readonly retryAfterSeconds?: number }
  | {
      readonly kind: "reset";
      readonly at: "before-headers" | "after-headers" | "body";
      readonly bytes?: number;
    }
  | { readonly kind: "truncate"; readonly bytes: number }
  | { readonly kind: "wrong-length"; readonly delta: number }
  | { readonly kind: "chunk-cut"; readonly bytes: number }
  | { readonly kind: "drip"; readonly bytes: number; readonly everyMs: number }
  | { readonly kind: "stall" }
  | { readonly kind: "missing-product" }
  | { readonly kind: "wrong-type"; readonly contentType?: string }
  | { readonly kind: "broken-json" }
  | { readonly kind: "bad-gzip" }
  | { readonly kind: "truncated-gzip" }
  | { readonly kind: "close-after" }
  | { readonly kind: "half-close" }
  | { readonly kind: "early-answer"; readonly status?: number }
  | { readonly kind: "bulk-items"; readonly status: number; readonly odds?: number };

/**
 * When a fault strikes. Everything that is set has to hold; a rule with a fault only strikes
 * always.
 */
export interface FaultRule {
  readonly fault: Fault;
  /** HTTP method, upper case. */
  readonly method?: string;
  /** The path of the target without its query; `*` stands for any text. */
  readonly path?: string;
  /** Only the n-th request that method and path fit, counted from 1. */
  readonly nth?: number;
  /** Every n-th request that method and path fit. */
  readonly every?: number;
  /** Probability from 0 to 1, drawn from the seeded generator. */
  readonly odds?: number;
  /** Strikes at most this often. */
  readonly times?: number;
}

const numberFields: Readonly<Record<string, readonly string[]>> = {
  latency: ["ms"],
  status: ["status"],
  truncate: ["bytes"],
  "wrong-length": ["delta"],
  "chunk-cut": ["bytes"],
  drip: ["bytes", "everyMs"],
  "bulk-items": ["status"],
};
const optionalFields: Readonly<Record<string, readonly string[]>> = {
  status: ["retryAfterSeconds"],
  reset: ["bytes", "at"],
  "wrong-type": ["contentType"],
  "early-answer": ["status"],
  "bulk-items": ["odds"],
};
const kinds: ReadonlySet<string> = new Set([
  ...Object.keys(numberFields),
  ...Object.keys(optionalFields),
  "stall",
  "missing-product",
  "broken-json",
  "bad-gzip",
  "truncated-gzip",
  "close-after",
  "half-close",
]);
const ruleFields: ReadonlySet<string> = new Set([
  "fault",
  "method",
  "path",
  "nth",
  "every",
  "odds",
  "times",
]);

/**
 * Reads a fault from JSON.
 *
 * @throws {TypeError} naming what is wrong, for an unknown kind or field and for a missing number
 */
export function parseFault(value: unknown): Fault {
  if (!isRecord(value)) throw new TypeError("a fault is an object with a kind");
  const { kind } = value;
  if (typeof kind !== "string" || !kinds.has(kind)) {
    throw new TypeError(`unknown fault [${String(kind)}]; there are ${[...kinds].join(", ")}`);
  }
  const numbers = numberFields[kind] ?? [];
  for (const name of numbers) {
    if (typeof value[name] !== "number" || !Number.isFinite(value[name]))
      throw new TypeError(`fault [${kind}] needs a number [${name}]`);
  }
  const known = new Set(["kind", ...numbers, ...(optionalFields[kind] ?? [])]);
  for (const name of Object.keys(value))
    if (!known.has(name)) throw new TypeError(`fault [${kind}] has no field [${name}]`);
  if (
    kind === "reset" &&
    !["before-headers", "after-headers", "body"].includes(String(value["at"]))
  ) {
    throw new TypeError("fault [reset] needs [at]: before-headers, after-headers or body");
  }
  return value as unknown as Fault;
}

/**
 * Reads a rule from JSON: an object with `fault` and conditions.
 *
 * @throws {TypeError} naming what is wrong
 */
export function parseFaultRule(value: unknown): FaultRule {
  if (!isRecord(value)) throw new TypeError("a fault rule is an object");
  for (const name of Object.keys(value))
    if (!ruleFields.has(name)) throw new TypeError(`a fault rule has no field [${name}]`);
  for (const name of ["nth", "every", "odds", "times"]) {
    const given = value[name];
    if (given !== undefined && (typeof given !== "number" || given < 0))
      throw new TypeError(`[${name}] must be a number that is not negative`);
  }
  return { ...(value as unknown as FaultRule), fault: parseFault(value["fault"]) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
