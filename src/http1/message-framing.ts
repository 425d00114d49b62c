/**
 * Decides from the field lines of a head where the body ends and whether the connection persists
 * (RFC 9112 §6, §9.3).
 */
import { foldCase } from "./character-classes.ts";
import { fieldId, fieldTraits, trait } from "./field-names.ts";
import {
  bodyKind,
  readConnectionOptions,
  readContentLength,
  readHost,
  readTransferEncoding,
} from "./framing-fields.ts";
import type { HeadError } from "./head-error.ts";
import type { MessageHead } from "./message-head.ts";
import { equalsFolded, equalsLiteral, hasTab } from "./byte-compare.ts";

const colon = 0x3a;
const httpPort = Uint8Array.from("80", (c) => c.charCodeAt(0));
const httpsPort = Uint8Array.from("443", (c) => c.charCodeAt(0));
const continueLiteral = Uint8Array.from("100-continue", (c) => c.charCodeAt(0));

/**
 * Counts the next field line, whose id and offsets are there, and notes what it means for the
 * message. `lineEnd`: index of its CR.
 */
export function noteField(head: MessageHead, lineEnd: number): HeadError | "" {
  const { bytes, base, fieldOffsets, firstLine } = head;
  const index = head.fieldCount;
  head.fieldCount = index + 1;
  const id = head.fieldIds[index] ?? 0;
  if (id === 0) return "";
  if (((fieldTraits[id] ?? 0) & trait.hopByHop) !== 0) {
    if (head.firstHopByHop === -1) head.firstHopByHop = index;
    head.lastHopByHop = index;
  }
  const isFirst = firstLine[id] === -1;
  if (isFirst) firstLine[id] = index;
  else head.hasRepeated = true;
  const start = base + (fieldOffsets[index * 4 + 2] ?? 0);
  const end = base + (fieldOffsets[index * 4 + 3] ?? 0);
  switch (id) {
    case fieldId["content-length"]:
    case fieldId["transfer-encoding"]: {
      // One of them, once; and no HTAB around the value: legal, but some recipients read such a
      // field differently (RFC 9112 §11.2).
      const hasBoth =
        firstLine[fieldId["content-length"]] !== -1 &&
        firstLine[fieldId["transfer-encoding"]] !== -1;
      const nameEnd = base + (fieldOffsets[index * 4 + 1] ?? 0);
      if (!isFirst || hasBoth || hasTab(bytes, nameEnd, start) || hasTab(bytes, end, lineEnd))
        return "ESP_ERR_HEAD_FRAMING";
      if (id === fieldId["content-length"]) return readContentLength(head, bytes, start, end);
      return readTransferEncoding(head, bytes, start, end);
    }
    case fieldId.connection:
      return readConnectionOptions(head, bytes, start, end);
    case fieldId.host:
      if (head.isResponse) return "";
      return isFirst ? readHost(bytes, start, end) : "ESP_ERR_HEAD_HOST";
    case fieldId.expect:
      return isFirst || head.isResponse ? "" : "ESP_ERR_EXPECTATION";
    default:
      return "";
  }
}

/**
 * What can be judged of a request only when the whole head is there: Host, framing, expectation.
 */
export function finishRequest(head: MessageHead): HeadError | "" {
  const { bytes, base } = head;
  const hostLine = head.firstLine[fieldId.host] ?? -1;
  if (hostLine === -1) {
    if (head.minorVersion === 1) return "ESP_ERR_HEAD_HOST";
  } else if (head.authorityEnd > 0) {
    const start = base + (head.fieldOffsets[hostLine * 4 + 2] ?? 0);
    const end = base + (head.fieldOffsets[hostLine * 4 + 3] ?? 0);
    if (!isSameHost(head, start, end)) return "ESP_ERR_HEAD_HOST";
  }
  const error = finishFraming(head);
  if (error !== "") return error;
  const expectLine = head.firstLine[fieldId.expect] ?? -1;
  if (expectLine === -1 || head.minorVersion === 0) return "";
  const start = base + (head.fieldOffsets[expectLine * 4 + 2] ?? 0);
  const end = base + (head.fieldOffsets[expectLine * 4 + 3] ?? 0);
  const hasContent = head.body === bodyKind.chunked || head.contentLength > 0;
  if (!hasContent || !equalsLiteral(bytes, start, end, continueLiteral))
    return "ESP_ERR_EXPECTATION";
  head.expectsContinue = true;
  return "";
}

/** Whether `Host` names the target's authority; the scheme's port equals none (RFC 9110 §4.2.3). */
function isSameHost(
  { bytes, base, authorityStart, authorityEnd }: MessageHead,
  start: number,
  end: number,
): boolean {
  const from = base + authorityStart;
  const to = base + authorityEnd;
  if (equalsFolded(bytes, start, end, from, to)) return true;
  // The last letter of `https` before `://`.
  const port = foldCase[bytes[from - 4] ?? 0] === 0x73 ? httpsPort : httpPort;
  return equalsFolded(
    bytes,
    start,
    nameEnd(bytes, start, end, port),
    from,
    nameEnd(bytes, from, to, port),
  );
}

/** Where a host ends without `port` behind it, or an empty port. */
function nameEnd(bytes: Uint8Array, start: number, end: number, port: Uint8Array): number {
  const at = end - port.length;
  if (at > start && bytes[at - 1] === colon && equalsLiteral(bytes, at, end, port)) return at - 1;
  return bytes[end - 1] === colon ? end - 1 : end;
}

/** The response's list of RFC 9112 §6.3. `answersHead`: it answers a HEAD request. */
export function finishResponse(head: MessageHead, answersHead: boolean): HeadError | "" {
  const error = finishFraming(head);
  if (error !== "") return error;
  if (head.status < 200 || head.status === 204 || head.status === 304 || answersHead)
    head.body = bodyKind.none;
  else if (head.body === bodyKind.none && head.firstLine[fieldId["content-length"]] === -1) {
    head.body = bodyKind.untilClose;
    head.isPersistent = false;
  }
  return "";
}

function finishFraming(head: MessageHead): HeadError | "" {
  // RFC 9112 §6.1: HTTP/1.0 knows no transfer codings.
  if (head.body === bodyKind.chunked && head.minorVersion === 0) return "ESP_ERR_HEAD_FRAMING";
  if (head.minorVersion === 0 && !head.hasKeepAliveOption) head.isPersistent = false;
  if (head.hasCloseOption) head.isPersistent = false;
  return "";
}
