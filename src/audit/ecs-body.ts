import { isAscii, isUtf8 } from "node:buffer";

import { bodyPointer } from "./body-store.ts";
import { jsonBodyText } from "./json-text.ts";
import type { LineBatch } from "./line-batch.ts";
import type { BodyFacts } from "./record.ts";
import { redactCodedBody, redactJsonText } from "./redaction.ts";

/** How the content of an inline body is written. */
export interface BodyText {
  /** A JSON string literal; undefined: in base64. */
  readonly literal: string | undefined;
  readonly isRedacted: boolean;
}

const inBase64: BodyText = { literal: undefined, isRedacted: false };

/**
 * Renders the content of an inline body; undefined when there is none.
 *
 * @param coding `Content-Encoding` as received: a coded body is recorded as received, in base64
 * @param hasSettings the API endpoint takes settings, where credentials may stand: a coded body is decoded to look for them
 */
export function renderBody(
  body: BodyFacts,
  coding: string | undefined,
  hasSettings: boolean,
  key: Uint8Array,
): BodyText | undefined {
  const { content } = body;
  if (body.state !== "inline" || content === undefined) return undefined;
  if (coding !== undefined && coding !== "identity") return renderCoded(content, coding, hasSettings, key);
  const isPlain = isAscii(content);
  if (!isPlain && !isUtf8(content)) return inBase64;
  const text = content.toString(isPlain ? "latin1" : "utf8");
  const redacted = redactJsonText(text, key);
  return { literal: jsonBodyText(redacted ?? text, isPlain), isRedacted: redacted !== undefined };
}

function renderCoded(content: Buffer, coding: string, hasSettings: boolean, key: Uint8Array): BodyText {
  const redacted = hasSettings ? redactCodedBody(content, coding, key) : undefined;
  return redacted === undefined ? inBase64 : { literal: jsonBodyText(redacted, false), isRedacted: true };
}

/** Puts `,"body":{…}` for `http.request` or `http.response`; nothing without a body. */
export function putBody(batch: LineBatch, body: BodyFacts, text: BodyText | undefined): void {
  if (body.bytes === 0 || body.state === "streaming") return;
  batch.putText(',"body":{"bytes":');
  batch.putNumber(body.bytes);
  if (text?.literal !== undefined) {
    batch.putText(',"content":');
    batch.putText(text.literal);
  }
  batch.putText("}");
}

/** Puts `,"name":{…}` into `es_proxy` for what the ECS fields cannot say; nothing for a plain inline body. */
export function putBodyFacts(batch: LineBatch, name: string, body: BodyFacts, text: BodyText | undefined): void {
  if (body.state === "none") return;
  if (body.state === "inline" && body.complete && text?.literal !== undefined && !text.isRedacted) return;
  batch.putText(`,"${name}":{`);
  switch (body.state) {
    case "streaming":
      batch.putText('"streamed":true}');
      return;
    case "inline":
      if (text?.isRedacted === true) batch.putText('"redacted":true,');
      if (text?.literal === undefined && body.content !== undefined) {
        batch.putText('"base64":"');
        batch.putBase64(body.content);
        batch.putText('",');
      }
      break;
    case "stored":
      batch.putText(`"sha256":"${body.sha256}","pointer":"${bodyPointer(body.sha256)}",`);
      break;
    case "hidden":
      batch.putText(`"redacted":true,"hmac":"${body.sha256}",`);
      break;
    case "not_stored":
      batch.putText(`"sha256":"${body.sha256}","stored":false,`);
      break;
  }
  batch.putText(body.complete ? '"complete":true}' : '"complete":false}');
}
