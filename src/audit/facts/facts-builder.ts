/** Derives the facts of a whole directory, sealed and compressed segments included. */
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

import type { WatchRule } from "../../elasticsearch/body/watch/watch-rules.ts";
import { listJournals, type JournalSegments } from "../read/catalog.ts";
import { JournalScanner } from "../read/journal-scanner.ts";
import type { ReadListener } from "../read/read-problem.ts";
import type { Segment } from "../read/segment.ts";
import { Selection } from "../read/selection.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import type { FollowedSegment } from "../store/journal-position.ts";
import { derivedBytes } from "./coverage.ts";
import { FactsDeriver } from "./exchange-facts.ts";
import { documentsEnding, factsEnding, FactsFiles, factsKey, factsStem } from "./facts-files.ts";
import { documentsLine, factsLine, placeOf } from "./facts-line.ts";
import { exchangeOf } from "./recorded-exchange.ts";
import { factsStatePath, writeFactsState, type PendingPlace } from "./facts-state.ts";

/** What is built. */
export interface BuildOptions {
  readonly directory: string;
  readonly watch: readonly WatchRule[];
  /** Also of segments that have facts. */
  readonly isRebuild: boolean;
  readonly listener: ReadListener;
  /** How far it is, in bytes of files, and how many exchanges have facts now. */
  readonly onProgress: (done: number, total: number, exchanges: number) => void;
}

/** What was built. */
export interface BuildResult {
  readonly segments: number;
  readonly exchanges: number;
}

/**
 * Derives the facts of segments that have none, or not all of them, or of all segments. The
 * follower of a proxy goes on behind it. Nobody else may write to the directory meanwhile.
 *
 * @throws {CatalogError} when the directory holds no trail
 * @throws {Error} of the file system
 */
export async function buildFacts(options: BuildOptions): Promise<BuildResult> {
  const { directory, isRebuild, onProgress } = options;
  const deriver = new FactsDeriver(directory, factsKey(directory), options.watch);
  const journals = listJournals(directory).map((journal) => ({
    journal,
    wanted: isRebuild
      ? journal.segments
      : journal.segments.filter((segment) => !isDerived(directory, segment)),
  }));
  if (isRebuild) removeFacts(directory);
  const total = journals.reduce(
    (sum, { wanted }) => sum + wanted.reduce((bytes, { size }) => bytes + size, 0),
    0,
  );
  let [segments, exchanges, done] = [0, 0, 0];
  for (const { journal, wanted } of journals) {
    // What the follower noted of it still holds.
    if (wanted.length === 0) continue;
    // Until the end nothing says that the journal was derived: after a crash it is again.
    rmSync(factsStatePath(directory, journal.name), { force: true });
    const build = new JournalBuild(options, deriver, journal, wanted);
    await build.run((position) => onProgress(done + position, total, exchanges + build.exchanges));
    done += wanted.reduce((bytes, { size }) => bytes + size, 0);
    segments += wanted.length;
    exchanges += build.exchanges;
  }
  return { segments, exchanges };
}

function isDerived(directory: string, segment: Segment): boolean {
  const bytes = derivedBytes(directory, segment);
  return segment.isCompressed ? bytes === Infinity : bytes >= segment.size;
}

function removeFacts(directory: string): void {
  for (const name of readdirSync(directory))
    if (name.endsWith(factsEnding) || name.endsWith(documentsEnding))
      rmSync(join(directory, name), { force: true });
}

/** The segments of one journal. */
class JournalBuild {
  readonly #options: BuildOptions;
  readonly #deriver: FactsDeriver;
  readonly #journal: JournalSegments;
  readonly #wanted: readonly Segment[];
  readonly #pending: [id: string, segment: Segment, at: number, length: number][] = [];
  #files: FactsFiles | undefined = undefined;
  #segment: Segment | undefined = undefined;
  /** Where the last line that was seen of the open segment ends. Bytes. */
  #seenBytes = 0;
  exchanges = 0;

  constructor(
    options: BuildOptions,
    deriver: FactsDeriver,
    journal: JournalSegments,
    wanted: readonly Segment[],
  ) {
    this.#options = options;
    this.#deriver = deriver;
    this.#journal = journal;
    this.#wanted = wanted;
  }

  async run(onProgress: (done: number) => void): Promise<void> {
    const { directory, listener, watch } = this.#options;
    const { segments, name } = this.#journal;
    const earlier = segments.filter(
      (segment) => !this.#wanted.includes(segment) && this.#isBefore(segment),
    );
    // Segments without an exchange have files, too, which say so; one without a record has no name.
    for (const segment of this.#wanted) if (Number.isFinite(segment.firstMs)) this.#begin(segment);
    const scanner = new JournalScanner(this.#wanted, earlier, new Selection({}), listener);
    try {
      for (let entries = await scanner.step(); entries; entries = await scanner.step()) {
        for (const entry of entries) await this.#add(entry);
        onProgress(scanner.position.done);
      }
    } finally {
      await scanner.close();
    }
    this.#files?.sync();
    const sizes = this.#files?.sizes ?? { facts: 0, documents: 0 };
    const stem = this.#files?.stem;
    this.#files?.close();
    const position = { segments: segments.map((segment) => this.#followed(segment)) };
    const numbers = [...new Set(this.#pending.map(([, segment]) => segment))];
    const pending: PendingPlace[] = this.#pending.map(([id, segment, at, length]) => [
      id,
      numbers.indexOf(segment),
      at,
      length,
    ]);
    const state = { position, segments: numbers, pending, stem, sizes };
    writeFactsState(directory, name, JSON.stringify(watch), state);
  }

  async #add(entry: TrailEntry): Promise<void> {
    const { opening, closing } = entry;
    for (const line of [opening, closing])
      if (line?.segment.isSealed === false)
        this.#seenBytes = Math.max(this.#seenBytes, line.offset + line.bytes.length + 1);
    const place = placeOf(entry);
    if (closing === undefined || place === undefined) {
      if (opening !== undefined && entry.isOpen)
        this.#pending.push([entry.id, opening.segment, opening.offset, opening.bytes.length]);
      return;
    }
    const files = this.#segment === closing.segment ? this.#files : this.#begin(closing.segment);
    const exchange = exchangeOf(entry);
    if (exchange === undefined) return;
    const { id } = exchange;
    const facts = await this.#deriver.derive(exchange, (documents) =>
      files?.documents.add(documentsLine(id, place, documents)),
    );
    files?.addFacts(factsLine(id, place, facts));
    this.exchanges += 1;
  }

  #begin(segment: Segment): FactsFiles {
    this.#files?.close();
    const sizes = { facts: 0, documents: 0 };
    this.#files = new FactsFiles(this.#options.directory, factsStem(segment), sizes);
    this.#segment = segment;
    return this.#files;
  }

  #isBefore({ firstMs }: Segment): boolean {
    return firstMs < (this.#wanted[0]?.firstMs ?? -Infinity);
  }

  /** The segment as a follower would have left it. */
  #followed({ name, inode, firstMs, size, isSealed }: Segment): FollowedSegment {
    return {
      name,
      inode,
      firstMs,
      firstIndex: 0,
      lines: 0,
      bytes: isSealed ? size : this.#seenBytes,
      lastLineAt: -1,
      lastLineSha256: "",
      isDone: isSealed,
    };
  }
}
