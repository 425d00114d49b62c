/** How far a journal has been shipped to a target, in a form that survives a restart. */
import { Buffer } from "node:buffer";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { makeFolder, replaceFile } from "../../core/durable-file.ts";
import { readWholeFile } from "../../core/read-file.ts";
import { errorMessage, hasErrorCode } from "../../core/system-error.ts";

/** Below the audit directory. */
export const shipFolder = "ship";

const deadLetterEnding = ".dead-letters.ndjson";

/** The file of a target's refused documents. @param target as it is named in files */
export function deadLetterPath(directory: string, target: string): string {
  return join(directory, shipFolder, target + deadLetterEnding);
}

/** All such files, with names from the audit directory on. @throws {Error} of the file system */
export function deadLetterFiles(directory: string): string[] {
  try {
    return readdirSync(join(directory, shipFolder))
      .filter((name) => name.endsWith(deadLetterEnding))
      .map((name) => join(shipFolder, name));
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return [];
    throw error;
  }
}

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
 * @throws {Error} for a file that cannot be read, or is not one of positions
 */
export function readShipPositions(path: string): ShipPositions {
  let text: string;
  try {
    text = readWholeFile(path).toString("utf8");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return {};
    throw new Error(`${path} cannot be read: ${errorMessage(error)}`, { cause: error });
  }
  const journals = journalsIn(text);
  if (journals !== undefined) return journals;
  throw new Error(
    `${path} holds no positions; remove it, and everything is shipped again: documents that are ` +
      "there already stay as they are",
  );
}

/** `undefined`: the text is not what was written. */
function journalsIn(text: string): ShipPositions | undefined {
  try {
    const { journals } = JSON.parse(text) as { journals?: ShipPositions };
    return Object.values(journals ?? {}).every(isPosition) ? journals : undefined;
  } catch {
    return undefined;
  }
}

/** A segment that is empty yet has no beginning, which JSON writes as null. */
function isPosition({ shipped, oldestOpen }: ShipPosition): boolean {
  return [shipped, oldestOpen].every(
    ({ stem, begunMs, offset }) =>
      typeof stem === "string" &&
      (begunMs === null || Number.isFinite(begunMs)) &&
      Number.isSafeInteger(offset),
  );
}

/** Replaces saved positions in one step, on the device. @throws {Error} of the file system */
export function writeShipPositions(path: string, journals: ShipPositions): void {
  makeFolder(dirname(path), 0o700);
  replaceFile(path, Buffer.from(JSON.stringify({ journals }), "utf8"), 0o600);
}
