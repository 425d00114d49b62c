/** The rows of entries of an index, in blocks of many. */
import type { Buffer } from "node:buffer";

import { VarintReader, VarintWriter } from "./varints.ts";

/** Where a line lies. Bytes. */
export interface IndexedLine {
  readonly at: number;
  readonly length: number;
}

/** What an index knows of an exchange, a session or a single record. */
export interface IndexedEntry {
  /** When it began; NaN where nothing says. Whole milliseconds since the epoch. */
  readonly beganMs: number;
  /** First record, or one that stands alone; `undefined`: it lies in another segment. */
  readonly opening: IndexedLine | undefined;
  readonly closing: IndexedLine | undefined;
  /** Where its documents begin in their file; `undefined`: it has none. */
  readonly documentsAt: number | undefined;
  /** Where its facts stand in their file; `undefined`: there are none. */
  readonly factsAt: number | undefined;
}

/** Entries of a block: some kilobytes, read in some microseconds. */
export const entriesOfBlock = 256;

const [hasBegan, hasOpening, hasClosing, hasDocuments, hasFacts] = [1, 2, 4, 8, 16];

/** What numbers of an entry are told as distances from; zero before the first one of a block. */
interface Last {
  beganMs: number;
  at: number;
  documentsAt: number;
  factsAt: number;
}

const beginning = (): Last => ({ beganMs: 0, at: 0, documentsAt: 0, factsAt: 0 });

/** Writes blocks. */
export class EntryBlockWriter {
  readonly #writer = new VarintWriter();

  /** @returns the block; valid until the next one */
  write(entries: readonly IndexedEntry[]): Buffer {
    const last = beginning();
    for (const entry of entries) this.#add(entry, last);
    return this.#writer.take();
  }

  #add({ beganMs, opening, closing, documentsAt, factsAt }: IndexedEntry, last: Last): void {
    const writer = this.#writer;
    writer.add(
      (Number.isNaN(beganMs) ? 0 : hasBegan) |
        (opening === undefined ? 0 : hasOpening) |
        (closing === undefined ? 0 : hasClosing) |
        (documentsAt === undefined ? 0 : hasDocuments) |
        (factsAt === undefined ? 0 : hasFacts),
    );
    if (!Number.isNaN(beganMs)) {
      writer.addSigned(beganMs - last.beganMs);
      last.beganMs = beganMs;
    }
    for (const line of [closing, opening]) {
      if (line === undefined) continue;
      writer.addSigned(line.at - last.at);
      writer.add(line.length);
      last.at = line.at;
    }
    if (documentsAt !== undefined) {
      writer.addSigned(documentsAt - last.documentsAt);
      last.documentsAt = documentsAt;
    }
    if (factsAt !== undefined) {
      writer.addSigned(factsAt - last.factsAt);
      last.factsAt = factsAt;
    }
  }
}

/** The entries of a block. */
export function entriesInBlock(block: Uint8Array): IndexedEntry[] {
  const reader = new VarintReader(block);
  const last = beginning();
  const line = (): IndexedLine => {
    last.at += reader.nextSigned();
    return { at: last.at, length: reader.next() };
  };
  const entries: IndexedEntry[] = [];
  while (!reader.isAtEnd) {
    const has = reader.next();
    if ((has & hasBegan) !== 0) last.beganMs += reader.nextSigned();
    const closing = (has & hasClosing) === 0 ? undefined : line();
    const opening = (has & hasOpening) === 0 ? undefined : line();
    if ((has & hasDocuments) !== 0) last.documentsAt += reader.nextSigned();
    if ((has & hasFacts) !== 0) last.factsAt += reader.nextSigned();
    entries.push({
      beganMs: (has & hasBegan) === 0 ? Number.NaN : last.beganMs,
      opening,
      closing,
      documentsAt: (has & hasDocuments) === 0 ? undefined : last.documentsAt,
      factsAt: (has & hasFacts) === 0 ? undefined : last.factsAt,
    });
  }
  return entries;
}
