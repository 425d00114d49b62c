/** The trail of a directory, live or a copy, as the explorer asks it. */
import { FactsReader } from "../audit/facts/facts-reader.ts";
import { tailTrailWithFacts } from "../audit/facts/facts-trail.ts";
import { readOperations } from "../audit/index/read-operations.ts";
import { searchDocument, untoldInTrail } from "../audit/index/document-search.ts";
import { readIndexedTrail } from "../audit/index/indexed-trail.ts";
import type { SegmentOverview } from "../audit/index/segment-overview.ts";
import { asksForReads, ReadsOfTrail } from "../audit/index/reads-of-trail.ts";
import { readSummedTrail } from "../audit/index/summed-trail.ts";
import { TrailIndex } from "../audit/index/trail-index.ts";
import { listJournals, lockedSegments } from "../audit/read/catalog.ts";
import type { ReadListener } from "../audit/read/read-problem.ts";
import type { TrailEntry } from "../audit/read/trail-entry.ts";
import { openKeys } from "../audit/store/opened-keys.ts";
import type { ReadOperation } from "../elasticsearch/reads/read-operation.ts";
import type {
  DocumentName,
  ExploredTrail,
  OlderRows,
  ReadQuestion,
  ShownExchange,
  TrailParts,
  TrailSightings,
  TrailTold,
  YoungestRows,
} from "./explored-trail.ts";
import { indexedEntry } from "./indexed-entry.ts";
import { proofView, type TrustOptions } from "./proof.ts";
import type { Question } from "./question.ts";
import { TrailReport } from "./trail-report.ts";
import { ShownRecord } from "./shown-record.ts";
import { olderRows, youngestRows } from "./youngest.ts";

/** What was found of reads, and when; from a clock that never goes back. Milliseconds. */
interface KnownReads {
  readonly foundMs: number;
  readonly found: Promise<ReadsOfTrail>;
}

/** So long a page has no newer calls in the reads that it asks for. Milliseconds. */
const readsKnownMs = 10_000;

export class DirectoryTrail implements ExploredTrail {
  readonly directory: string;
  readonly #trust: TrustOptions;
  readonly #shown: ShownRecord;
  #reads: KnownReads | undefined = undefined;

  constructor(directory: string, trust: TrustOptions = {}) {
    this.directory = directory;
    this.#trust = trust;
    this.#shown = new ShownRecord(directory);
  }

  async prepare(): Promise<void> {
    // Segments may have been encrypted since the last question.
    await openKeys(this.directory);
  }

  read(question: ReadQuestion, told: TrailTold): AsyncIterable<readonly TrailEntry[]> {
    const { directory } = this;
    // Throws before an answer has begun.
    listJournals(directory);
    return this.#readIndexed(question, told);
  }

  async *#readIndexed(
    question: ReadQuestion,
    told: TrailTold,
  ): AsyncGenerator<readonly TrailEntry[]> {
    const reads = await this.#readsFor(question, told.onProgress);
    const options = { directory: this.directory, reads, ...question, ...told };
    yield* readIndexedTrail(options, () => undefined);
  }

  /** A page asks several things with the same filter, one shortly after the other. */
  async #readsFor(
    { filter, withReads = false }: Pick<ReadQuestion, "filter" | "withReads">,
    onProgress?: TrailTold["onProgress"],
  ): Promise<ReadsOfTrail | undefined> {
    if (!withReads && !asksForReads(filter)) return undefined;
    const now = performance.now();
    if (this.#reads === undefined || now - this.#reads.foundMs > readsKnownMs) {
      const index = new TrailIndex(this.directory, () => undefined);
      const found = ReadsOfTrail.find(this.directory, index, new TrailReport(), onProgress).finally(
        () => index.close(),
      );
      this.#reads = { foundMs: now, found };
    }
    return this.#reads.found;
  }

  tail(
    { filter }: Pick<Question, "filter">,
    listener: ReadListener,
    signal: AbortSignal,
  ): AsyncIterable<readonly TrailEntry[]> {
    const { directory } = this;
    // What a call is a part of is known when the calls around it are.
    if (asksForReads(filter)) return noEntries();
    return tailTrailWithFacts({ directory, filter, history: 0, signal, listener });
  }

  readSummed(
    { sinceMs, untilMs }: Omit<Question, "filter">,
    told: TrailTold,
  ): AsyncIterable<SegmentOverview | readonly TrailEntry[]> {
    return readSummedTrail({ directory: this.directory, sinceMs, untilMs, ...told });
  }

  async youngest(question: Question, count: number): Promise<YoungestRows> {
    const reads = await this.#readsFor(question);
    return youngestRows(this.directory, { ...question, reads: reads?.readOf }, count);
  }

  async older(
    question: Question,
    count: number,
    spanMs: number,
    signal: AbortSignal,
  ): Promise<OlderRows> {
    const reads = await this.#readsFor(question);
    const wanted = { ...question, reads: reads?.readOf };
    return olderRows(this.directory, wanted, count, spanMs, signal);
  }

  async find(id: string): Promise<TrailEntry | undefined> {
    const entry = await indexedEntry(this.directory, id);
    if (entry === undefined) return undefined;
    const facts = new FactsReader(this.directory);
    entry.factsLine = facts.factsOf(entry);
    facts.close();
    return entry;
  }

  async sightings(
    question: Question,
    document: DocumentName,
    told: TrailTold,
  ): Promise<TrailSightings> {
    const { directory } = this;
    const facts = new FactsReader(directory);
    // One that cannot be used costs time only.
    const index = new TrailIndex(directory, () => undefined);
    try {
      const reads = (await this.#readsFor(question, told.onProgress))?.readOf;
      const wanted = { directory, reads, ...question, ...document, ...told };
      const { found, untold } = await searchDocument({ ...wanted, facts: facts.factsOf, index });
      return { found, untold: untoldInTrail(untold) };
    } finally {
      facts.close();
      index.close();
    }
  }

  operations(onOperation: (read: ReadOperation) => void, told: TrailTold): Promise<void> {
    const index = new TrailIndex(this.directory, () => undefined);
    return readOperations({ directory: this.directory, index, onOperation, ...told }).finally(() =>
      index.close(),
    );
  }

  parts(): Promise<TrailParts> {
    const journals = listJournals(this.directory).map(({ name, segments }) => ({
      name,
      segments: segments.map((segment) => ({
        name: segment.name,
        bytes: segment.size,
        isSealed: segment.isSealed,
        isCompressed: segment.isCompressed,
        isEncrypted: segment.isEncrypted,
        firstMs: finite(segment.firstMs),
        endMs: finite(segment.endMs),
      })),
    }));
    const locked = lockedSegments(this.directory).map(({ name, begunMs, endMs }) => ({
      name,
      begunMs: finite(begunMs),
      endMs: finite(endMs),
    }));
    return Promise.resolve({ journals, locked });
  }

  proof(id: string): Promise<unknown> {
    return proofView(this.directory, id, this.#trust);
  }

  shown(exchange: ShownExchange): Promise<void> {
    return this.#shown.add(exchange);
  }
}

async function* noEntries(): AsyncGenerator<readonly TrailEntry[]> {}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
