/** Who was sent a document, or wrote it: searched in the facts, and in what has none yet. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { countText } from "../../core/count-text.ts";
import { idMs } from "../../core/ids.ts";
import { readingFlags } from "../../core/regular-file.ts";

import { parseIndexExpressions } from "../../elasticsearch/names/index-expression.ts";
import type { IndexExpressions } from "../../elasticsearch/names/index-expression.ts";
import { coversIndex, mayOverlap } from "../../elasticsearch/names/index-matcher.ts";
import { listJournals, lockedSegments } from "../read/catalog.ts";
import { findEntry } from "../read/find-entry.ts";
import { JournalScanner } from "../read/journal-scanner.ts";
import { SegmentProblems, tellLocked, type ReadListener } from "../read/read-problem.ts";
import { SegmentFiles } from "../read/segment-files.ts";
import type { Segment } from "../read/segment.ts";
import { Selection, type SelectionOptions } from "../read/selection.ts";
import { RecordLine, TrailEntry } from "../read/trail-entry.ts";
import { derivedBytes } from "../facts/coverage.ts";
import type { DocumentUse, UsedDocuments } from "../examine/document-uses.ts";
import { FactsDeriver } from "../facts/exchange-facts.ts";
import { DocumentsFile } from "../facts/documents-file.ts";
import { documentsEnding, factsStem } from "../facts/facts-files.ts";
import { readDocumentsLine, type DocumentsLine, type RecordPlace } from "../facts/facts-line.ts";
import { exchangeOf } from "../facts/recorded-exchange.ts";
import { wholeLines } from "../facts/whole-lines.ts";
import type { TrailIndex } from "./trail-index.ts";

/** What is searched. */
export interface DocumentSearchOptions extends SelectionOptions {
  /** Live, or a copy. */
  readonly directory: string;
  /** An index expression: a name, a data stream, wildcards, a list. */
  readonly indices: string;
  readonly id: string;
  readonly listener: ReadListener;
  /** Asked before files are read; without it everything works, slower. */
  readonly index?: TrailIndex;
  /** How far it is, in bytes of files. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** One exchange that had to do with the document. */
export interface DocumentSighting {
  readonly entry: TrailEntry;
  readonly uses: readonly DocumentUse[];
  /** Indices as the answer names them; "" where it does not say one. */
  readonly indices: readonly string[];
  /** Watched fields of the document that were in the answer. */
  readonly fields: readonly string[];
}

/** What a trail tells of a document. */
export interface DocumentSightings {
  /** In the order in which the exchanges began. */
  readonly found: readonly DocumentSighting[];
  /**
   * Exchanges of that time, whatever the filter, that may have returned or written it: their
   * answers are not in the trail, or not whole, or name no ids.
   */
  readonly untold: number;
}

/** {@link DocumentSightings.untold} in a sentence without its full stop; "" for none. */
export function untoldInTrail(untold: number): string {
  if (untold === 0) return "";
  const are = countText(untold, "more call");
  return `${are} may have returned or written it: what the trail holds of them names no ids`;
}

/** Records beyond the time that is asked for are looked at for ends of exchanges. Milliseconds. */
const longExchangeMs = 3_600_000;
const lineFeed = 0x0a;
const untoldMark = Buffer.from('"untold":[[', "latin1");

/**
 * Searches all of a trail for a document, in the order in which the exchanges began. Exchanges
 * whose facts were not derived yet are examined on the way. Changes nothing and takes no lock.
 *
 * @throws {CatalogError} when the directory holds no trail
 */
export async function searchDocument(options: DocumentSearchOptions): Promise<DocumentSightings> {
  const search = new DocumentSearch(options);
  const found = await search.run();
  found.sort((one, other) => one.entry.startMs - other.entry.startMs);
  return { found, untold: search.untold };
}

class DocumentSearch {
  /** See {@link DocumentSightings}. */
  untold = 0;
  readonly #options: DocumentSearchOptions;
  readonly #selection: Selection;
  readonly #expressions: IndexExpressions;
  readonly #coverage = new Map<string, boolean>();
  readonly #overlaps = new Map<string, boolean>();
  readonly #found = new Map<string, DocumentSighting>();
  readonly #files = new SegmentFiles();
  #done = 0;
  #total = 0;

