import { Buffer } from "node:buffer";
import type { BodyPiece } from "../http1/body-piece.ts";
import { fieldId } from "../http1/field-names.ts";
import { bodyKind } from "../http1/framing-fields.ts";
import { isVerbatim, writeHead } from "../http1/head-editor.ts";
import type { HeadEdits } from "../http1/head-editor.ts";
import type { MessageHead } from "../http1/message-head.ts";
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

/** Fields that describe a body which is replaced. */
const ofOldBody = new Uint8Array(256);
ofOldBody[fieldId["content-encoding"]] = 1;

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

  plan(head: MessageHead, traits: RequestInfo, mustClose: boolean): ResponsePlan {
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
  write(head: MessageHead, piece: BodyPiece, isDechunked: boolean): Buffer {
    const room = head.headEnd + this.#edits.add.length + 64 + piece.room;
    const out = Buffer.allocUnsafe(room);
    if (head.bytes === piece.bytes && piece.isPlain && !isDechunked)
      return out.subarray(0, writeHead(head, piece.consumed, this.#edits, out, 0));
    const bodyAt = writeHead(head, head.base + head.headEnd, this.#edits, out, 0);
    return out.subarray(0, copyBody(piece, isDechunked, out, bodyAt));
  }

  /**
   * The head of a response whose body is replaced by one without content coding, and without the
   * empty line: its length follows, except in the answer to HEAD.
   */
  replaced(head: MessageHead, { isHttp10 }: RequestInfo, closes: boolean): Buffer {
    const add = closes ? "connection: close\r\n" : isHttp10 ? "connection: keep-alive\r\n" : "";
    const edits: HeadEdits = { add, drop: ofOldBody, keepUpgrade: false, dropFraming: true };
    const out = Buffer.allocUnsafe(head.headEnd + add.length + 64);
    return out.subarray(0, writeHead(head, head.base + head.headEnd, edits, out, 0) - 2);
  }

  /** A later piece of a body that needs something cut out. */
  body(piece: BodyPiece, isDechunked: boolean): Buffer {
    const out = Buffer.allocUnsafe(piece.room);
    return out.subarray(0, copyBody(piece, isDechunked, out, 0));
  }

  /** A 1xx, without its hop-by-hop fields. */
  interim(head: MessageHead): Buffer {
    return this.#headOnly(head, "", false);
  }

  /** The 101 that the client asked for. */
  switched(head: MessageHead): Buffer {
    return this.#headOnly(head, "connection: upgrade\r\n", true);
  }

  #headOnly(head: MessageHead, add: string, keepUpgrade: boolean): Buffer {
    const edits: HeadEdits = { add, drop: undefined, keepUpgrade, dropFraming: true };
    const out = Buffer.allocUnsafe(head.headEnd + add.length + 64);
    return out.subarray(0, writeHead(head, head.base + head.headEnd, edits, out, 0));
  }
}

/** The protocol that a 101 names is one that the client offered (RFC 9110 §7.8). */
export function offeredProtocol(head: MessageHead, offered: string): boolean {
  const chosen = head.fieldValue(fieldId.upgrade)?.trim().toLowerCase();
  return (
    chosen !== undefined &&
    chosen !== "" &&
    offered.split(",").some((name) => name.trim() === chosen)
  );
}

/** The body is one of server-sent events: each one is for now (HTML standard §9.2). */
export function isEventStream(head: MessageHead): boolean {
  return /^text\/event-stream *(?:;|$)/i.test(head.fieldValue(fieldId["content-type"]) ?? "");
}

function copyBody(piece: BodyPiece, isDechunked: boolean, out: Buffer, at: number): number {
  return isDechunked ? piece.copyContentTo(out, at) : piece.copyTo(out, at);
}
