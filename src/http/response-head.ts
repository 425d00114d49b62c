import { Buffer } from "node:buffer";
import type { BodyScanner } from "../http1/body-scanner.ts";
import { fieldId } from "../http1/field-names.ts";
import { bodyKind } from "../http1/framing-fields.ts";
import { isVerbatim, writeHead } from "../http1/head-editor.ts";
import type { HeadEdits } from "../http1/head-editor.ts";
import type { HeadParser } from "../http1/head-parser.ts";
import { fieldValue } from "./request-record.ts";
import type { RequestInfo } from "./request-info.ts";

/**
 * How a response goes to the client; one object, overwritten by each {@link
 * ResponseHeadWriter.plan}.
 */
interface ResponsePlan {
  closes: boolean;
  /** The client speaks HTTP/1.0: no transfer coding (RFC 9112 §6.1). */
  isDechunked: boolean;
  isCloseDelimited: boolean;
  /** The head leaves as received. */
  isVerbatim: boolean;
}

interface MutableEdits extends HeadEdits {
  add: string;
  drop: undefined;
  keepUpgrade: boolean;
  dropFraming: boolean;
}

/** Decides and writes what the client gets for a response head and a piece of a body. */
export class ResponseHeadWriter {
  readonly #plan: ResponsePlan = {
    closes: false,
    isDechunked: false,
    isCloseDelimited: false,
    isVerbatim: false,
  };
  readonly #edits: MutableEdits = {
    add: "",
    drop: undefined,
    keepUpgrade: false,
    dropFraming: false,
  };

  plan(head: HeadParser, traits: RequestInfo, mustClose: boolean): ResponsePlan {
    const plan = this.#plan;
    const edits = this.#edits;
    const { isHttp10 } = traits;
    plan.isDechunked = isHttp10 && head.body === bodyKind.chunked;
    plan.isCloseDelimited = head.body === bodyKind.untilClose || plan.isDechunked;
    plan.closes = mustClose || traits.closes || plan.isCloseDelimited;
    edits.add = plan.closes
      ? "connection: close\r\n"
      : isHttp10
        ? "connection: keep-alive\r\n"
        : "";
    edits.dropFraming =
      head.status === 204 || (isHttp10 && head.firstLine[fieldId["transfer-encoding"]] !== -1);
    plan.isVerbatim =
      edits.add === "" &&
      isVerbatim(head) &&
      (!edits.dropFraming ||
        (head.firstLine[fieldId["content-length"]] === -1 &&
          head.firstLine[fieldId["transfer-encoding"]] === -1));
    return plan;
  }

  /** The head as planned with the first piece of the body. */
  write(
    head: HeadParser,
    headBytes: Buffer,
    base: number,
    bytes: Buffer,
    bodyStart: number,
    scanner: BodyScanner,
    isDechunked: boolean,
  ): Buffer {
    const room = head.headEnd + this.#edits.add.length + 64 + scanner.roomFor(bodyStart);
    const out = Buffer.allocUnsafe(room);
    if (headBytes === bytes && scanner.isPlain && !isDechunked)
      return out.subarray(0, writeHead(head, bytes, base, scanner.consumed, this.#edits, out, 0));
    const bodyAt = writeHead(head, headBytes, base, base + head.headEnd, this.#edits, out, 0);
    return out.subarray(0, copyBody(bytes, bodyStart, scanner, isDechunked, out, bodyAt));
  }

  /** A later piece of a body that needs something cut out. */
  body(bytes: Buffer, start: number, scanner: BodyScanner, isDechunked: boolean): Buffer {
    const out = Buffer.allocUnsafe(scanner.roomFor(start));
    return out.subarray(0, copyBody(bytes, start, scanner, isDechunked, out, 0));
  }

  /** A 1xx, without its hop-by-hop fields. */
  interim(head: HeadParser, bytes: Buffer, base: number): Buffer {
    return this.#headOnly(head, bytes, base, "", false);
  }

  /** The 101 that the client asked for. */
  switched(head: HeadParser, bytes: Buffer, base: number): Buffer {
    return this.#headOnly(head, bytes, base, "connection: upgrade\r\n", true);
  }

  #headOnly(
    head: HeadParser,
    bytes: Buffer,
    base: number,
    add: string,
    keepUpgrade: boolean,
  ): Buffer {
    const edits: HeadEdits = { add, drop: undefined, keepUpgrade, dropFraming: true };
    const out = Buffer.allocUnsafe(head.headEnd + add.length + 64);
    return out.subarray(0, writeHead(head, bytes, base, base + head.headEnd, edits, out, 0));
  }
}

/** The protocol that a 101 names is one that the client offered (RFC 9110 §7.8). */
export function offeredProtocol(
  head: HeadParser,
  bytes: Buffer,
  base: number,
  offered: string,
): boolean {
  const chosen = fieldValue(head, bytes, base, fieldId.upgrade)?.trim().toLowerCase();
  return (
    chosen !== undefined &&
    chosen !== "" &&
    offered.split(",").some((name) => name.trim() === chosen)
  );
}

/**
 * Copies what may be passed on of `bytes[start, scanner.consumed)`, then the tail; returns the
 * index behind it.
 */
export function copyBody(
  bytes: Buffer,
  start: number,
  scanner: BodyScanner,
  onlyContent: boolean,
  out: Buffer,
  at: number,
): number {
  let to = at;
  if (onlyContent) {
    for (let i = 0; i < scanner.dataCount; i += 2)
      to += bytes.copy(out, to, scanner.data[i], scanner.data[i + 1]);
    return to;
  }
  if (scanner.prefix.length > 0) to += scanner.prefix.copy(out, to);
  let from = start;
  for (let i = 0; i < scanner.cutCount; i += 2) {
    to += bytes.copy(out, to, from, scanner.cuts[i]);
    from = scanner.cuts[i + 1] ?? from;
  }
  to += bytes.copy(out, to, from, scanner.consumed);
  return scanner.tail.length > 0 ? to + scanner.tail.copy(out, to) : to;
}
