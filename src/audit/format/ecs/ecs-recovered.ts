import { bodyPointer, type SealedBody } from "../../store/body-store.ts";
import type { OpenRequest } from "../encoder.ts";
import { jsonAscii, jsonString } from "../json-text.ts";

type Fields = ReadonlyMap<string, unknown>;

/** IndexedSet of `event` behind the sequence number, up to its closing brace. */
export function recoveredEvent(open: OpenRequest): string {
  const line = parsed(open.line);
  const started = line.get("@timestamp");
  return (
    `,"outcome":"unknown",${typeof started === "string" ? `"start":${jsonString(started)},` : ""}` +
    `"id":${jsonString(open.id)}${
      isSession(line)
        ? ',"action":"tcp.session","category":["network"],"type":["connection","end"]'
        : copied(members(line.get("event")), ["action", "category", "type"])
    }},`
  );
}

/**
 * The rest of the last line of a request or session whose process died: who, what and where are
 * copied from its request line; what cannot be read is left out. Ends with a comma.
 */
export function recoveredEnd(open: OpenRequest, process: string): string {
  const line = parsed(open.line);
  const own = members(line.get("es_proxy"));
  if (isSession(line))
    return (
      `"es_proxy":{"record":"session_end","process":${process}` +
      `${copied(own, ["listener", "client_evidence", "decision", "target", "pool"])},"outcome":"crash_recovered"}` +
      `${copied(line, ["source", "client"])},"network":{"transport":"tcp"},`
    );
  const method = members(members(line.get("http")).get("request")).get("method");
  return (
    `"es_proxy":{"record":"response","process":${process}` +
    copied(own, ["class", "indices", "route", "pool", "listener"]) +
    `,"outcome":"crash_recovered"${sealedBody("request_body", open.requestBody)}${sealedBody("response_body", open.responseBody)}}` +
    copied(line, ["url", "source", "client", "user"]) +
    `,"http":{"request":{${typeof method === "string" ? `"method":${jsonString(method)}` : ""}}},`
  );
}

function isSession(line: Fields): boolean {
  return members(line.get("es_proxy")).get("record") === "session_start";
}

function sealedBody(name: string, body: SealedBody | undefined): string {
  if (body === undefined) return "";
  return `,"${name}":{"bytes":${body.bytes},"sha256":"${body.sha256}","pointer":"${bodyPointer(body.sha256)}","complete":false}`;
}

function copied(from: Fields, names: readonly string[]): string {
  return names
    .map((name) => (from.has(name) ? `,"${name}":${jsonAscii(from.get(name))}` : ""))
    .join("");
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
