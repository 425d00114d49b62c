/** The trail of a directory, live or a copy, as the explorer asks it. */
import { FactsReader } from "../audit/facts/facts-reader.ts";
import { tailTrailWithFacts } from "../audit/facts/facts-trail.ts";
import { readOperations } from "../audit/facts/read-operations.ts";
import { searchDocument } from "../audit/index/document-search.ts";
import { readIndexedTrail } from "../audit/index/indexed-trail.ts";
import type { SegmentOverview } from "../audit/index/segment-overview.ts";
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
  ShownExchange,
  TrailParts,
  TrailSighting,
  TrailTold,
  YoungestRows,
} from "./explored-trail.ts";
import { indexedEntry } from "./indexed-entry.ts";
import { proofView, type TrustOptions } from "./proof.ts";
import type { Question } from "./question.ts";
import { ShownRecord } from "./shown-record.ts";
import { olderRows, youngestRows } from "./youngest.ts";

export class DirectoryTrail implements ExploredTrail {
  readonly directory: string;
  readonly #trust: TrustOptions;
  readonly #shown: ShownRecord;

  constructor(directory: string, trust: TrustOptions = {}) {
    this.directory = directory;
    this.#trust = trust;
    this.#shown = new ShownRecord(directory);
  }

  async prepare(): Promise<void> {
    // Segments may have been encrypted since the last question.
    await openKeys(this.directory);
  }

  read(
    question: Question & { readonly order?: "any" },
    told: TrailTold,
  ): AsyncIterable<readonly TrailEntry[]> {
    const { directory } = this;
    // Throws before an answer has begun.
    listJournals(directory);
    return readIndexedTrail({ directory, ...question, ...told }, () => undefined);
  }

  tail(
    { filter }: Pick<Question, "filter">,
    listener: ReadListener,
    signal: AbortSignal,
  ): AsyncIterable<readonly TrailEntry[]> {
    const { directory } = this;
    return tailTrailWithFacts({ directory, filter, history: 0, signal, listener });
  }

  readSummed(
    { sinceMs, untilMs }: Omit<Question, "filter">,
    told: TrailTold,
  ): AsyncIterable<SegmentOverview | readonly TrailEntry[]> {
    return readSummedTrail({ directory: this.directory, sinceMs, untilMs, ...told });
  }

  youngest(question: Question, count: number): Promise<YoungestRows> {
    return youngestRows(this.directory, question, count);
  }

  older(
    question: Question,
    count: number,
    spanMs: number,
    signal: AbortSignal,
  ): Promise<OlderRows> {
    return olderRows(this.directory, question, count, spanMs, signal);
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
  ): Promise<readonly TrailSighting[]> {
    const { directory } = this;
    const facts = new FactsReader(directory);
    // One that cannot be used costs time only.
    const index = new TrailIndex(directory, () => undefined);
    try {
      const wanted = { directory, ...question, ...document, ...told };
      return await searchDocument({ ...wanted, facts: facts.factsOf, index });
    } finally {
      facts.close();
      index.close();
    }
  }

  operations(onOperation: (read: ReadOperation) => void, told: TrailTold): Promise<void> {
    return readOperations({ directory: this.directory, onOperation, ...told });
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

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
