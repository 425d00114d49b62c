/** How far single records are proven, found without reading the rest of the trail. */
import { Buffer } from "node:buffer";

import { parseCheckpoint } from "../../../tlog/checkpoint.ts";
import { leafHash } from "../../../tlog/hashes.ts";
import { parseNote } from "../../../tlog/note.ts";
import { TileReader } from "../../../tlog/tile-reader.ts";
import { TlogError } from "../../../tlog/tlog-error.ts";
import { isIncluded } from "../../../tlog/tree-proof-check.ts";
import { proveInclusion } from "../../../tlog/tree-proof.ts";
import { entryOfLine, isErasedLine } from "../../format/erased-line.ts";
import type { FollowedSegment } from "../../store/journal-position.ts";
import { openSource } from "../byte-source.ts";
import type { Segment } from "../segment.ts";
import type { RecordLine, TrailEntry } from "../trail-entry.ts";
import { heldAnchor, readAnchor, type Anchor } from "./anchor.ts";
import { LeafSource } from "./hash-source.ts";
import { LogFolder } from "./log-folder.ts";
import { logOfLine } from "./record-proof.ts";
import { linesOf } from "./verify-part.ts";
import type { VerifyOptions } from "./verify-trail.ts";

/**
 * `proven`: the newest checkpoint contains the record as it is. `unsigned`: it was written after
 * that checkpoint, or there is none yet. `contradicted`: it is not what was signed. `unknown`: no
 * log is kept, or its files do not tell.
 */
export type Standing = "proven" | "unsigned" | "contradicted" | "unknown";

/** What is known of one record. */
export interface RecordStanding {
  readonly standing: Standing;
  readonly line: RecordLine;
  readonly log: string;
  /** Number of the record in its log; `undefined`: not known. */
  readonly index: number | undefined;
  /** Its content is gone, and what stands for it in the log is left. */
  readonly isErased: boolean;
  /** The newest checkpoint of the log; `undefined`: none that is valid. */
  readonly newest: Anchor | undefined;
  /** The earliest known one that contains the record and that somebody else holds. */
  readonly witnessed: Anchor | undefined;
  /** Why it is not proven; "" where the standing says it. */
  readonly reason: string;
}

/** Whose signatures count, and what was kept elsewhere. */
export type StandingOptions = Pick<VerifyOptions, "directory" | "trust" | "held">;

/** Leaves that are compared at most where it is not known where the record should be. */
const maxSearched = 4_194_304;
/** Of the history of checkpoints its youngest part is looked through for cosignatures. Bytes. */
const maxHistoryBytes = 16_777_216;
const readBytes = 1_048_576;
const lineFeed = 0x0a;

/** The standing of each record of an entry, the first record first. */
export async function standingsOf(
  entry: TrailEntry,
  options: StandingOptions,
): Promise<RecordStanding[]> {
  const standings: RecordStanding[] = [];
  for (const line of linesOf(entry)) standings.push(await standingOf(line, options));
  return standings;
}

async function standingOf(line: RecordLine, options: StandingOptions): Promise<RecordStanding> {
  const log = logOfLine(line);
  const folder = new LogFolder(options.directory, log);
  const base = {
    line,
    log,
    index: undefined,
    isErased: isErasedLine(line.bytes, 0, line.bytes.length),
    newest: undefined,
    witnessed: undefined,
  };
  const note = folder.checkpoint();
  if (note === undefined) {
    const isKept = folder.position() !== undefined;
    if (isKept) return { ...base, standing: "unsigned", reason: "no checkpoint was signed yet" };
    return { ...base, standing: "unknown", reason: "no log is kept of this journal" };
  }
  const newest = newestAnchor(note, options);
  if ("reason" in newest) return { ...base, ...newest };
  const leaf = leafHash(entryOfLine(line.bytes, 0, line.bytes.length));
  const found = await placeOf(leaf, line, folder, newest.size);
  if (typeof found !== "number") return { ...base, newest, ...found };
  const problem = inclusionProblem(leaf, found, newest, folder);
  if (problem !== undefined)
    return { ...base, newest, index: found, standing: "contradicted", reason: problem };
  const witnessed = witnessedBy(leaf, found, newest, folder, options);
  return { ...base, newest, index: found, witnessed, standing: "proven", reason: "" };
}

function newestAnchor(
  note: Uint8Array,
  { trust }: StandingOptions,
): Anchor | Pick<RecordStanding, "standing" | "reason"> {
  try {
    const { origin } = parseCheckpoint(parseNote(note).text);
    if (trust.logKeys(origin).length === 0)
      return { standing: "unknown", reason: `no key of the log ${origin} is known` };
    return readAnchor(note, "the newest checkpoint", trust);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    const reason = `the newest checkpoint is not valid: ${error.message}`;
    return { standing: "contradicted", reason };
  }
}

