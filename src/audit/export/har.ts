/** Exchanges as HAR 1.2 (`ahmadnassri/har-spec`), for browsers and other tools. */
import { seenJson } from "../../core/unseen-text.ts";
import { isUtf8 } from "node:buffer";
import { STATUS_CODES } from "node:http";

import {
  readRecordedBody,
  recordedBody,
  type BodyBytes,
  type RecordedBody,
} from "../read/recorded-body.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { recordedRequest, requestUrl, type RecordedRequest } from "./recorded-request.ts";

/** Larger bodies are named, not written: no program opens such a file. Bytes. */
const mostBodyBytes = 67_108_864;

/** What stands before the first entry. */
export function harStart(version: string): string {
  const creator = JSON.stringify({ name: "es-proxy", version });
  return `{"log":{"version":"1.2","creator":${creator},"entries":[`;
}

/** What stands behind the last entry. */
export const harEnd = "\n]}}\n";

/** One entry as text; `undefined` when it is no exchange. */
export async function harEntry(directory: string, entry: TrailEntry): Promise<string | undefined> {
  const request = recordedRequest(entry);
  if (request === undefined) return undefined;
  const total = (entry.number("event.duration") ?? 0) / 1e6;
  const wait = Math.min(total, (entry.number("es_proxy.time_to_first_byte") ?? 0) / 1e6);
  const version = `HTTP/${entry.text("http.version") ?? "1.1"}`;
  return seenJson({
    startedDateTime: new Date(entry.startMs).toISOString(),
    time: total,
    request: await requestPart(directory, request, version),
    response: await responsePart(directory, entry, version),
    cache: {},
    timings: { blocked: -1, dns: -1, connect: -1, ssl: -1, send: 0, wait, receive: total - wait },
    ...optional("serverIPAddress", addressOf(entry.text("es_proxy.upstream.endpoint"))),
    ...optional("connection", entry.text("source.port")),
    ...optional("comment", entry.isOpen ? "no answer is in the trail" : undefined),
    _id: entry.id,
    ...optional("_user", entry.text("user.name") ?? entry.text("user.id")),
    ...optional("_action", entry.text("event.action")),
    ...optional("_outcome", entry.text("es_proxy.outcome")),
  });
}

async function requestPart(
  directory: string,
  request: RecordedRequest,
  httpVersion: string,
): Promise<object> {
  const url = requestUrl(request);
  const query = url.includes("?") ? url.slice(url.indexOf("?") + 1) : "";
  const content = await contentOf(directory, request.body);
  return {
    method: request.method,
    url,
    httpVersion,
    cookies: [],
    headers: [["host", request.host] as const, ...request.headers].map(([name, value]) => ({
      name,
      value,
    })),
    queryString: Array.from(new URLSearchParams(query), ([name, value]) => ({ name, value })),
    headersSize: -1,
    bodySize: request.body.bytes ?? (request.body.state === "none" ? 0 : -1),
    ...(request.body.state === "none"
      ? {}
      : {
          postData: {
            mimeType: request.body.mediaType ?? "",
            text: content.text,
            // HAR 1.2 has no form for a binary body of a request.
            ...optional("_encoding", content.encoding),
            ...optional("comment", content.comment),
          },
        }),
  };
}

async function responsePart(
  directory: string,
  entry: TrailEntry,
  httpVersion: string,
): Promise<object> {
  const status = entry.number("http.response.status_code") ?? 0;
  const body = recordedBody(entry, "response");
  const content = await contentOf(directory, body);
  const headers = [
    { name: "content-type", value: body.mediaType },
    { name: "content-encoding", value: body.coding },
  ].filter(({ value }) => value !== undefined);
  return {
    status,
    statusText: STATUS_CODES[status] ?? "",
    httpVersion,
    cookies: [],
    headers,
    content: {
      size: content.size,
      mimeType: body.mediaType ?? "",
      text: content.text,
      ...optional("encoding", content.encoding),
      ...optional("comment", content.comment),
    },
    redirectURL: "",
    headersSize: -1,
    bodySize: body.bytes ?? (body.state === "none" ? 0 : -1),
  };
}

interface HarContent {
  readonly text: string;
  readonly size: number;
  readonly encoding: "base64" | undefined;
  readonly comment: string | undefined;
}

async function contentOf(directory: string, body: RecordedBody): Promise<HarContent> {
  const nothing = { text: "", size: body.bytes ?? 0, encoding: undefined };
  if (body.state === "none") return { ...nothing, comment: undefined };
  if (body.state !== "inline" && body.state !== "stored")
    return { ...nothing, comment: `the content was not recorded (${body.state})` };
  let read: BodyBytes;
  try {
    read = await readRecordedBody(directory, body, mostBodyBytes);
  } catch (error) {
    return { ...nothing, comment: error instanceof Error ? error.message : String(error) };
  }
  if (read.isCut) return { ...nothing, comment: `larger than ${mostBodyBytes} bytes: left out` };
  const isText = isUtf8(read.bytes);
  const comments = [
    body.redaction === undefined ? "" : `redaction: ${body.redaction}`,
    body.isComplete ? "" : "cut off on its way",
  ].filter((comment) => comment !== "");
  return {
    text: read.bytes.toString(isText ? "utf8" : "base64"),
    size: read.bytes.length,
    encoding: isText ? undefined : "base64",
    comment: comments.length === 0 ? undefined : comments.join("; "),
  };
}

function optional(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

/** The address of `127.0.0.1:9200` or `[::1]:9200`. */
function addressOf(endpoint: string | undefined): string | undefined {
  return endpoint === undefined ? undefined : /^\[?(.*?)\]?:\d+$/.exec(endpoint)?.[1];
}
