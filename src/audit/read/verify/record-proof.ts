/** Proves single records: where they stand in a log, and that a checkpoint contains them. */
import type { Buffer } from "node:buffer";

import { leafHash } from "../../../tlog/hashes.ts";
import { TileReader } from "../../../tlog/tile-reader.ts";
import { TlogError } from "../../../tlog/tlog-error.ts";
import { isIncluded } from "../../../tlog/tree-proof-check.ts";
import { proveInclusion } from "../../../tlog/tree-proof.ts";
import { entryOfLine } from "../../format/erased-line.ts";
import { logName } from "../../store/tlog-files.ts";
import { plainName } from "../segment.ts";
import type { RecordLine } from "../trail-entry.ts";
import type { Anchor } from "./anchor.ts";
import { LeafSource } from "./hash-source.ts";
import type { LogFolder } from "./log-folder.ts";

/** A record, and what proves it. */
export interface RecordProof {
  readonly line: RecordLine;
  readonly log: string;
  /** Number of the record in the log. */
  readonly index: number;
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly Uint8Array[];
  readonly anchor: Anchor;
  /** The checkpoint of it. */
  readonly note: Uint8Array;
}

/** Name of the log that a line belongs to. */
export function logOfLine({ segment }: RecordLine): string {
  return logName(segment.journal);
}

/**
 * Proves a record by the earliest checkpoint that contains it and that somebody else has signed:
 * by then it was there. Where there is none, by the newest one.
 *
 * @param anchors of its log, by size
 * @returns why it cannot be proven, or the proof
 */
export function proveLine(
  line: RecordLine,
  folder: LogFolder,
  anchors: readonly Anchor[],
): RecordProof | string {
  // A manifest has no checkpoint of its own.
  const usable = anchors.filter(({ note }) => note !== undefined);
  const newest = usable.at(-1);
  if (newest === undefined) return "its log has no valid checkpoint";
  const leaf = leafHash(entryOfLine(line.bytes, 0, line.bytes.length));
  const index = indexOfLeaf(leaf, line, folder, newest.size);
  if (index === undefined)
    return "it is not in the log: it was changed or inserted, or nobody has signed it yet";
  const byOthers = usable.filter(({ isHeldElsewhere }) => isHeldElsewhere);
  const anchor = byOthers.find(({ size }) => size > index) ?? newest;
  try {
    const path = proveInclusion(index, anchor.size, new TileReader(anchor.size, folder.readTile));
    const { size, root, note } = anchor;
    if (note !== undefined && isIncluded({ index, size, root, leafHash: leaf }, path))
      return { line, log: folder.name, index, path, anchor, note };
    return `the tiles of the log do not lead from it to the checkpoint in ${anchor.where}`;
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    return `the log cannot be read: ${error.message}`;
  }
}

/** First where the follower noted the segment, then everywhere. */
function indexOfLeaf(
  leaf: Buffer,
  { segment }: RecordLine,
  folder: LogFolder,
  size: number,
): number | undefined {
  const name = plainName(segment.name);
  const noted = folder.position()?.segments.find((one) => one.name === name);
  const source = new LeafSource("tiles", folder, size);
  const near = noted && search(leaf, source, noted.firstIndex, noted.firstIndex + noted.lines);
  return near ?? search(leaf, source, 0, size);
}

function search(leaf: Buffer, source: LeafSource, from: number, to: number): number | undefined {
  for (let index = from; index < to; index += 1)
    if (source.node(0, index)?.equals(leaf) === true) return index;
  return undefined;
}
