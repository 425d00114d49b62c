import { isAscii, isUtf8 } from "node:buffer";

import { pointerFields } from "./ecs-body-fields.ts";
import { jsonBodyText } from "../json-text.ts";
import type { LineBatch } from "../line-batch.ts";
import type { BodyFacts } from "../../record/body-facts.ts";

/** How the content of an inline body is written. */
export interface BodyText {
  /** `ascii`: its bytes, escaped while they are put; `literal`: a JSON string literal; `base64`. */
  readonly kind: "ascii" | "literal" | "base64";
  readonly literal: string;
}

const asAscii: BodyText = { kind: "ascii", literal: "" };
const inBase64: BodyText = { kind: "base64", literal: "" };

/**
 * Renders the content of an inline body; undefined when there is none.
 *
 * @param coding `Content-Encoding` as received: a coded body is recorded in its coding, in base64
 */
export function renderBody(body: BodyFacts, coding: string | undefined): BodyText | undefined {
  const { content } = body;
  if (body.state !== "inline" || content === undefined) return undefined;
  if (coding !== undefined && coding !== "identity") return inBase64;
  if (isAscii(content)) return asAscii;
  if (!isUtf8(content)) return inBase64;
  return { kind: "literal", literal: jsonBodyText(content.toString("utf8"), false) };
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
    body.redaction === "none"
  )
    return;
  batch.putText(`,"${name}":{`);
  if (body.redaction !== "none")
    batch.putText(
      `"redaction":"${body.redaction}","removed":${body.removed},` +
        (body.hmac === "" ? "" : `"hmac":"${body.hmac}",`),
    );
  switch (body.state) {
    case "streaming":
      batch.putText('"streamed":true}');
      return;
    case "inline":
      if (text?.kind === "base64" && body.content !== undefined) {
        batch.putText('"base64":"');
        batch.putBase64(body.content);
        batch.putText('",');
      }
      break;
    case "stored":
      if (body.pointer !== undefined) batch.putText(pointerFields(body.pointer));
      break;
    case "hidden":
      break;
    case "not_stored":
      batch.putText(`"sha256":"${body.sha256}","stored":false,`);
      break;
  }
  batch.putText(body.complete ? '"complete":true}' : '"complete":false}');
}
