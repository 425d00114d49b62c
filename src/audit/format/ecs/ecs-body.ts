import { isAscii, isUtf8 } from "node:buffer";

import type { ApiEndpoint } from "../../../elasticsearch/api/api-endpoint.ts";
import { jsonBodyText } from "../json-text.ts";
import type { LineBatch } from "../line-batch.ts";
import type { BodyFacts } from "../../record/body-facts.ts";
import { bodyPointer } from "../../record/sealed-body.ts";
import { redactCodedBody, redactJsonText, takesSettings } from "../../redact/redaction.ts";

/** How the content of an inline body is written. */
export interface BodyText {
  /** `ascii`: its bytes, escaped while they are put; `literal`: a JSON string literal; `base64`. */
  readonly kind: "ascii" | "literal" | "base64";
  readonly literal: string;
  readonly isRedacted: boolean;
}

const asAscii: BodyText = { kind: "ascii", literal: "", isRedacted: false };
const inBase64: BodyText = { kind: "base64", literal: "", isRedacted: false };

/**
 * Renders the content of an inline body; undefined when there is none.
 *
 * @param coding `Content-Encoding` as received: a coded body is recorded as received, in base64
 * @param endpoint where credentials may stand: bodies of reads are not searched for them, coded
 *   ones of calls that take settings are decoded for it
 */
export function renderBody(
  body: BodyFacts,
  coding: string | undefined,
  endpoint: ApiEndpoint,
  key: Uint8Array,
): BodyText | undefined {
  const { content } = body;
  if (body.state !== "inline" || content === undefined) return undefined;
  if (coding !== undefined && coding !== "identity")
    return renderCoded(content, coding, takesSettings(endpoint), key);
  const isPlain = isAscii(content);
  if (isPlain && endpoint.class === "read") return asAscii;
  if (!isPlain && !isUtf8(content)) return inBase64;
  const text = content.toString(isPlain ? "latin1" : "utf8");
  const redacted = redactJsonText(text, key);
  if (redacted === undefined && isPlain) return asAscii;
  return {
    kind: "literal",
    literal: jsonBodyText(redacted ?? text, isPlain),
    isRedacted: redacted !== undefined,
  };
}

function renderCoded(
  content: Buffer,
  coding: string,
  hasSettings: boolean,
  key: Uint8Array,
): BodyText {
  const redacted = hasSettings ? redactCodedBody(content, coding, key) : undefined;
  return redacted === undefined
    ? inBase64
    : { kind: "literal", literal: jsonBodyText(redacted, false), isRedacted: true };
}

/** Puts `,"body":{…}` for `http.request` or `http.response`; nothing without a body. */
export function putBody(batch: LineBatch, body: BodyFacts, text: BodyText | undefined): void {
  if (body.bytes === 0 || body.state === "streaming") return;
  batch.putText(',"body":{"bytes":');
  batch.putNumber(body.bytes);
  if (text !== undefined && text.kind !== "base64") {
    batch.putText(',"content":');
    if (text.kind === "literal") batch.putText(text.literal);
    else if (body.content !== undefined) batch.putJsonAscii(body.content);
  }
  batch.putText("}");
}

/**
 * Puts `,"name":{…}` into `es_proxy` for what the ECS fields cannot say; nothing for a plain inline
 * body.
 */
export function putBodyFacts(
  batch: LineBatch,
  name: string,
  body: BodyFacts,
  text: BodyText | undefined,
): void {
  if (body.state === "none") return;
  if (
    body.state === "inline" &&
    body.complete &&
    text !== undefined &&
    text.kind !== "base64" &&
    !text.isRedacted
  )
    return;
  batch.putText(`,"${name}":{`);
  switch (body.state) {
    case "streaming":
      batch.putText('"streamed":true}');
      return;
    case "inline":
      if (text?.isRedacted === true) batch.putText('"redacted":true,');
      if (text?.kind === "base64" && body.content !== undefined) {
        batch.putText('"base64":"');
        batch.putBase64(body.content);
        batch.putText('",');
      }
      break;
    case "stored":
      batch.putText(`"sha256":"${body.sha256}","pointer":"${bodyPointer(body.sha256)}",`);
      break;
    case "hidden":
      batch.putText(`"redacted":true,"hmac":"${body.hmac}",`);
      break;
    case "not_stored":
      batch.putText(`"sha256":"${body.sha256}","stored":false,`);
      break;
  }
  batch.putText(body.complete ? '"complete":true}' : '"complete":false}');
}
