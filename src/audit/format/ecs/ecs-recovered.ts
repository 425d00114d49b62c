import type { SealedBody } from "../../record/sealed-body.ts";
import { membersOf, textAt, valueAt, type AuditDocument } from "../audit-document.ts";
import type { OpenRequest } from "../encoder.ts";
import { sealedBodyFields } from "./ecs-body-fields.ts";
import { jsonAscii, jsonString } from "../json-text.ts";

/** Members of `event` behind the sequence number, up to its closing brace. */
export function recoveredEvent(open: OpenRequest): string {
  const { request } = open;
  const started = textAt(request, "@timestamp");
  return (
    `,"outcome":"unknown",${started === undefined ? "" : `"start":${jsonString(started)},`}` +
    `"id":${jsonString(open.id)}${
      isSession(request)
        ? ',"action":"tcp.session","category":["network"],"type":["connection","end"]'
        : copied(membersOf(valueAt(request, "event")), ["action", "category", "type"])
    }},`
  );
}

/**
 * The rest of the last line of a request or session whose process died: who, what and where are
 * copied from its request line; what cannot be read is left out. Ends with a comma.
 */
export function recoveredEnd(open: OpenRequest, process: string): string {
  const { request } = open;
  const own = membersOf(valueAt(request, "es_proxy"));
  if (isSession(request))
    return (
      `"es_proxy":{"record":"session_end","process":${process}` +
      `${copied(own, ["listener", "client_evidence", "decision", "target", "pool"])},` +
      `"outcome":"crash_recovered"}` +
      `${copied(request, ["source", "client"])},"network":{"transport":"tcp"},`
    );
  const method = textAt(request, "http.request.method");
  return (
    `"es_proxy":{"record":"response","process":${process}` +
    copied(own, ["class", "indices", "route", "pool", "listener"]) +
    `,"outcome":"crash_recovered"${sealedBody("request_body", open.requestBody)}` +
    `${sealedBody("response_body", open.responseBody)}}` +
    copied(request, ["url", "source", "client", "user"]) +
    `,"http":{"request":{${method === undefined ? "" : `"method":${jsonString(method)}`}}},`
  );
}

function isSession(request: AuditDocument): boolean {
  return textAt(request, "es_proxy.record") === "session_start";
}

function sealedBody(name: string, body: SealedBody | undefined): string {
  if (body === undefined) return "";
  return `,"${name}":{${sealedBodyFields(body)}}`;
}

function copied(from: AuditDocument, names: readonly string[]): string {
  return names
    .map((name) => (Object.hasOwn(from, name) ? `,"${name}":${jsonAscii(from[name])}` : ""))
    .join("");
}
