import { fieldId } from "./field-names.ts";
import { bodyKind } from "./framing-fields.ts";
import type { HeadError } from "./framing-fields.ts";
import type { HeadParser } from "./head-parser.ts";
import { equalsFolded, equalsLiteral } from "./octet-strings.ts";

const continueLiteral = Uint8Array.from("100-continue", (c) => c.charCodeAt(0));

/** What can be judged of a request only when the whole head is there: Host, framing, expectation. */
export function finishRequest(head: HeadParser, bytes: Uint8Array, base: number): HeadError | "" {
  const hostLine = head.firstLine[fieldId.host] ?? -1;
  if (hostLine === -1) {
    if (head.minorVersion === 1) return "ESP_ERR_HEAD_HOST";
  } else if (head.authorityEnd > 0) {
    const hostStart = base + (head.fieldOffsets[hostLine * 4 + 2] ?? 0);
    const hostEnd = base + (head.fieldOffsets[hostLine * 4 + 3] ?? 0);
    if (!equalsFolded(bytes, hostStart, hostEnd, base + head.authorityStart, base + head.authorityEnd))
      return "ESP_ERR_HEAD_HOST";
  }
  const error = finishFraming(head);
  if (error !== "") return error;
  const expectLine = head.firstLine[fieldId.expect] ?? -1;
  if (expectLine === -1 || head.minorVersion === 0) return "";
  const start = base + (head.fieldOffsets[expectLine * 4 + 2] ?? 0);
  const end = base + (head.fieldOffsets[expectLine * 4 + 3] ?? 0);
  const hasContent = head.body === bodyKind.chunked || head.contentLength > 0;
  if (!hasContent || !equalsLiteral(bytes, start, end, continueLiteral)) return "ESP_ERR_EXPECTATION";
  head.expectsContinue = true;
  return "";
}

/** The response's list of RFC 9112 §6.3. `answersHead`: it answers a HEAD request. */
export function finishResponse(head: HeadParser, answersHead: boolean): HeadError | "" {
  const error = finishFraming(head);
  if (error !== "") return error;
  if (head.status < 200 || head.status === 204 || head.status === 304 || answersHead) head.body = bodyKind.none;
  else if (head.body === bodyKind.none && head.firstLine[fieldId["content-length"]] === -1) {
    head.body = bodyKind.untilClose;
    head.isPersistent = false;
  }
  return "";
}

function finishFraming(head: HeadParser): HeadError | "" {
  // RFC 9112 §6.1: HTTP/1.0 knows no transfer codings.
  if (head.body === bodyKind.chunked && head.minorVersion === 0) return "ESP_ERR_HEAD_FRAMING";
  if (head.minorVersion === 0 && !head.hasKeepAliveOption) head.isPersistent = false;
  if (head.hasCloseOption) head.isPersistent = false;
  return "";
}