  constructor(options: DocumentSearchOptions) {
    this.#options = options;
    this.#selection = new Selection(options);
    this.#expressions = parseIndexExpressions(options.indices, Date.now());
  }

  async run(): Promise<DocumentSighting[]> {
    const { directory, sinceMs = -Infinity, untilMs = Infinity, listener } = this.#options;
    const journals = listJournals(directory).map(({ segments }) => ({
      segments,
      wanted: segments.filter(
        ({ firstMs, endMs }) => endMs >= sinceMs && firstMs <= untilMs + longExchangeMs,
      ),
    }));
    for (const { wanted } of journals) for (const { size } of wanted) this.#total += size;
    tellLocked(lockedSegments(directory, sinceMs, untilMs), listener);
    try {
      for (const { segments, wanted } of journals) {
        const derived = new Map<string, number>();
        for (const segment of wanted)
          try {
            derived.set(segment.name, await this.#searchSegment(segment));
          } catch (error) {
            new SegmentProblems(segment.name, listener).unreadable(0, error);
          }
        const rest = wanted.filter(({ name, isCompressed, size }) =>
          isCompressed ? derived.get(name) !== Infinity : (derived.get(name) ?? 0) < size,
        );
        await this.#examine(segments, rest, derived);
      }
    } finally {
      await this.#files.close();
    }
    return [...this.#found.values()];
  }

  /** Searches what is known of a segment. @returns bytes of it that need not be read any more */
  async #searchSegment(segment: Segment): Promise<number> {
    const { directory, id, index } = this.#options;
    const places = index?.documentsOf(segment, id, (name) => this.#covers(name));
    if (places !== undefined) {
      await this.#searchAt(segment, places);
      this.untold += index?.untoldOf(segment, this.#mayOverlap, this.#isInTime) ?? 0;
      this.#progress(segment.size);
      return Infinity;
    }
    const bytes = derivedBytes(directory, segment);
    if (bytes > 0) await this.#searchFacts(segment);
    return bytes;
  }

  /** Looks at the documents of exchanges, of which an index says where they begin. */
  async #searchAt(segment: Segment, places: readonly number[]): Promise<void> {
    if (places.length === 0) return;
    const { directory, id } = this.#options;
    const needle = Buffer.from(JSON.stringify(id), "utf8");
    const file = new DocumentsFile(directory, segment);
    try {
      for (const place of places)
        for (const bytes of file.linesAt(place)) {
          const line = bytes.includes(needle) ? readDocumentsLine(bytes) : undefined;
          if (line !== undefined)
            await this.#add(line.id, line, () => this.#entry(segment, line.id, line));
        }
    } finally {
      file.close();
    }
  }

  /** Looks for the id in the documents of a segment, and only where it stands at the lines. */
  async #searchFacts(segment: Segment): Promise<void> {
    const { directory, id } = this.#options;
    const needle = Buffer.from(JSON.stringify(id), "utf8");
    const path = join(directory, factsStem(segment) + documentsEnding);
    await using file = await open(path, readingFlags);
    for await (const lines of wholeLines(file)) {
      for (const line of linesWith(lines, needle))
        await this.#add(line.id, line, () => this.#entry(segment, line.id, line));
      for (const { id: exchange, uses } of linesWith(lines, untoldMark))
        this.#addUntold(uses, idMs(exchange));
    }
    this.#progress(segment.size);
  }

  /** Derives what has no facts yet. @param segments of the journal, @param rest of them to read */
  async #examine(
    segments: readonly Segment[],
    rest: readonly Segment[],
    derived: ReadonlyMap<string, number>,
  ): Promise<void> {
    if (rest.length === 0) return;
    const { directory, listener } = this.#options;
    const first = segments.findIndex(({ name }) => name === rest[0]?.name);
    const deriver = new FactsDeriver(directory, randomBytes(32), []);
    const scanner = new JournalScanner(rest, segments.slice(0, first), this.#selection, listener);
    try {
      for (
        let entries = await scanner.step();
        entries !== undefined;
        entries = await scanner.step()
      )
        for (const entry of entries) {
          const { segment, offset } = entry.closing ?? { segment: undefined, offset: Infinity };
          if (segment !== undefined && offset < (derived.get(segment.name) ?? 0)) continue;
          const exchange = exchangeOf(entry);
          if (exchange === undefined) continue;
          const parts: UsedDocuments[] = [];
          await deriver.derive(exchange, (documents) => parts.push(documents));
          for (const part of parts) {
            await this.#add(entry.id, part, () => Promise.resolve(entry));
            this.#addUntold(part.uses, entry.startMs);
          }
        }
    } finally {
      await scanner.close();
    }
  }

  /** Adds what these documents of an exchange say of the one that is searched. */
  async #add(
    exchange: string,
    documents: UsedDocuments,
    entryOf: () => Promise<TrailEntry | undefined>,
  ): Promise<void> {
    const { id } = this.#options;
    const uses = new Set<DocumentUse>();
    const indices = new Set<string>();
    for (const use of ["read", "wrote", "tried", "asked"] as const)
      for (const [index, ids] of documents.uses[use] ?? [])
        if (this.#covers(index) && ids.includes(id)) {
          uses.add(use);
          indices.add(index);
        }
    const fields = documents.watched
      .filter(([index, , ids]) => this.#covers(index) && ids.includes(id))
      .flatMap(([, names]) => names);
    if (uses.size === 0 && fields.length === 0) return;
    const known = this.#found.get(exchange);
    const entry = known?.entry ?? (await entryOf());
    if (entry === undefined || !this.#isWanted(entry)) return;
    this.#found.set(exchange, {
      entry,
      uses: [...new Set([...(known?.uses ?? []), ...uses])],
      indices: [...new Set([...(known?.indices ?? []), ...indices])],
      fields: [...new Set([...(known?.fields ?? []), ...fields])],
    });
    entry.release();
  }

