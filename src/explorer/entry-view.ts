/** One entry with everything that the trail has of it. */
import { isUtf8 } from "node:buffer";

import { layOutJson, layOutJsonLines } from "../audit/export/json-layout.ts";
import { readOfExchange } from "../audit/index/read-of-exchange.ts";
import {
  readRecordedBody,
  recordedBody,
  type BodySide,
  type RecordedBody,
} from "../audit/read/recorded-body.ts";
import type { RecordLine, TrailEntry } from "../audit/read/trail-entry.ts";
import { errorMessage } from "../core/system-error.ts";
import { entryRow, rowColumns, type EntryRow } from "./entry-row.ts";
import type { ExploredTrail, ShownExchange } from "./explored-trail.ts";

/** Bytes of a body that the page shows; `audit show --body` writes all of it. */
const shownBytes = 262_144;

/** A body as the page shows it. */
export interface BodyView {
  readonly state: RecordedBody["state"];
  readonly bytes: number | undefined;
  readonly mediaType: string | undefined;
  readonly coding: string | undefined;
  readonly redaction: string | undefined;
  readonly isComplete: boolean;
  /** Laid out where it is JSON; hexadecimal where it is no text. */
  readonly text: string | undefined;
  readonly isBinary: boolean;
  /** There is more. */
  readonly isCut: boolean;
  /** Why it cannot be read. */
  readonly error: string | undefined;
}

/** Where a record stands. */
export interface RecordPlace {
  readonly segment: string;
  readonly offset: number;
  readonly bytes: number;
  readonly document: unknown;
}

/** What the panel shows. */
export interface EntryView {
  readonly columns: readonly string[];
  readonly row: EntryRow;
  readonly isOpen: boolean;
  readonly request: BodyView;
  readonly response: BodyView;
  /** The first record and the last one. */
  readonly records: readonly (RecordPlace | null)[];
  readonly facts: unknown;
  /** Where the exchange is a part of a read of several calls. */
  readonly read: ReadPlace | undefined;
}

/** Number of a call among those of its read; 0: it returns no documents. */
export interface ReadPlace {
  readonly call: number;
  readonly calls: number;
  readonly documents: number;
  /** Id of its first call. */
  readonly id: string;
}

/**
 * Looks the entry up; `undefined`: the trail has none with this id.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function entryView(trail: ExploredTrail, id: string): Promise<EntryView | undefined> {
  const entry = await trail.find(id);
  if (entry === undefined) return undefined;
  const { directory } = trail;
  return {
    columns: rowColumns,
    row: entryRow(entry),
    isOpen: entry.isOpen,
    request: await bodyView(directory, entry, "request"),
    response: await bodyView(directory, entry, "response"),
    records: [placeOf(entry.opening), placeOf(entry.closing)],
    facts: entry.value("es_proxy.facts"),
    // What was shipped is joined by `readStreamOperations` only.
    read: directory === "" ? undefined : await readPlace(directory, entry),
  };
}

async function readPlace(directory: string, entry: TrailEntry): Promise<ReadPlace | undefined> {
  const part = await readOfExchange(directory, entry);
  if (part === undefined) return undefined;
  const { calls, documents, id } = part.operation;
  return { call: part.call, calls, documents, id };
}

/** What is on record of a look at it. @param address of whom it is shown to */
export function shownExchange(
  { row, request, response }: EntryView,
  address: string,
): ShownExchange {
  const bodies = [request, response].filter(
    ({ state }) => state === "inline" || state === "stored",
  );
  return { id: String(row[rowColumns.indexOf("id")] ?? ""), bodies: bodies.length, address };
}

function placeOf(line: RecordLine | undefined): RecordPlace | null {
  if (line === undefined) return null;
  const { segment, offset, bytes, document } = line;
  return { segment: segment.name, offset, bytes: bytes.length, document };
}

async function bodyView(directory: string, entry: TrailEntry, side: BodySide): Promise<BodyView> {
  const body = recordedBody(entry, side);
  const { state, bytes, mediaType, coding, redaction, isComplete } = body;
  const view: BodyView = {
    state,
    bytes,
    mediaType,
    coding,
    redaction,
    isComplete,
    text: undefined,
    isBinary: false,
    isCut: false,
    error: undefined,
  };
  if (state !== "inline" && state !== "stored") return view;
  try {
    const read = await readRecordedBody(directory, body, shownBytes);
    return { ...view, ...contentOf(read.bytes, read.isDecoded, read.isCut), isCut: read.isCut };
  } catch (error) {
    return { ...view, error: errorMessage(error) };
  }
}

function contentOf(
  bytes: Buffer,
  isDecoded: boolean,
  isCut: boolean,
): Pick<BodyView, "text" | "isBinary"> {
  // The end of a text that is cut may lie within a character.
  const ends = isCut ? [0, 1, 2, 3] : [0];
  const isText = isDecoded && ends.some((less) => isUtf8(bytes.subarray(0, bytes.length - less)));
  if (!isText) return { text: bytes.subarray(0, 512).toString("hex"), isBinary: true };
  const text = bytes.toString("utf8");
  const laidOut = layOutJson(text, undefined, isCut) ?? layOutJsonLines(text, isCut);
  return { text: laidOut ?? text, isBinary: false };
}
