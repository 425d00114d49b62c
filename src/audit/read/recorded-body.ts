/** The bodies of an entry, wherever they were kept. */
import { Buffer } from "node:buffer";
import { pipeline, Readable, type Transform } from "node:stream";
import {
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from "node:zlib";

import { numberAt, textAt, valueAt, type AuditDocument } from "../format/audit-document.ts";
import { bodyPointerAt } from "../format/ecs/ecs-body-fields.ts";
import type { BodyFilePointer, BodyPointer } from "../record/body-pointer.ts";
import { openBody } from "../store/stored-body.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** Which half of an exchange. */
export type BodySide = "request" | "response";

/** What the trail has of a body. */
export interface RecordedBody {
  /**
   * `none`: there was none, or the route records none. `inline`: in the record. `stored`: in a pack
   * or a file. `hidden`: the redaction let nothing through. `not_stored`: too large, and kept
   * nowhere. `unknown`: it was under way, and what came of it is in no record.
   */
  readonly state: "none" | "inline" | "stored" | "hidden" | "not_stored" | "unknown";
  /** As received, in its coding. Bytes; `undefined`: not known. */
  readonly bytes: number | undefined;
  /** `Content-Type` as received. */
  readonly mediaType: string | undefined;
  /** `Content-Encoding` as received. */
  readonly coding: string | undefined;
  /** What the redaction did to it; `undefined`: nothing. */
  readonly redaction: string | undefined;
  /** It ended as its framing said. */
  readonly isComplete: boolean;
  readonly content: Buffer | undefined;
  readonly pointer: BodyPointer | BodyFilePointer | undefined;
}

/** A body in memory, or its beginning. */
export interface BodyBytes {
  readonly bytes: Buffer;
  /** There is more. */
  readonly isCut: boolean;
  /** It was unfolded from its content codings. */
  readonly isDecoded: boolean;
}

/** What the records say of a body. */
export function recordedBody(entry: TrailEntry, side: BodySide): RecordedBody {
  const name = `${side}_body` as const;
  const document = documentOf(entry, side, name);
  const facts = `es_proxy.${name}`;
  const pointer = bodyPointerAt(document, name);
  const content = contentOf(document, side, facts);
  const redaction = textAt(document, `${facts}.redaction`);
  const bytes = numberAt(document, `http.${side}.body.bytes`);
  return {
    state: stateOf(document, facts, { content, pointer, redaction, bytes }),
    bytes,
    mediaType: entry.text(`http.${side}.mime_type`),
    coding: entry.text(
      side === "request" ? "es_proxy.headers.content-encoding" : "es_proxy.response_encoding",
    ),
    redaction:
      redaction ?? (valueAt(document, `${facts}.redacted`) === true ? "redacted" : undefined),
    isComplete: valueAt(document, `${facts}.complete`) !== false,
    content,
    pointer,
  };
}

/** The record that tells of a body: of a request that was long under way it is the last one. */
function documentOf(entry: TrailEntry, side: BodySide, name: string): AuditDocument {
  const [opening, closing] = [entry.opening?.document ?? {}, entry.closing?.document ?? {}];
  if (side === "response") return closing;
  return valueAt(closing, `es_proxy.${name}`) === undefined &&
    valueAt(closing, "http.request.body") === undefined
    ? opening
    : closing;
}

function contentOf(document: AuditDocument, side: BodySide, facts: string): Buffer | undefined {
  const text = textAt(document, `http.${side}.body.content`);
  if (text !== undefined) return Buffer.from(text, "utf8");
  const base64 = textAt(document, `${facts}.base64`);
  return base64 === undefined ? undefined : Buffer.from(base64, "base64");
}

function stateOf(
  document: AuditDocument,
  facts: string,
  known: Pick<RecordedBody, "content" | "pointer" | "redaction" | "bytes">,
): RecordedBody["state"] {
  if (known.content !== undefined) return "inline";
  if (known.pointer !== undefined) return "stored";
  if (valueAt(document, `${facts}.stored`) === false) return "not_stored";
  if (valueAt(document, `${facts}.streamed`) === true) return "unknown";
  if (known.redaction !== undefined || valueAt(document, `${facts}.redacted`) === true)
    return "hidden";
  return known.bytes === undefined ? "none" : "not_stored";
}

/**
 * The content of a body as it was kept; empty where it was not. A stored one is compared with its
 * SHA-256 on the way: the stream ends with an error when it is another one.
 *
 * @param directory of the audit, or a copy of it
 */
export function openRecordedBody(directory: string, body: RecordedBody): Readable {
  if (body.pointer !== undefined) return openBody(directory, body.pointer);
  return Readable.from(body.content === undefined ? [] : [body.content], { objectMode: false });
}

/**
 * The content of a body without its content codings, up to a number of bytes. With a coding that is
 * not known, and one that the content does not have, it is given as it was kept.
 *
 * @throws {Error} when a stored body cannot be read, or is another one than the record says
 */
export async function readRecordedBody(
  directory: string,
  body: RecordedBody,
  maxBytes: number,
): Promise<BodyBytes> {
  const decoders = decodersOf(body.coding);
  if (decoders !== undefined && decoders.length > 0) {
    try {
      const source = openRecordedBody(directory, body);
      return { ...(await collect(through(source, decoders), maxBytes)), isDecoded: true };
    } catch {
      // Not what its coding says: a body that was redacted or cut may be so.
    }
  }
  const kept = await collect(openRecordedBody(directory, body), maxBytes);
  return { ...kept, isDecoded: decoders?.length === 0 };
}

/** The same for bytes that are no body of the trail. */
export async function decodeBody(
  bytes: Buffer,
  coding: string | undefined,
  maxBytes: number,
): Promise<BodyBytes> {
  const decoders = decodersOf(coding) ?? [];
  try {
    const source = Readable.from([bytes], { objectMode: false });
    return { ...(await collect(through(source, decoders), maxBytes)), isDecoded: true };
  } catch {
    return { bytes, isCut: false, isDecoded: false };
  }
}

/** In the order in which they are undone; `undefined`: one of them is not known. */
function decodersOf(coding: string | undefined): readonly Transform[] | undefined {
  const decoders = (coding ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity")
    .toReversed()
    .map(decoderOf);
  const known = decoders.filter((decoder) => decoder !== undefined);
  return known.length === decoders.length ? known : undefined;
}

/** The end of a chain; an error of any part reaches it. */
function through(source: Readable, decoders: readonly Transform[]): Readable {
  let last: Readable = source;
  for (const decoder of decoders) {
    pipeline(last, decoder, () => undefined);
    last = decoder;
  }
  return last;
}

function decoderOf(coding: string): Transform | undefined {
  switch (coding) {
    case "gzip":
    case "x-gzip":
      return createGunzip();
    case "deflate":
      return createInflate();
    case "br":
      return createBrotliDecompress();
    case "zstd":
      return createZstdDecompress();
    default:
      return undefined;
  }
}

async function collect(
  source: AsyncIterable<unknown>,
  maxBytes: number,
): Promise<{ readonly bytes: Buffer; readonly isCut: boolean }> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of source) {
    if (!Buffer.isBuffer(piece)) continue;
    pieces.push(piece);
    length += piece.length;
    if (length > maxBytes) break;
  }
  return { bytes: Buffer.concat(pieces).subarray(0, maxBytes), isCut: length > maxBytes };
}
