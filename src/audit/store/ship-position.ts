/** How far a journal has been shipped to a target, in a form that survives a restart. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Below the audit directory. */
export const shipFolder = "ship";

/** A place between two lines. */
export interface ShipPlace {
  /** {@link factsStem} of the segment, which it keeps when it is renamed and compressed. */
  readonly stem: string;
  /** When the segment was begun, in milliseconds since the epoch: what comes behind it is later. */
  readonly begunMs: number;
  /** In the segment, before compression. Bytes. */
  readonly offset: number;
}

/** The position in one journal. */
export interface ShipPosition {
  /** All entries whose last record stands before this were shipped. */
  readonly shipped: ShipPlace;
  /** First records from here on wait for their last one: reading goes on here. */
  readonly oldestOpen: ShipPlace;
}

/** Positions by journal. */
export type ShipPositions = Readonly<Record<string, ShipPosition>>;

/** The file of a target's positions. @param target as it is named in files */
export function shipPositionPath(directory: string, target: string): string {
  return join(directory, shipFolder, `${target}.json`);
}

/**
 * Reads saved positions; none where there is no file: everything is shipped then.
 *
 * @throws {Error} for a file that is not one of positions
 */
export function readShipPositions(path: string): ShipPositions {
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch {
    return {};
  }
  // Only this module writes it, by rename.
  const saved = JSON.parse(text) as { journals?: ShipPositions };
  if (saved.journals === undefined) throw new Error(`${path} holds no positions; remove it`);
  return saved.journals;
}

/** Replaces saved positions in one step. @throws {Error} of the file system */
export function writeShipPositions(path: string, journals: ShipPositions): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, JSON.stringify({ journals }), { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
