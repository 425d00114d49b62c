import { bodyPointer, type SealedBody } from "./body-store.ts";
import type { OpenRequest } from "./encoder.ts";
import { jsonAscii, jsonString } from "./json-text.ts";

type Fields = ReadonlyMap<string, unknown>;

/** Parts of the terminal line which are not taken from the request line. */
export interface RecoveredFrame {
  /** From `{` to inside `event`, with a comma at the end. */
  readonly head: string;
  readonly process: string;
  /** The last members, the closing brace and the line feed. */
  readonly tail: string;
}

/** The terminal line of a request whose process died: who, what and where are copied from its request line; what cannot be read is left out. */
export function recoveredLine(open: OpenRequest, frame: RecoveredFrame): string {
  const line = parsed(open.line);
  const started = line.get("@timestamp");
  const method = members(members(line.get("http")).get("request")).get("method");
  return (
    frame.head +
    (typeof started === "string" ? `"start":${jsonString(started)},` : "") +
    copied(members(line.get("event")), ["action", "category", "type"]) +
    `"id":${jsonString(open.id)}},"es_proxy":{"record":"response","process":${frame.process},` +
    copied(members(line.get("es_proxy")), ["class", "indices", "route", "pool", "listener", "auth"]) +
    sealedBody("request_body", open.requestBody) +
    sealedBody("response_body", open.responseBody) +
    `"outcome":"crash_recovered"},` +
    copied(line, ["url", "elasticsearch", "source", "user"]) +
    `"http":{"request":{${typeof method === "string" ? `"method":${jsonString(method)}` : ""}}},` +
    frame.tail
  );
}

function sealedBody(name: string, body: SealedBody | undefined): string {
  if (body === undefined) return "";
  return `"${name}":{"bytes":${body.bytes},"sha256":"${body.sha256}","pointer":"${bodyPointer(body.sha256)}","complete":false},`;
}

function copied(from: Fields, names: readonly string[]): string {
  return names.map((name) => (from.has(name) ? `"${name}":${jsonAscii(from.get(name))},` : "")).join("");
}

function parsed(line: string): Fields {
  try {
    return members(JSON.parse(line));
  } catch {
    return new Map();
  }
}

function members(value: unknown): Fields {
  return typeof value === "object" && value !== null ? new Map(Object.entries(value)) : new Map();
}
