/** One exchange as its records tell it: what facts are derived from. */
import { exactAt, membersOf, valueAt, type AuditDocument } from "../format/audit-document.ts";
import { recordedBody, type RecordedBody } from "../read/recorded-body.ts";
import type { TrailEntry } from "../read/trail-entry.ts";

export interface RecordedExchange {
  readonly id: string;
  /** As received, one char per byte. */
  readonly method: string;
  readonly target: string;
  /** Wall clock, milliseconds since 1970; NaN where nothing says. */
  readonly startedMs: number;
  readonly durationMs: number;
  /** HTTP status; 0: no answer came. */
  readonly status: number;
  /** "" where the user is unknown. */
  readonly user: string;
  /** Its first record is there. */
  readonly hasOpening: boolean;
  readonly request: RecordedBody;
  readonly response: RecordedBody;
  /** `es_proxy.facts` of its last record, which stand there in place of the bodies. */
  readonly recorded: AuditDocument | undefined;
}

/** The exchange of an entry; `undefined`: it is none, or what was asked for is in no record. */
export function exchangeOf(entry: TrailEntry): RecordedExchange | undefined {
  if (entry.kind !== "exchange") return undefined;
  const document = (entry.opening ?? entry.closing)?.document ?? {};
  const method = exactAt(document, "http.request.method", "method");
  const target = exactAt(document, "url.original", "target");
  if (method === undefined || target === undefined) return undefined;
  return {
    id: entry.id,
    method,
    target,
    startedMs: entry.startMs,
    durationMs: (entry.number("event.duration") ?? 0) / 1e6,
    status: entry.number("http.response.status_code") ?? 0,
    user: entry.text("user.name") ?? entry.text("user.id") ?? "",
    hasOpening: entry.opening !== undefined,
    request: recordedBody(entry, "request"),
    response: recordedBody(entry, "response"),
    recorded: recordedFacts(entry),
  };
}

function recordedFacts({ closing }: TrailEntry): AuditDocument | undefined {
  const facts = valueAt(closing?.document ?? {}, "es_proxy.facts");
  return facts === undefined ? undefined : membersOf(facts);
}
