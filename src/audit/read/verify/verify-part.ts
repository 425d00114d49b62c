/** Verifies one segment or one exchange, without reading the others where everything fits. */
import { Buffer } from "node:buffer";

import { hashBytes } from "../../../tlog/hashes.ts";
import { TileReader } from "../../../tlog/tile-reader.ts";
import { TlogError } from "../../../tlog/tlog-error.ts";
import { logName } from "../../store/tlog-files.ts";
import { CatalogError, listJournals } from "../catalog.ts";
import { findEntry } from "../find-entry.ts";
import { plainName, type Segment } from "../segment.ts";
import type { RecordLine, TrailEntry } from "../trail-entry.ts";
import { heldAnchor, type Anchor } from "./anchor.ts";
import { BodyCheck } from "./body-check.ts";
import { LeafSource } from "./hash-source.ts";
import { gatherAnchors } from "./log-anchors.ts";
import { LogFolder } from "./log-folder.ts";
import { rootWithLeaves } from "./range-root.ts";
import { logOfLine, proveLine, type RecordProof } from "./record-proof.ts";
import { emptyEnd, scanSegment, type ScanEnd } from "./segment-scan.ts";
import type { VerifyOptions } from "./verify-trail.ts";

/** A segment whose records are as they were signed. */
export interface ProvenSegment {
  readonly segment: Segment;
  readonly log: string;
  readonly firstIndex: number;
  readonly lines: number;
  /** Lines behind the checkpoint, which it says nothing of. */
  readonly unsigned: number;
  readonly anchor: Anchor;
  readonly end: ScanEnd;
}

/** The checkpoints of a log that are valid, with those that the caller holds, by size. */
export function anchorsOf(name: string, { directory, trust, held }: VerifyOptions): Anchor[] {
  const others = held.map((checkpoint) => heldAnchor(checkpoint.note, checkpoint.name));
  const folder = new LogFolder(directory, name);
  const own = gatherAnchors(folder, trust, [], () => true).anchors;
  const [{ origin } = { origin: "" }] = own;
  return [...own, ...others.filter((other) => other.origin === origin)].sort(
    (one, other) => one.size - other.size,
  );
}

/**
 * Holds one segment against the newest checkpoint, by the tiles of the log.
 *
 * @returns `undefined` when something does not fit, or must be asked of other records: then only
 *   a verification of the whole directory can say what it is
 * @throws {CatalogError} when there is no such segment
 */
export async function proveSegment(
  name: string,
  options: VerifyOptions,
): Promise<ProvenSegment | undefined> {
  const { directory } = options;
  const segment = listJournals(directory)
    .flatMap(({ segments }) => segments)
    .find((one) => one.name === name);
  if (segment === undefined)
    throw new CatalogError(`${directory} has no segment ${name}; --segment takes a file's name`);
  const log = logName(segment.journal);
  const anchors = anchorsOf(log, options);
  const anchor = anchors.at(-1);
  const folder = new LogFolder(directory, log);
  const scanned = await leavesOf(segment, options);
  if (anchor === undefined || scanned === undefined) return undefined;
  const { leaves, end } = scanned;
  const lines = leaves.length / hashBytes;
  const firstIndex = firstIndexOf(segment, leaves, folder, anchor.size);
  if (firstIndex === undefined) return undefined;
  const signed = Math.max(0, Math.min(lines, anchor.size - firstIndex));
  const part = leaves.subarray(0, signed * hashBytes);
  try {
    const reader = new TileReader(anchor.size, folder.readTile);
    if (!rootWithLeaves(anchor.size, firstIndex, part, reader).equals(anchor.root))
      return undefined;
  } catch (error) {
    if (error instanceof TlogError) return undefined;
    throw error;
  }
  return { segment, log, firstIndex, lines, unsigned: lines - signed, anchor, end };
}

/** An exchange whose records are as they were signed. */
export interface ProvenEntry {
  readonly entry: TrailEntry;
  readonly proofs: readonly RecordProof[];
  readonly bodies: number;
}

/** Both records of the exchange, or the one record, with this id. */
export function linesOf({ opening, closing }: TrailEntry): RecordLine[] {
  return [opening, closing].filter((line) => line !== undefined);
}

/**
 * Holds the records of one exchange and their bodies against the checkpoints.
 *
 * @returns what does not fit, one line each, or the proofs; `undefined`: there is no such record
 * @throws {CatalogError} when the directory holds no trail
 */
export async function proveEntry(
  id: string,
  options: VerifyOptions,
): Promise<ProvenEntry | readonly string[] | undefined> {
  const { directory } = options;
  const entry = await findEntry(directory, id, { problem: () => undefined, gap: () => undefined });
  if (entry === undefined) return undefined;
  const problems: string[] = [];
  const proofs: RecordProof[] = [];
  const check = new BodyCheck(directory);
  for (const line of linesOf(entry)) {
    const log = logOfLine(line);
    const proof = proveLine(line, new LogFolder(directory, log), anchorsOf(log, options));
    if (typeof proof === "string")
      problems.push(`the record at ${line.offset} of ${line.segment.name}: ${proof}`);
    else proofs.push(proof);
    const problem = await check.problemOf(line.document ?? {});
    if (problem !== undefined) problems.push(problem.message);
  }
  return problems.length > 0 ? problems : { entry, proofs, bodies: check.bodies };
}

/** Leaf hashes of a segment; `undefined` when anything in it needs an explanation. */
async function leavesOf(
  segment: Segment,
  { directory, onProgress }: VerifyOptions,
): Promise<{ readonly leaves: Buffer; readonly end: ScanEnd } | undefined> {
  const scan = scanSegment(segment, { directory, checksBodies: true });
  const parts: Buffer[] = [];
  for (let next = await scan.next(); ; next = await scan.next()) {
    if (next.done === true)
      return next.value.error === undefined && next.value.damages.length === 0
        ? { leaves: Buffer.concat(parts), end: next.value }
        : undefined;
    const { leaves, notes, bytesRead } = next.value;
    parts.push(leaves);
    onProgress?.(Math.min(bytesRead, segment.size), segment.size);
    if (notes.some(({ kind }) => kind !== "event")) {
      await scan.return(emptyEnd);
      return undefined;
    }
  }
}

/**
 * Where the follower noted the segment, or where its first line is in the log. That it stands
 * behind the checkpoint is not believed: a whole verification counts the records before it.
 */
function firstIndexOf(
  { name }: Segment,
  leaves: Buffer,
  folder: LogFolder,
  size: number,
): number | undefined {
  const first = leaves.subarray(0, hashBytes);
  const source = new LeafSource("tiles", folder, size);
  const plain = plainName(name);
  const noted = folder.position()?.segments.find((one) => one.name === plain)?.firstIndex;
  if (noted !== undefined && source.node(0, noted)?.equals(first) === true) return noted;
  for (let index = 0; index < size; index += 1)
    if (source.node(0, index)?.equals(first) === true) return index;
  return undefined;
}
