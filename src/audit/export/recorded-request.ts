/** The request of an exchange as it can be sent, or written for other programs, again. */
import { exactAt } from "../format/audit-document.ts";
import { recordedBody, type RecordedBody } from "../read/recorded-body.ts";
import type { TrailEntry } from "../read/trail-entry.ts";

/** What the trail knows of a request. */
export interface RecordedRequest {
  readonly method: string;
  /** Path and query as received, one char per byte. */
  readonly target: string;
  /** `Host` as received, or the address that the client connected to. */
  readonly host: string;
  readonly isTls: boolean;
  /** Fields that are recorded, none of which is a credential. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** Who it was, as far as it can be said again without the secret. */
  readonly credential: RecordedCredential | undefined;
  readonly body: RecordedBody;
}

/** A credential without its secret. */
export interface RecordedCredential {
  /** `basic`, `apikey`, `bearer`, …, as in `es_proxy.auth.scheme`. */
  readonly scheme: string;
  readonly name: string | undefined;
}

/** The request of an entry; `undefined` when it is no exchange, or its request is not recorded. */
export function recordedRequest(entry: TrailEntry): RecordedRequest | undefined {
  if (entry.kind !== "exchange") return undefined;
  const document = entry.opening?.document ?? entry.closing?.document ?? {};
  const method = exactAt(document, "http.request.method", "method");
  const target = exactAt(document, "url.original", "target");
  if (method === undefined || target === undefined || method === "") return undefined;
  const scheme = entry.text("es_proxy.auth.scheme");
  return {
    method,
    target,
    host: entry.text("es_proxy.headers.host") ?? localAddress(entry),
    isTls: entry.value("tls") !== undefined,
    headers: headersOf(entry),
    credential:
      scheme === undefined || scheme === "none"
        ? undefined
        : { scheme, name: entry.text("user.name") ?? entry.text("user.id") },
    body: recordedBody(entry, "request"),
  };
}

function localAddress(entry: TrailEntry): string {
  const ip = entry.text("server.ip") ?? "127.0.0.1";
  const port = entry.text("server.port") ?? "9200";
  return `${ip.includes(":") ? `[${ip}]` : ip}:${port}`;
}

function headersOf(entry: TrailEntry): RecordedRequest["headers"] {
  const fields: [string, string | undefined][] = [
    ["user-agent", entry.text("user_agent.original")],
    ["content-type", entry.text("http.request.mime_type")],
    ["es-security-runas-user", entry.text("user.effective.name")],
    ["x-request-id", entry.text("http.request.id")],
  ];
  const recorded = entry.value("es_proxy.headers");
  if (typeof recorded === "object" && recorded !== null)
    for (const [name, value] of Object.entries(recorded))
      if (name !== "host" && typeof value === "string") fields.push([name, value]);
  return fields.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]));
}

/** The URL of a request. @param base scheme and host in place of the recorded ones */
export function requestUrl(request: RecordedRequest, base?: string): string {
  const start = base ?? `${request.isTls ? "https" : "http"}://${request.host}`;
  // A target in absolute form (RFC 9112 §3.2.2) names its host itself.
  if (/^https?:\/\//i.test(request.target)) return request.target;
  const slash = request.target.startsWith("/") ? "" : "/";
  return start.replace(/\/$/, "") + slash + request.target;
}
