import { fieldId, fieldTraits, trait } from "./field-names.ts";
import type { MessageHead } from "./message-head.ts";
import { targetLead } from "./request-target.ts";

/** What a forwarded head gets that the received one did not have. */
export interface HeadEdits {
  /** Field lines to add before the empty line, each with its CRLF; "" for none. */
  readonly add: string;
  /**
   * Field ids to leave out beside the hop-by-hop ones, as a 0/1 table by id; `undefined` for none.
   */
  readonly drop: Uint8Array | undefined;
  /** Keep `Upgrade` (the caller adds its own `Connection: upgrade`). */
  readonly keepUpgrade: boolean;
  /** Leave out both framing fields (RFC 9110 §8.6: none on 204; de-chunked bodies). */
  readonly dropFraming: boolean;
}

export const noEdits: HeadEdits = Object.freeze({
  add: "",
  drop: undefined,
  keepUpgrade: false,
  dropFraming: false,
});

/**
 * Whether the head can be passed on as the bytes received, given that nothing is added or dropped.
 */
export function isVerbatim(head: MessageHead): boolean {
  return (
    !head.hasHopByHop &&
    head.lineStart === 0 &&
    head.minorVersion === 1 &&
    !head.hasOddLength &&
    head.authorityEnd === 0 &&
    head.nominated.size === 0
  );
}

/**
 * Takes hop-by-hop lines that stand together out of a received head, if nothing else changes: what
 * is before them moves up to what is behind them, and a body stays where it is.
 *
 * @returns the index in `head.bytes` at which the head to pass on begins, whose offsets are not
 *   valid any more; -1: it must be written anew.
 */
export function cutInPlace(head: MessageHead): number {
  const { bytes, base, lineStart, firstHopByHop, lastHopByHop, fieldOffsets } = head;
  if (
    firstHopByHop === -1 ||
    head.minorVersion === 0 ||
    head.hasOddLength ||
    head.authorityEnd > 0 ||
    head.nominated.size > 0
  )
    return -1;
  for (let line = firstHopByHop + 1; line < lastHopByHop; line += 1)
    if (((fieldTraits[head.fieldIds[line] ?? 0] ?? 0) & trait.hopByHop) === 0) return -1;
  const from = fieldOffsets[firstHopByHop * 4] ?? 0;
  const behind = lastHopByHop + 1;
  const to = behind === head.fieldCount ? head.headEnd - 2 : (fieldOffsets[behind * 4] ?? 0);
  const gap = to - from;
  bytes.copyWithin(base + lineStart + gap, base + lineStart, base + from);
  return base + lineStart + gap;
}

const versionAndEnd = " HTTP/1.1\r\n";

/**
 * Writes the head to pass on into `out` from `at`, and what follows it in the received bytes up to
 * `through` (body that goes along as it is; `base + head.headEnd` for none): kept lines are copied
 * as received, in order and in their case (RFC 9110 §5.3), hop-by-hop and nominated ones left out
 * (§7.6.1), the version is ours (RFC 9112 §2.3), an absolute-form target becomes origin-form
 * (§3.2.2), a length loses leading zeros.
 *
 * @param out has room for `through - base + edits.add.length + 64` bytes.
 * @returns the index behind the written head.
 */
export function writeHead(
  head: MessageHead,
  through: number,
  edits: HeadEdits,
  out: Buffer,
  at: number,
): number {
  const { bytes, base } = head;
  // A start line that stays as it is leaves together with the lines behind it: a copy costs more
  // than its bytes.
  const keepsStartLine = head.minorVersion === 1 && head.authorityEnd === 0;
  let to = keepsStartLine ? at : writeStartLine(head, out, at);
  const count = head.fieldCount;
  const offsets = head.fieldOffsets;
  const linesEnd = head.headEnd - 2;
  let keepFrom = keepsStartLine ? head.lineStart : -1;
  for (let index = 0; index < count; index += 1) {
    const lineStart = offsets[index * 4] ?? 0;
    if (isKept(head, index, edits)) {
      if (keepFrom === -1) keepFrom = lineStart;
      continue;
    }
    if (keepFrom !== -1) to += bytes.copy(out, to, base + keepFrom, base + lineStart);
    keepFrom = -1;
    if (
      head.fieldIds[index] === fieldId["content-length"] &&
      head.hasOddLength &&
      !edits.dropFraming
    )
      to += out.write(`content-length: ${head.contentLength}\r\n`, to, "latin1");
  }
  if (edits.add.length === 0)
    return to + bytes.copy(out, to, base + (keepFrom === -1 ? linesEnd : keepFrom), through);
  if (keepFrom !== -1) to += bytes.copy(out, to, base + keepFrom, base + linesEnd);
  to += out.write(edits.add, to, "latin1");
  return to + bytes.copy(out, to, base + linesEnd, through);
}

function writeStartLine(head: MessageHead, out: Buffer, at: number): number {
  const { bytes, base } = head;
  let to = at;
  const firstLineEnd = head.fieldCount > 0 ? (head.fieldOffsets[0] ?? 0) : head.headEnd - 2;
  if (head.isResponse) {
    to += out.write("HTTP/1.1", to, "latin1");
    return to + bytes.copy(out, to, base + 8, base + firstLineEnd);
  }
  to += bytes.copy(out, to, base + head.lineStart, base + head.methodEnd + 1);
  to += out.write(targetLead(head), to, "latin1");
  to += bytes.copy(out, to, base + head.targetStart, base + head.targetEnd);
  return to + out.write(versionAndEnd, to, "latin1");
}

function isKept(head: MessageHead, index: number, edits: HeadEdits): boolean {
  const id = head.fieldIds[index] ?? 0;
  if (id === 0) return head.nominated.size === 0 || !isNominated(head, index);
  if (((fieldTraits[id] ?? 0) & trait.hopByHop) !== 0)
    return edits.keepUpgrade && id === fieldId.upgrade;
  if (id === fieldId["content-length"]) return !head.hasOddLength && !edits.dropFraming;
  if (id === fieldId["transfer-encoding"]) return !edits.dropFraming;
  if (edits.drop !== undefined && edits.drop[id] === 1) return false;
  return head.nominated.size === 0 || !isNominated(head, index);
}

function isNominated(head: MessageHead, index: number): boolean {
  const start = head.fieldOffsets[index * 4] ?? 0;
  const end = head.fieldOffsets[index * 4 + 1] ?? 0;
  return head.nominated.has(head.text(start, end).toLowerCase());
}