  #addUntold({ untold = [] }: UsedDocuments["uses"], startMs: number): void {
    if (this.#isInTime(startMs) && untold.some(([list]) => this.#mayOverlap(list)))
      this.untold += 1;
  }

  /** Whether a list of index expressions may name an index that is asked for. */
  readonly #mayOverlap = (list: string): boolean => {
    let overlaps = this.#overlaps.get(list);
    if (overlaps === undefined) {
      const expressions = parseIndexExpressions(list, Date.now());
      overlaps = list === "" || mayOverlap(this.#expressions, expressions);
      this.#overlaps.set(list, overlaps);
    }
    return overlaps;
  };

  readonly #isInTime = (startMs: number): boolean => {
    const { sinceMs, untilMs } = this.#selection;
    return startMs >= sinceMs && startMs < untilMs;
  };

  /** An index that the answer does not say may be any. */
  #covers(index: string): boolean {
    if (index === "" || index === this.#options.indices) return true;
    let covers = this.#coverage.get(index);
    if (covers === undefined) {
      covers = coversIndex(this.#expressions, index) !== "no";
      this.#coverage.set(index, covers);
    }
    return covers;
  }

  #isWanted(entry: TrailEntry): boolean {
    return this.#isInTime(entry.startMs) && this.#selection.matches(entry);
  }

  async #entry(
    segment: Segment,
    id: string,
    { at, length, opening }: RecordPlace,
  ): Promise<TrailEntry | undefined> {
    const { directory, listener, index } = this.#options;
    if (opening === undefined) return findEntry(directory, id, listener, index);
    const line = async (offset: number, bytes: number): Promise<RecordLine> =>
      new RecordLine(segment, offset, await this.#files.readLine(segment, offset, bytes));
    const entry = new TrailEntry(await line(...opening), await line(at, length));
    // A segment that was replaced by another one has other lines there.
    return entry.id === id ? entry : findEntry(directory, id, listener, index);
  }

  #progress(bytes: number): void {
    this.#done += bytes;
    this.#options.onProgress?.(this.#done, this.#total);
  }
}

/** The lines in which some bytes stand, of a piece of whole lines. */
function* linesWith(lines: Buffer, needle: Buffer): Generator<DocumentsLine> {
  for (let at = lines.indexOf(needle); at >= 0; at = lines.indexOf(needle, at)) {
    const start = lines.lastIndexOf(lineFeed, at) + 1;
    const end = lines.indexOf(lineFeed, at);
    const line = readDocumentsLine(lines.subarray(start, end));
    if (line !== undefined) yield line;
    at = end;
  }
}
