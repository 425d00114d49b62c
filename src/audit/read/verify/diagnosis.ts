/** Finds out what happened to a log whose records do not fit its checkpoints. */
import type { Buffer } from "node:buffer";

import { MerkleTree } from "../../../tlog/merkle-tree.ts";
import { levelWidth } from "../../../tlog/tile.ts";
import { align } from "./alignment.ts";
import type { Anchor } from "./anchor.ts";
import { AuthenticLeaves } from "./authentic-leaves.ts";
import { differencesOf, type Difference } from "./difference-kinds.ts";
import { HigherTileSource, LeafSource, RecordSource, type HashSource } from "./hash-source.ts";
import type { JournalPass } from "./journal-pass.ts";
import { LineLeaves } from "./line-leaves.ts";
import type { TileProblem } from "./tile-comparison.ts";
import { tileProblems } from "./tile-doubts.ts";
import type { LogFolder } from "./log-folder.ts";
import type { ScannedLines } from "./segment-scan.ts";
import type { SegmentScans } from "./segment-scans.ts";

/** Checkpoints that are tried; each costs a look at all tiles. */
const maxTried = 8;
/** Inserted lines that are looked for among all records. */
const maxCopies = 16;

/** What has become of a log. */
export interface Diagnosis {
  readonly differences: readonly Difference[];
  /** Tiles and bundles that are not as they were signed, as far as anybody can tell. */
  readonly tiles: readonly TileProblem[];
}

/**
 * @param pass whose records do not fit, or are fewer than were signed
 * @param anchors by size
 */
export async function diagnose(
  pass: JournalPass,
  anchors: readonly Anchor[],
  folder: LogFolder,
  scans: SegmentScans,
): Promise<Diagnosis> {
  const { size, misfits, fittingSize } = pass.result;
  const beyond = anchors.filter((anchor) => anchor.size > size);
  const [contradicted = beyond[0]] = misfits;
  if (contradicted === undefined) return { differences: [], tiles: [] };
  const unknown = unknownDifference(contradicted, size, fittingSize);
  const found = authenticLeaves(pass, anchors, contradicted, folder);
  if (found === undefined) return { differences: [unknown], tiles: [] };
  const { leaves, sources } = found;
  const hunks = await align(new LineLeaves(linesOf(pass, scans)), leaves);
  let copies = 0;
  const differences = differencesOf(hunks, (leaf) => {
    copies += 1;
    return copies > maxCopies ? undefined : indexOf(leaf, leaves);
  });
  const tiles = tileProblems(leaves, sources);
  const isExplained = differences.length > 0 || tiles.length > 0 || misfits.length === 0;
  return { differences: isExplained ? differences : [unknown], tiles };
}

/**
 * What was signed, as far as possible. A checkpoint that only the log has signed counts as long as
 * it contains what others have.
 */
function authenticLeaves(
  { result }: JournalPass,
  anchors: readonly Anchor[],
  contradicted: Anchor,
  folder: LogFolder,
): { readonly leaves: AuthenticLeaves; readonly sources: readonly HashSource[] } | undefined {
  const larger = anchors.filter(({ size }) => size >= contradicted.size).toReversed();
  const byOthers = larger.filter(({ isHeldElsewhere }) => isHeldElsewhere);
  for (const { size, root } of [...larger.slice(0, maxTried), ...byOthers.slice(0, maxTried)]) {
    const sources = sourcesOf(folder, size, result.blocks);
    const leaves = AuthenticLeaves.find(size, root, sources);
    const others = byOthers.find((other) => other.size <= size) ?? contradicted;
    if (leaves !== undefined && [contradicted, others].every((one) => isPrefix(one, leaves)))
      return { leaves, sources };
  }
  return undefined;
}

function sourcesOf(folder: LogFolder, size: number, blocks: Buffer): HashSource[] {
  const sources: HashSource[] = [
    new LeafSource("tiles", folder, size),
    new LeafSource("bundles", folder, size),
    new RecordSource(blocks),
  ];
  for (let level = 1; levelWidth(level, size) > 0; level += 1)
    sources.push(new HigherTileSource(folder, size, level));
  return sources;
}

/**
 * Whether the log began with the tree of the checkpoint; where that cannot be told it is assumed.
 */
function isPrefix({ size, root }: Anchor, leaves: AuthenticLeaves): boolean {
  const tree = new MerkleTree();
  for (let index = 0; index < size; index += 1) {
    const leaf = leaves.leaf(index);
    if (leaf === undefined) return true;
    tree.appendLeafHash(leaf);
  }
  return tree.root().equals(root);
}

/** The records do not fit, and nothing that is left says what was signed. */
function unknownDifference(anchor: Anchor, size: number, fittingSize: number): Difference {
  const of = `the checkpoint in ${anchor.where} with ${anchor.size} records`;
  if (anchor.size > size) {
    const cut = anchor.size - size;
    const doubt =
      fittingSize < size ? `; records ${fittingSize} to ${size - 1} are not proven either` : "";
    const message =
      `records ${size} to ${anchor.size - 1}: cut off at the end: ${of} says so` + doubt;
    return { kind: "cut", index: size, count: cut, line: undefined, message };
  }
  const count = anchor.size - fittingSize;
  if (count <= 0) {
    const message = `${of} contradicts another one, which the records fit: the key has signed both`;
    return { kind: "checkpoint_invalid", index: fittingSize, count: 0, line: undefined, message };
  }
  const message =
    `records ${fittingSize} to ${anchor.size - 1}: one or more of them were changed, removed or ` +
    `inserted, and the log was computed anew; ${of} does not fit`;
  return { kind: "rewritten", index: fittingSize, count, line: undefined, message };
}

async function* linesOf(
  { segments }: JournalPass,
  scans: SegmentScans,
): AsyncGenerator<ScannedLines> {
  for (const { segment } of segments) yield* scans.scanLines(segment);
}

function indexOf(leaf: Buffer, leaves: AuthenticLeaves): number | undefined {
  for (let index = 0; index < leaves.size; index += 1)
    if (leaves.leaf(index)?.equals(leaf) === true) return index;
  return undefined;
}