/** Number of a record in its log, or what follows from its not being there. */
async function placeOf(
  leaf: Buffer,
  line: RecordLine,
  folder: LogFolder,
  size: number,
): Promise<number | Pick<RecordStanding, "standing" | "index" | "reason">> {
  const source = new LeafSource("tiles", folder, size);
  const segments = folder.position()?.segments ?? [];
  const noted = segments.find((one) => isSame(one, line.segment));
  const from = noted?.firstIndex ?? Math.max(0, size - maxSearched);
  const end = noted === undefined ? size : Math.min(size, noted.firstIndex + noted.lines);
  for (let index = from; index < end; index += 1)
    if (source.node(0, index)?.equals(leaf) === true) return index;
  const last = segments.at(-1);
  if (noted === undefined) {
    const isNewer = last !== undefined && line.segment.firstMs > (last.firstMs ?? Infinity);
    if (isNewer) return { standing: "unsigned", index: undefined, reason: "" };
    const reason = "it was not found in its log: es-proxy audit verify says why";
    return { standing: "unknown", index: undefined, reason };
  }
  const index = noted.firstIndex + (await linesBefore(line));
  const isBehind = line.offset >= noted.bytes;
  if (isBehind && noted.isDone) {
    const reason = "it was added to its segment after the segment's end had been signed";
    return { standing: "contradicted", index: undefined, reason };
  }
  if (isBehind || index >= size) return { standing: "unsigned", index, reason: "" };
  if (source.node(0, index) === undefined)
    return { standing: "unknown", index, reason: "the tile of its log is missing" };
  const reason = "the log has another record in its place: this one was changed or inserted";
  return { standing: "contradicted", index, reason };
}

/** A file keeps its inode when it is renamed, and its first record when it is copied. */
function isSame({ name, inode, firstMs }: FollowedSegment, segment: Segment): boolean {
  if (firstMs === segment.firstMs) return true;
  return inode === segment.inode && name === segment.name && !Number.isFinite(firstMs);
}

/** Lines of the segment before this one; after its end as many as there are. */
async function linesBefore({ segment, offset }: RecordLine): Promise<number> {
  const source = await openSource(segment);
  const bytes = Buffer.allocUnsafe(readBytes);
  let count = 0;
  try {
    for (let done = 0; done < offset;) {
      const length = await source.read(bytes, 0, Math.min(bytes.length, offset - done));
      if (length === 0) break;
      const part = bytes.subarray(0, length);
      for (let at = part.indexOf(lineFeed); at >= 0; at = part.indexOf(lineFeed, at + 1))
        count += 1;
      done += length;
    }
  } finally {
    await source.close();
  }
  return count;
}

/** `undefined`: the tiles lead from the leaf to the root of the checkpoint. */
function inclusionProblem(
  leaf: Buffer,
  index: number,
  { size, root }: Anchor,
  folder: LogFolder,
): string | undefined {
  try {
    const path = proveInclusion(index, size, new TileReader(size, folder.readTile));
    if (isIncluded({ index, size, root, leafHash: leaf }, path)) return undefined;
    return "the hashes of the log do not lead from it to the newest checkpoint";
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return `the log cannot be read: ${error.message}`;
  }
}

/** The earliest that is known: by then the record was there, whatever the log's owner does. */
function witnessedBy(
  leaf: Buffer,
  index: number,
  newest: Anchor,
  folder: LogFolder,
  { trust, held }: StandingOptions,
): Anchor | undefined {
  const contains = (anchor: Anchor): boolean =>
    anchor.isHeldElsewhere &&
    anchor.origin === newest.origin &&
    anchor.size > index &&
    inclusionProblem(leaf, index, anchor, folder) === undefined;
  const own = held
    .map((one) => heldAnchor(one.note, one.name))
    .filter(contains)
    .sort((one, other) => one.size - other.size)[0];
  if (trust.policy.witnesses.length === 0) return own;
  for (const { bytes } of folder.history(maxHistoryBytes)) {
    if (sizeOf(bytes) <= index) continue;
    const anchor = anchorOf(bytes, trust);
    if (anchor !== undefined && contains(anchor)) return anchor;
  }
  return contains(newest) ? newest : own;
}

/** Records of a note, as its second line says; its signatures are looked at later. */
function sizeOf(note: Buffer): number {
  const start = note.indexOf(lineFeed) + 1;
  return Number(note.subarray(start, note.indexOf(lineFeed, start)).toString("latin1"));
}

function anchorOf(note: Buffer, trust: StandingOptions["trust"]): Anchor | undefined {
  try {
    return readAnchor(note, "the history of checkpoints", trust);
  } catch (error) {
    if (error instanceof TlogError) return undefined;
    throw error;
  }
}
