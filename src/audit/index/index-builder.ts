/** Builds the index of one full segment from its lines and the files of its facts. */
import { Buffer } from "node:buffer";
import { closeSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { openRegularFile, readingFlags } from "../../core/regular-file.ts";

import { factsEnding, documentsEnding, factsStem } from "../facts/facts-files.ts";
import { placeInLine, readDocumentsLine } from "../facts/facts-line.ts";
import { wholeLines } from "../facts/whole-lines.ts";
import { LineHead, timeOfLine } from "../format/line-head.ts";
import type { LineWindow } from "../read/line-window.ts";
import { readWindows } from "../read/segment-windows.ts";
import type { Segment } from "../read/segment.ts";
import { summedBlock, termSum, textsSum } from "./checksums.ts";
import { entriesOfBlock, EntryBlockWriter } from "./entry-blocks.ts";
import { IndexContents, type TermValue } from "./index-contents.ts";
import { indexEnding, indexTables, indexVersion, unfinishedIndexEnding } from "./index-format.ts";
import type { DocumentHasher } from "./index-keys.ts";
import { mostEntries, type KeyedNumbers } from "./keyed-numbers.ts";
import { documentsIn, LineTerms } from "./line-terms.ts";
import { LinePageKeys } from "./read-keys.ts";
import { OverviewBuilder, type RecordTerms } from "./segment-overview.ts";
import { differenceFrom, sizeOf, tailBytes, tailDigest, type SegmentMark } from "./segment-mark.ts";

/** Blocks that are written between two pauses: some milliseconds. */
const blocksPerPause = 256;
const lineFeed = 0x0a;
const idLength = 36;

/** How an index is built. */
export interface IndexBuildOptions {
  /** Live, or a copy. */
  readonly directory: string;
  /** Full, with all of its facts. */
  readonly segment: Segment;
  readonly hasher: DocumentHasher;
  /** Called every few milliseconds; what waits may run meanwhile. */
  readonly pause: () => Promise<void>;
}

/**
 * Builds an index beside its segment; it is there whole or not at all.
 *
 * @returns entries in it; `undefined`: the segment has more than an index can hold, or something
 *   has changed meanwhile
 * @throws {Error} of the file system and of SQLite
 */
export async function buildIndex(options: IndexBuildOptions): Promise<number | undefined> {
  const { directory, segment } = options;
  const build = new IndexBuild(options);
  const mark = await build.gather();
  if (mark === undefined) return undefined;
  const path = join(directory, factsStem(segment) + indexEnding);
  const unfinished = join(directory, factsStem(segment) + unfinishedIndexEnding);
  try {
    await build.write(unfinished, mark);
    // Records may have been erased meanwhile, and what was derived of them removed.
    if (differenceFrom(mark, directory, segment) !== undefined) return undefined;
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  return build.count;
}

interface Pending {
  readonly at: number;
  readonly length: number;
  readonly beganMs: number;
  readonly terms: readonly (readonly [field: string, value: TermValue])[];
}

class IndexBuild {
  readonly #options: IndexBuildOptions;
  readonly #stem: string;
  readonly #contents = new IndexContents();
  readonly #terms = new LineTerms();
  readonly #pages = new LinePageKeys();
  readonly #overview = new OverviewBuilder();
  readonly #pending = new Map<string, Pending>();
  /** Where last records begin, in their order: their place is their number. */
  readonly #closings: number[] = [];

  constructor(options: IndexBuildOptions) {
    this.#options = options;
    this.#stem = join(options.directory, factsStem(options.segment));
  }

  /** Lines that are no records, and bytes behind the last one. */
  garbage = 0;

  get count(): number {
    return this.#contents.entries.length;
  }

  /** Reads everything; `undefined`: it is too much. */
  async gather(): Promise<SegmentMark | undefined> {
    const lines = await this.#gatherLines();
    const factsBytes = await this.#gatherFacts();
    const documentsBytes = await this.#gatherDocuments();
    this.#gatherRest();
    return this.count > mostEntries ? undefined : { ...lines, factsBytes, documentsBytes };
  }

  /** Exchanges with a last record here have the first numbers, in the order of these records. */
  async #gatherLines(): Promise<Pick<SegmentMark, "segmentBytes" | "segmentTail">> {
    const { segment, pause } = this.#options;
    let tail = Buffer.alloc(0);
    const window = await readWindows(segment, async (lines) => {
      await this.#passWindow(lines);
      const seen = lines.bytes.subarray(0, lines.end + lines.tailBytes);
      tail = Buffer.concat([tail, seen.subarray(-tailBytes)]).subarray(-tailBytes);
      await pause();
      return true;
    });
    this.garbage += window.tailBytes + window.skippedBytes;
    const segmentBytes = window.offset + window.end + window.tailBytes;
    return { segmentBytes, segmentTail: tailDigest(tail) };
  }

  async #passWindow({ bytes, offset, end: stop }: LineWindow): Promise<void> {
    const head = new LineHead();
    let passed = 0;
    for (let at = 0; at < stop;) {
      const end = bytes.indexOf(lineFeed, at);
      head.read(bytes, at, end);
      if (head.idAt >= 0) {
        const id = bytes.toString("latin1", head.idAt, head.idAt + idLength);
        const beganMs = timeOfLine(bytes, head.timeAt);
        const line = { at: offset + at, length: end - at, beganMs };
        this.#passLine(id, head.kind === "closing", line, this.#terms.ofLine(bytes, at, end));
      } else this.garbage += 1;
      at = end + 1;
      passed += 1;
      if (passed % 256 === 0) await this.#options.pause();
    }
  }

  #passLine(
    id: string,
    isClosing: boolean,
    line: Omit<Pending, "terms">,
    terms: RecordTerms,
  ): void {
    if (!isClosing) {
      this.#pending.set(id, { ...line, terms });
      return;
    }
    const opening = this.#pending.get(id);
    this.#pending.delete(id);
    const beganMs = opening?.beganMs ?? Number.NaN;
    const number = this.#contents.add(id, { beganMs, opening, closing: line });
    this.#closings.push(line.at);
    if (opening === undefined) this.#contents.addHalf(number);
    else this.#overview.add(number, beganMs, opening.terms, terms);
    for (const [field, value] of opening?.terms ?? []) this.#contents.addTerm(field, value, number);
    for (const [field, value] of terms) this.#contents.addTerm(field, value, number);
  }

  /** Records without a last one here: they stand alone, or it is in another segment. */
  #gatherRest(): void {
    for (const [id, { terms, ...opening }] of this.#pending) {
      const entry = { beganMs: opening.beganMs, opening, closing: undefined };
      const number = this.#contents.add(id, entry);
      this.#contents.addHalf(number);
      for (const [field, value] of terms) this.#contents.addTerm(field, value, number);
    }
  }

  #gatherFacts(): Promise<number> {
    let next = 0;
    const contents = this.#contents;
    return this.#eachLine(factsEnding, (line, at) => {
      const place = placeInLine(line, 0, line.length);
      while ((this.#closings[next] ?? Infinity) < place) next += 1;
      if (this.#closings[next] !== place) return;
      const text = line.toString("latin1");
      const terms = this.#terms.ofFacts(text);
      for (const [field, value] of terms) contents.addTerm(field, value, next);
      const entry = contents.entries[next];
      if (entry !== undefined) entry.factsAt = at;
      const page = this.#pages.ofFacts(text);
      for (const key of page?.keys ?? []) contents.reads.add(key, next);
      if (page?.continued !== undefined) contents.continued.add(page.continued, next);
      this.#overview.addFacts(next, terms, documentsIn(text));
    });
  }

  #gatherDocuments(): Promise<number> {
    const { hasher } = this.#options;
    const contents = this.#contents;
    let next = 0;
    return this.#eachLine(documentsEnding, (bytes, at) => {
      const line = readDocumentsLine(bytes);
      if (line === undefined) return;
      while ((this.#closings[next] ?? Infinity) < line.at) next += 1;
      if (this.#closings[next] !== line.at) return;
      const entry = contents.entries[next];
      if (entry !== undefined) entry.documentsAt ??= at;
      const lists = [
        ...Object.values(line.uses).flat(),
        ...line.watched.map(([index, , ids]) => [index, ids] as const),
      ];
      for (const [index, ids] of lists) {
        contents.names.add(index);
        for (const id of ids) contents.documents.add(hasher.hash(index, id), next);
      }
    });
  }

  /** @returns bytes of the file; -1: there is none */
  async #eachLine(ending: string, take: (line: Buffer, at: number) => void): Promise<number> {
    const path = this.#stem + ending;
    if (sizeOf(path) < 0) return -1;
    await using file = await open(path, readingFlags);
    let [offset, passed] = [0, 0];
    for await (const lines of wholeLines(file)) {
      for (let at = 0; at < lines.length;) {
        const end = lines.indexOf(lineFeed, at);
        take(lines.subarray(at, end), offset + at);
        at = end + 1;
        passed += 1;
        if (passed % 256 === 0) await this.#options.pause();
      }
      offset += lines.length;
    }
    return offset;
  }

  /** Writes the tables in the order of their keys, in one transaction. */
  async write(path: string, mark: SegmentMark): Promise<void> {
    rmSync(path, { force: true });
    closeSync(openSync(path, "wx", 0o600));
    const database = new DatabaseSync(path);
    try {
      // No reader opens the file before it is renamed: what a crash leaves is built again.
      database.exec(
        "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE",
      );
      database.exec(`${indexTables} BEGIN`);
      const contents = this.#contents;
      const into = (table: string): StatementSync =>
        database.prepare(`INSERT INTO ${table} VALUES (?,?)`);
      await this.#writeEntries(into("entries"));
      for (const table of ["ids", "documents", "reads", "continued"] as const)
        await this.#writeKeyed(table, into(table), contents[table]);
      const names = database.prepare("INSERT INTO names VALUES (?)");
      const sortedNames = [...contents.names].sort();
      for (const name of sortedNames) names.run(name);
      const terms = database.prepare("INSERT INTO terms VALUES (?,?,?,?)");
      for (const { field, value, numbers } of contents.terms())
        terms.run(field, value, numbers.bytes, termSum(field, value, numbers.bytes));
      const overview = this.#overview.finish();
      if (overview !== undefined)
        database.prepare("INSERT INTO overview VALUES (?)").run(JSON.stringify(overview));
      const meta = database.prepare("INSERT INTO meta VALUES (?,?)");
      const { garbage, count } = this;
      const key = this.#options.hasher.name;
      const sum = textsSum(sortedNames);
      const facts = { version: indexVersion, key, entries: count, garbage, names: sum, ...mark };
      for (const [name, value] of Object.entries(facts)) meta.run(name, value);
      database.exec("COMMIT");
    } finally {
      database.close();
    }
    const fd = openRegularFile(path);
    fsyncSync(fd);
    closeSync(fd);
  }

  async #writeEntries(insert: StatementSync): Promise<void> {
    const { entries } = this.#contents;
    const writer = new EntryBlockWriter();
    for (let first = 0; first < entries.length; first += entriesOfBlock) {
      const block = writer.write(entries.slice(first, first + entriesOfBlock));
      insert.run(first, summedBlock("entries", first, block));
      if ((first / entriesOfBlock) % blocksPerPause === 0) await this.#options.pause();
    }
  }

  async #writeKeyed(table: string, insert: StatementSync, numbers: KeyedNumbers): Promise<void> {
    let written = 0;
    for (const [first, content] of numbers.blocks()) {
      insert.run(first, summedBlock(table, first, content));
      written += 1;
      if (written % blocksPerPause === 0) await this.#options.pause();
    }
  }
}
