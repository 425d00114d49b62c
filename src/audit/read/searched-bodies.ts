/**
 * What filters see of bodies that do not stand in their records as text: those in packs, in their
 * coding, or in bytes that are no UTF-8.
 */
import { Buffer, isUtf8 } from "node:buffer";

import {
  codingByMark,
  codingsOf,
  withoutCodings,
  type ContentCoding,
} from "../../elasticsearch/body/content-coding.ts";
import type { RecordDocument } from "../../kql/document-values.ts";
import { valueAt } from "../format/audit-document.ts";
import { storedPieces } from "../store/stored-body.ts";
import { recordedBody, type BodySide, type RecordedBody } from "./recorded-body.ts";
import type { TrailEntry } from "./trail-entry.ts";

/** Is told of a body that a filter asked for and could not see, or not all of it. */
export type OnUnsearched = (side: BodySide, reason: string) => void;

/** A larger one is not searched: it would have to be in memory as a text. Bytes, decoded. */
const maxBytes = 67_108_864;

/**
 * The values of `http.request.body.content` and `http.response.body.content` that no record holds.
 * Nothing is read before a filter comes to them.
 */
export function searchedBodies(entry: TrailEntry, onUnsearched: OnUnsearched): RecordDocument {
  return {
    request: { body: searchedBody(entry, "request", onUnsearched) },
    response: { body: searchedBody(entry, "response", onUnsearched) },
  };
}

function searchedBody(entry: TrailEntry, side: BodySide, tell: OnUnsearched): RecordDocument {
  let [isRead, text]: [boolean, string | undefined] = [false, undefined];
  return {
    get content() {
      if (!isRead) {
        isRead = true;
        try {
          text = contentOf(entry, side, tell);
        } catch (error) {
          tell(side, error instanceof Error ? error.message : String(error));
        }
      }
      return text;
    },
  };
}

/** @throws {Error} that says why it is not searched */
function contentOf(entry: TrailEntry, side: BodySide, tell: OnUnsearched): string | undefined {
  const body = recordedBody(entry, side);
  if (body.redaction === "bounded") tell(side, "what could not be redacted is not kept");
  switch (body.state) {
    case "none":
      return undefined;
    case "inline":
      if (entry.value(`http.${side}.body.content`) !== undefined) return undefined;
      return textOf(entry, body.content ?? Buffer.alloc(0), body);
    case "stored":
      return textOf(entry, storedContent(entry, body), body);
    case "hidden":
      throw new Error("the redaction keeps nothing of it");
    case "unknown":
      throw new Error("it was under way, and no record says what came of it");
    case "not_stored":
      if (entry.isCut) throw new Error("it was not shipped");
      // Of a body that the route does not record there is nothing but its size.
      if (!isToldOf(entry, side)) return undefined;
      throw new Error("it is not kept");
  }
}

function isToldOf({ opening, closing }: TrailEntry, side: BodySide): boolean {
  return [opening, closing].some(
    (line) => valueAt(line?.document ?? {}, `es_proxy.${side}_body`) !== undefined,
  );
}

function storedContent({ directory }: TrailEntry, { pointer }: RecordedBody): Buffer {
  if (directory === undefined) throw new Error("it was not shipped");
  const pieces: Buffer[] = [];
  let bytes = 0;
  for (const piece of pointer === undefined ? [] : storedPieces(directory, pointer, maxBytes)) {
    bytes += piece.length;
    if (bytes > maxBytes) throw new Error("it is larger than 64 MiB");
    pieces.push(piece);
  }
  return Buffer.concat(pieces, bytes);
}

function textOf(entry: TrailEntry, kept: Buffer, body: RecordedBody): string {
  const isNamed = entry.opening?.segment.format !== "text";
  const codings = isNamed ? codingsOf(body.coding) : codingsAsSeen(kept);
  if (codings === undefined) throw new Error("its coding is not known");
  const decoded = withoutCodings(kept, codings, maxBytes, !body.isComplete);
  if (decoded !== undefined) return decoded.toString("utf8");
  throw new Error("it cannot be decoded, or not within 64 MiB");
}

/** Lines of the `text` format name no coding. `undefined`: it is no text, and may be Brotli. */
function codingsAsSeen(kept: Buffer): readonly ContentCoding[] | undefined {
  const coding = codingByMark(kept);
  if (coding !== undefined) return [coding];
  return isUtf8(kept) ? [] : undefined;
}
