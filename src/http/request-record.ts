import { ExchangeRecord } from "../audit/record/exchange-record.ts";
import type { ConnectionFacts } from "../audit/record/exchange-record.ts";
import { fieldId } from "../http1/field-names.ts";
import type { MessageHead } from "../http1/message-head.ts";
import { targetLead } from "../http1/request-target.ts";

/**
 * The facts of a request head but its method and target; of a head that failed, as much as was
 * read. Of a field with several lines all are noted, but of the two that say how to read the body,
 * of which Elasticsearch takes the first.
 */
export function requestRecord(facts: ConnectionFacts, head: MessageHead): ExchangeRecord {
  const record = new ExchangeRecord(facts);
  if (head.minorVersion === 0) record.version = "1.0";
  record.bytesReceived = head.scanned;
  record.host = head.host;
  record.userAgent = head.wholeValue(fieldId["user-agent"]);
  record.authorization = head.wholeValue(fieldId.authorization);
  record.contentType = head.fieldValue(fieldId["content-type"]);
  record.contentEncoding = head.fieldValue(fieldId["content-encoding"]);
  record.accept = head.wholeValue(fieldId.accept);
  record.opaqueId = head.wholeValue(fieldId["x-opaque-id"]);
  record.requestId = head.wholeValue(fieldId["x-request-id"]);
  record.traceparent = head.wholeValue(fieldId.traceparent);
  record.runAs = head.wholeValue(fieldId["es-security-runas-user"]);
  record.forwardedFor = head.wholeValue(fieldId["x-forwarded-for"]);
  record.forwarded = head.wholeValue(fieldId.forwarded);
  record.clientMeta = head.wholeValue(fieldId["x-elastic-client-meta"]);
  record.productOrigin = head.wholeValue(fieldId["x-elastic-product-origin"]);
  return record;
}

/**
 * The target in origin-form; an absolute-form target without a path asks for the root (RFC 9110
 * §4.2.3).
 */
export function requestTarget(head: MessageHead): string {
  return originForm(targetLead(head) + head.text(head.targetStart, head.targetEnd));
}

/**
 * What stands where a target should, of a head that failed there: up to the blank or the end of the
 * line behind it. Of one that breaks off nothing from a colon on: a password may have lost its `@`.
 */
export function badTarget(text: string): string {
  const end = text.search(/[ \r\n]/);
  return originForm(end < 0 ? (text.split(/:|%3a/i, 1)[0] ?? "") : text.slice(0, end));
}

function originForm(target: string): string {
  return target.startsWith("/") || target === "*" ? target : `/${target}`;
}
