/** What becomes of full segments: they are compressed, and on request encrypted. */
import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";

import { derivedEndings } from "../index/index-format.ts";
import { FileCompression, syncFolder } from "./file-compression.ts";
import { encryptFile } from "./file-encryption.ts";
import { recordRemoval, type RecordEvent } from "./recorded-removal.ts";
import {
  compressedEnding,
  followedOf,
  isFollowed,
  isQuiet,
  isShipped,
  listUnits,
  type FollowNeeds,
  type SegmentUnit,
} from "./segment-unit.ts";

/** What is done with full segments. */
export interface ArchiveOptions {
  readonly compress: boolean;
  /** Public keys of age; empty: nothing is encrypted. Encrypted files are compressed, too. */
  readonly recipients: readonly string[];
}

/** The next segment that is to be compressed or encrypted; `undefined`: there is none. */
export function nextToArchive(
  directory: string,
  { compress, recipients }: ArchiveOptions,
  needs: FollowNeeds,
  nowMs: number,
): SegmentUnit | undefined {
  if (!compress && recipients.length === 0) return undefined;
  const isOpen = (unit: SegmentUnit): boolean =>
    recipients.length > 0
      ? unit.segment !== undefined
      : plainFiles(unit).some((name) => unit.files.includes(name));
  return listUnits(directory).find(
    (unit) =>
      isOpen(unit) &&
      isQuiet(directory, unit, nowMs) &&
      isFollowed(directory, unit, needs) &&
      (recipients.length === 0 || isShipped(directory, unit, needs, nowMs)),
  );
}

/** Compresses the files of a segment, frame by frame. @throws {Error} of the file system */
export class UnitCompression {
  readonly #directory: string;
  readonly #names: string[];
  #current: FileCompression | undefined = undefined;

  constructor(directory: string, unit: SegmentUnit) {
    this.#directory = directory;
    this.#names = plainFiles(unit).filter((name) => unit.files.includes(name));
  }

  /** @returns whether all is done */
  step(): boolean {
    const [name] = this.#names;
    if (name === undefined) return true;
    this.#current ??= new FileCompression(this.#directory, name);
    if (!this.#current.step()) return false;
    this.#current = undefined;
    this.#names.shift();
    return this.#names.length === 0;
  }

  /** Gives up; what is compressed stays so. */
  abandon(): void {
    this.#current?.abandon();
  }
}

/**
 * Encrypts a segment that was compressed. The record that names the encrypted files is on disk
 * before the readable ones are removed, and what was derived from them with them.
 *
 * @returns false: the record could not be stored, so the segment stays as it is
 * @throws {Error} of the file system, or for a recipient that is none
 */
export async function encryptUnit(
  directory: string,
  unit: SegmentUnit,
  recipients: readonly string[],
  record: RecordEvent,
): Promise<boolean> {
  const names = plainFiles(unit)
    .map((name) => name + compressedEnding)
    .filter((name) => existsSync(join(directory, name)));
  const files = [];
  for (const name of names) files.push(await encryptFile(directory, name, recipients));
  const followed = followedOf(directory, unit);
  const fields = {
    log: unit.log,
    segment: unit.name,
    ...(followed === undefined
      ? {}
      : { first_index: followed.firstIndex, records: followed.lines }),
    files: files.map(({ name, sha256 }) => `${name} ${sha256}`),
    packs: unit.files.some((file) => file.startsWith(unit.pack)) ? [unit.pack] : [],
  };
  const summary = { ...fields, recipients };
  const id = await recordRemoval(directory, "audit.encrypt", fields, summary, record);
  if (id === undefined) {
    for (const { name } of files) rmSync(join(directory, name), { force: true });
    return false;
  }
  const derived = unit.files.filter((file) =>
    derivedEndings.some((ending) => file.endsWith(ending)),
  );
  for (const name of [...derived, ...names]) rmSync(join(directory, name), { force: true });
  syncFolder(directory);
  return true;
}

/** The files that are compressed: the pack first, as readers begin with the journal. */
function plainFiles({ name, pack }: SegmentUnit): string[] {
  return [pack, name];
}
