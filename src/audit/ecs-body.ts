import { jsonBody } from "./json-text.ts";
import type { BodyFacts } from "./record.ts";
import { redactJsonText } from "./redaction.ts";
import { bodyPointer } from "./body-store.ts";

/** A body as the two places of a record hold it. */
export interface RenderedBody {
  /** `,"body":{…}` for `http.request` or `http.response`; empty without a body. */
  readonly http: string;
  /** The content in base64 where it is no UTF-8 text. */
  readonly base64: string;
  readonly isRedacted: boolean;
}

const noBody: RenderedBody = { http: "", base64: "", isRedacted: false };

/** @param coding `Content-Encoding` as received: a coded body is recorded as received, in base64 */
export function bodyFields(body: BodyFacts, coding: string | undefined, key: Uint8Array): RenderedBody {
  const { content } = body;
  if (body.state !== "inline" || content === undefined)
    return body.bytes === 0 ? noBody : { http: `,"body":{"bytes":${body.bytes}}`, base64: "", isRedacted: false };
  const text = coding === undefined || coding === "identity" ? jsonBody(content) : undefined;
  if (text === undefined)
    return { http: `,"body":{"bytes":${body.bytes}}`, base64: content.toString("base64"), isRedacted: false };
  const redacted = redactJsonText(text, key);
  return {
    http: `,"body":{"bytes":${body.bytes},"content":${redacted ?? text}}`,
    base64: "",
    isRedacted: redacted !== undefined,
  };
}

/** Members of `es_proxy.request_body` and `es_proxy.response_body`, without braces; empty when everything is said by the ECS fields. */
export function bodyOwnFields(body: BodyFacts, rendered: RenderedBody): string {
  const incomplete = body.complete || body.state === "none" ? "" : ',"complete":false';
  switch (body.state) {
    case "none":
      return "";
    case "streaming":
      return '"streamed":true';
    case "inline": {
      const fields =
        (rendered.base64 === "" ? "" : `,"base64":"${rendered.base64}"`) +
        (rendered.isRedacted ? ',"redacted":true' : "") +
        incomplete;
      return fields.slice(1);
    }
    case "stored":
      return `"sha256":"${body.sha256}","pointer":"${bodyPointer(body.sha256)}"${incomplete}`;
    case "hidden":
      return `"redacted":true,"hmac":"${body.sha256}"${incomplete}`;
    case "not_stored":
      return `"sha256":"${body.sha256}","stored":false${incomplete}`;
  }
}
