import { ExchangeRecord } from "../audit/record/exchange-record.ts";
import type { ConnectionFacts } from "../audit/record/exchange-record.ts";
import { fieldId } from "../http1/field-names.ts";
import type { HeadParser } from "../http1/head-parser.ts";

/**
 * The facts of a request head but its method and target; of a head that failed, as much as was
 * read.
 */
export function requestRecord(
  facts: ConnectionFacts,
  head: HeadParser,
  bytes: Buffer,
  base: number,
): ExchangeRecord {
  const record = new ExchangeRecord(facts);
  if (head.minorVersion === 0) record.version = "1.0";
  record.bytesReceived = head.scanned;
  record.host = fieldValue(head, bytes, base, fieldId.host);
  record.userAgent = fieldValue(head, bytes, base, fieldId["user-agent"]);
  record.authorization = fieldValue(head, bytes, base, fieldId.authorization);
  record.contentType = fieldValue(head, bytes, base, fieldId["content-type"]);
  record.contentEncoding = fieldValue(head, bytes, base, fieldId["content-encoding"]);
  record.accept = fieldValue(head, bytes, base, fieldId.accept);
  record.opaqueId = fieldValue(head, bytes, base, fieldId["x-opaque-id"]);
  record.requestId = fieldValue(head, bytes, base, fieldId["x-request-id"]);
  record.traceparent = fieldValue(head, bytes, base, fieldId.traceparent);
  record.runAs = fieldValue(head, bytes, base, fieldId["es-security-runas-user"]);
  record.forwardedFor = fieldValue(head, bytes, base, fieldId["x-forwarded-for"]);
  record.forwarded = fieldValue(head, bytes, base, fieldId.forwarded);
  record.clientMeta = fieldValue(head, bytes, base, fieldId["x-elastic-client-meta"]);
  record.productOrigin = fieldValue(head, bytes, base, fieldId["x-elastic-product-origin"]);
  return record;
}

/**
 * The target in origin-form; an absolute-form target without a path asks for the root (RFC 9110
 * §4.2.3).
 */
export function requestTarget(head: HeadParser, bytes: Buffer, base: number): string {
  const target = bytes.toString("latin1", base + head.targetStart, base + head.targetEnd);
  return target.startsWith("/") || target === "*" ? target : `/${target}`;
}

/** The value of the first line of a known field, one char per byte. */
export function fieldValue(
  head: HeadParser,
  bytes: Buffer,
  base: number,
  id: number,
): string | undefined {
  const line = head.firstLine[id] ?? -1;
  return line === -1 ? undefined : head.valueOf(line, bytes, base);
}

/** The values of all lines with a name given in lower case. */
export function fieldValues(head: HeadParser, bytes: Buffer, base: number, name: string): string[] {
  const values: string[] = [];
  for (let line = 0; line < head.fieldCount; line += 1) {
    const at = line * 4;
    const nameStart = base + (head.fieldOffsets[at] ?? 0);
    const nameEnd = base + (head.fieldOffsets[at + 1] ?? 0);
    if (
      nameEnd - nameStart !== name.length ||
      bytes.toString("latin1", nameStart, nameEnd).toLowerCase() !== name
    )
      continue;
    values.push(head.valueOf(line, bytes, base));
  }
  return values;
}
