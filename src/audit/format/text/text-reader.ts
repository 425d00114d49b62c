/** Reads what `text-encoder.ts` wrote, as documents with the field names of the `ecs` format. */
import { Buffer, isUtf8 } from "node:buffer";

import { matchApiEndpoint } from "../../../elasticsearch/api/api-endpoint.ts";
import type { AuditDocument } from "../audit-document.ts";
import { base64Of, isExact, wireText } from "../json-text.ts";
import { noFacts, type LineFacts } from "../line-facts.ts";
import { pointerDocument } from "./text-body.ts";
import { isEventLine, parseTextEvent } from "./text-event.ts";
import { parseTextGap } from "./text-gap.ts";
import { parseTextLine, type TextLine } from "./text-line.ts";
import { isSessionLine, parseTextSession } from "./text-session-line.ts";

const idMark = / ID: ([0-9a-f-]{36}) /;

/**
 * Kind and id of a line. Within a value every `: ` is escaped, so no value can hold one of the
 * keys that tell the kinds apart.
 */
export function textLineFacts(line: string): LineFacts {
  const id = idMark.exec(line)?.[1];
  if (id === undefined) return noFacts;
  if (line.includes(" Gap: ")) return { kind: "gap", id, sequence: 0 };
  if (isEventLine(line)) return { kind: "event", id, sequence: 0 };
  if (isSessionLine(line))
    return { kind: line.includes(" Seen: ") ? "request" : "response", id, sequence: 0 };
  if (line.includes(" Status: ")) return { kind: "response", id, sequence: 0 };
  return line.includes(" Body: ") ? { kind: "request", id, sequence: 0 } : noFacts;
}

/** The record of a line; undefined when it is not a whole line of this format. */
export function readTextLine(line: string): AuditDocument | undefined {
  const exchange = parseTextLine(line);
  if (exchange !== undefined) return exchangeDocument(exchange);
  return parseTextSession(line) ?? parseTextGap(line) ?? parseTextEvent(line);
}

/** `2026-11-23T04:52:15.823703857Z` of `2026-11-23 04:52:15.823703857`. */
export function isoTimestamp(timestamp: string): string {
  return `${timestamp.replace(" ", "T")}Z`;
}

function exchangeDocument(line: TextLine): AuditDocument {
  const target = line.query === undefined ? line.path : `${line.path}?${line.query}`;
  const { endpoint, indices } = matchApiEndpoint(line.method, target);
  const body = bodyFields(line.body);
  const size = line.size ?? 0;
  return {
    "@timestamp": isoTimestamp(line.timestamp),
    event: {
      kind: "event",
      dataset: "es_proxy.audit",
      id: line.id,
      action: endpoint.name,
      ...(line.durationSeconds === undefined
        ? {}
        : { duration: Math.round(line.durationSeconds * 1e9) }),
    },
    url: {
      original: wireText(target),
      path: wireText(line.path),
      ...(line.query === undefined ? {} : { query: wireText(line.query) }),
    },
    es_proxy: {
      record: line.kind,
      class: endpoint.class,
      ...(indices.length === 0 ? {} : { indices }),
      ...(line.outcome === undefined ? {} : { outcome: line.outcome }),
      ...(body === undefined ? {} : { request_body: body.facts }),
      ...exactBytes(line, target),
    },
    source: { ip: line.source },
    ...(line.user === undefined ? {} : { user: { name: wireText(line.user) } }),
    ...(line.agent === undefined ? {} : { user_agent: { original: wireText(line.agent) } }),
    http: {
      request: {
        method: wireText(line.method),
        ...(body?.content === undefined ? {} : { body: body.content }),
      },
      ...(line.status === undefined ? {} : { response: responseFields(line.status, size) }),
    },
  };
}

function responseFields(status: number, size: number): AuditDocument {
  return {
    ...(status === 0 ? {} : { status_code: status }),
    ...(size === 0 ? {} : { body: { bytes: size } }),
  };
}

const hiddenMark = "redacted-";

interface TextBody {
  /** `es_proxy.request_body` */
  readonly facts: AuditDocument;
  /** `http.request.body`; absent where the line does not say the size. */
  readonly content: AuditDocument | undefined;
}

// Base64 holds no comma.
const redactionEnd = /,redaction:(\w+)(?:,removed:(\d+))?(?:,hmac:([0-9a-f]+))?$/;

function bodyFields(written: string | undefined): TextBody | undefined {
  if (written === undefined || written === "") return undefined;
  const [end = "", redaction, removed, hmac] = redactionEnd.exec(written) ?? [];
  const body = written.slice(0, written.length - end.length);
  if (body.startsWith(hiddenMark)) {
    const facts = { redaction: redaction ?? "hidden", hmac: body.slice(hiddenMark.length) };
    return { facts, content: undefined };
  }
  const fields = keptFields(body);
  if (redaction === undefined) return fields;
  const facts = {
    redaction,
    ...(removed === undefined ? {} : { removed: Number(removed) }),
    ...(hmac === undefined ? {} : { hmac }),
  };
  return { ...fields, facts: { ...facts, ...fields.facts } };
}

function keptFields(body: string): TextBody {
  if (body === "(streamed)") return { facts: { streamed: true }, content: undefined };
  const stored = pointerDocument(body);
  if (stored !== undefined) return { facts: stored, content: { bytes: stored["bytes"] } };
  if (body.startsWith("sha256:")) {
    const [hash = "", size, state] = body.split(",");
    const sha256 = hash.slice("sha256:".length);
    const bytes = size?.startsWith("size:") === true ? Number(size.slice("size:".length)) : 0;
    return {
      facts: state === "not-stored" ? { sha256, stored: false } : { sha256 },
      content: bytes === 0 ? undefined : { bytes },
    };
  }
  const bytes = Buffer.from(body, "base64");
  return isUtf8(bytes)
    ? { facts: {}, content: { bytes: bytes.length, content: bytes.toString("utf8") } }
    : { facts: { base64: body }, content: { bytes: bytes.length } };
}

/** `raw`: base64 of the values whose bytes cannot be told from their text. */
function exactBytes({ method, user, agent }: TextLine, target: string): AuditDocument {
  const values = { target, method, user, user_agent: agent };
  const raw = Object.entries(values).flatMap(([name, value]) =>
    value === undefined || isExact(value) ? [] : [[name, base64Of(value)]],
  );
  return raw.length === 0 ? {} : { raw: Object.fromEntries(raw) };
}
