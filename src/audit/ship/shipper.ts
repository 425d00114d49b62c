/** Ships a trail to a data stream: every entry at least once, under an id that exists once. */
import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";

import { errorMessage } from "../../core/system-error.ts";
import type { DirectoryLock } from "../store/directory-lock.ts";
import { readSavedPosition } from "../facts/facts-state.ts";
import { FactsReader } from "../facts/facts-reader.ts";
import { CatalogError, listJournals } from "../read/catalog.ts";
import type { ReadListener } from "../read/read-problem.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { BatchSender, type SendListener } from "./batch-sender.ts";
import { BulkTarget } from "./bulk-target.ts";
import { ClusterClient, type ClusterOptions } from "./cluster-client.ts";
import { writeDeadLetter } from "./dead-letters.ts";
import { DocumentBatch, readDocument } from "./document-batch.ts";
import { exchangeDocument, type DocumentOptions } from "./exchange-document.ts";
import { JournalSource } from "./journal-source.ts";
import { lockTarget, ShipError, ShipLoopError } from "./ship-lock.ts";
import { DocumentSplicer } from "./spliced-document.ts";
import {
  deadLetterPath,
  readShipPositions,
  shipPositionPath,
  writeShipPositions,
  type ShipPosition,
} from "../store/ship-position.ts";

/** What is shipped, and where to. */
export interface ShipperOptions extends DocumentOptions {
  readonly directory: string;
  /** Name of the target in files: letters, digits, `-`, `_`, `.`. */
  readonly name: string;
  readonly cluster: ClusterOptions;
  readonly dataStream: string;
  /** Between two looks at a trail that had nothing new. Milliseconds. */
  readonly everyMs: number;
  /** Facts are being derived: entries wait for theirs, within bounds. */
  readonly awaitsFacts: boolean;
}

/** Is told how it goes. */
export interface ShipListener extends ReadListener {
  shipped(count: number): void;
  /** A document was refused for ever; it lies in the file of dead letters. */
  refused(id: string, status: number, reason: string): void;
  failed(reason: string): void;
  /** Everything that there is now was shipped. */
  caughtUp?(): void;
  /** Segments were removed before they were shipped. */
  lost(journal: string): void;
}

/** A batch is sent when it has so many bytes or documents. */
const batchBytes = 4_194_304;
const batchDocuments = 2000;
/** Of 2,000 items with errors, each with its reason, many times over. */
const maxAnswerBytes = 16_777_216;
/** How often journals are looked for: workers that start later have their own. */
const listMs = 1000;
/** How often positions are saved: what was shipped behind them is shipped again after a crash. */
const saveMs = 1000;
/** An entry waits so long for its facts at most. Milliseconds. */
const factsPatienceMs = 30_000;
const factsPollMs = 100;

/** One trail and one target. Only one process at a time ships a directory to a target. */
export class Shipper {
  readonly #options: ShipperOptions;
  readonly #listener: ShipListener;
  /** No other client has this name: a record of it is one of our own requests. */
  readonly #userAgent = `es-proxy-ship/${randomUUID()}`;
  readonly #lock: DirectoryLock;
  readonly #client: ClusterClient;
  readonly #sender: BatchSender;
  readonly #facts: FactsReader;
  readonly #sources = new Map<string, JournalSource>();
  readonly #positions: Record<string, ShipPosition>;
  readonly #positionPath: string;
  readonly #batch = new DocumentBatch();
  readonly #splicer: DocumentSplicer;
  readonly #userAgentBytes = Buffer.from(this.#userAgent, "latin1");
  /** When the first document came into the batch. */
  #begunMs = -Infinity;
  #listedMs = -Infinity;
  #savedMs = -Infinity;
  #isChanged = false;

  /** @throws {ShipError} when another process ships there; for positions that cannot be read */
  constructor(options: ShipperOptions, listener: ShipListener) {
    const { directory, name } = options;
    this.#options = options;
    this.#splicer = new DocumentSplicer(options);
    this.#listener = listener;
    this.#positionPath = shipPositionPath(directory, name);
    this.#lock = lockTarget(directory, name);
    this.#positions = this.#savedPositions();
    const { cluster } = options;
    this.#client = new ClusterClient({ ...cluster, maxAnswerBytes, userAgent: this.#userAgent });
    this.#facts = new FactsReader(directory, options.awaitsFacts ? 0 : undefined);
    const letters = deadLetterPath(directory, name);
    const sending: SendListener = {
      done: (count) => listener.shipped(count),
      failed: (reason) => listener.failed(reason),
      refused: (document, status, reason) => {
        writeDeadLetter(letters, document, { status, reason });
        listener.refused(readDocument(document).id, status, reason);
      },
    };
    this.#sender = new BatchSender(new BulkTarget(this.#client, options.dataStream), sending);
  }

  /**
   * Ships what there is.
   *
   * @throws {Error} `AbortError` when the signal is aborted before the end
   * @throws {ShipLoopError} when what ships is recorded in the trail that is shipped
   */
  async drain(signal: AbortSignal): Promise<void> {
    this.#listedMs = -Infinity;
    while (await this.#step(signal));
    this.#save();
  }

  /** Ships what there is and what comes, until the signal is aborted. @throws {ShipLoopError} */
  async follow(signal: AbortSignal): Promise<void> {
    try {
      while (!signal.aborted)
        if (!(await this.#step(signal))) await wait(this.#options.everyMs, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** Saves how far it is, and ends. */
  async close(): Promise<void> {
    try {
      this.#save();
    } finally {
      for (const source of this.#sources.values()) await source.close();
      this.#sources.clear();
      this.#facts.close();
      await this.#client.close();
      this.#lock.release();
    }
  }

  #savedPositions(): Record<string, ShipPosition> {
    try {
      return { ...readShipPositions(this.#positionPath) };
    } catch (error) {
      this.#lock.release();
      throw new ShipError(errorMessage(error));
    }
  }

  /** One step in each journal. @returns whether there may be more at once */
  async #step(signal: AbortSignal): Promise<boolean> {
    const nowMs = performance.now();
    if (nowMs - this.#listedMs >= listMs) this.#list(nowMs);
    let isBusy = false;
    for (const source of this.#sources.values()) {
      const entries = await source.step();
      if (source.takeLost()) this.#listener.lost(source.journal);
      if (entries === undefined) continue;
      isBusy = true;
      for (const entry of entries) {
        if (this.#options.awaitsFacts) await this.#awaitFacts(entry, source.journal, signal);
        this.#add(entry);
      }
    }
    if (!isBusy || this.#isDue) {
      // While the rest was sent more may have come, perhaps by that.
      if (this.#batch.documents.length > 0) isBusy = true;
      await this.#flush(signal);
    }
    if (!isBusy) this.#listener.caughtUp?.();
    if (!isBusy || performance.now() - this.#savedMs >= saveMs) this.#save();
    return isBusy;
  }

  #list(nowMs: number): void {
    this.#listedMs = nowMs;
    const { directory } = this.#options;
    for (const journal of journalsOf(directory)) {
      if (this.#sources.has(journal)) continue;
      const saved = this.#positions[journal];
      const facts = this.#facts.factsOf;
      const source = new JournalSource(directory, journal, saved, facts, this.#listener);
      this.#sources.set(journal, source);
    }
  }

  /** @throws {ShipLoopError} for a record of a request that ships */
  #add(entry: TrailEntry): void {
    if (this.#batch.end === 0) this.#begunMs = performance.now();
    const isSpliced = this.#splicer.add(entry, this.#batch);
    const isOwn = isSpliced
      ? this.#splicer.isOf(this.#userAgentBytes)
      : entry.text("user_agent.original") === this.#userAgent;
    if (isOwn) throw new ShipLoopError(this.#options.cluster.nodes.join(", "));
    if (isSpliced) return;
    const document = exchangeDocument(entry, this.#options);
    entry.release();
    if (document !== undefined) this.#batch.addText(document.id, document.json);
  }

  async #flush(signal: AbortSignal): Promise<void> {
    await this.#sender.send(this.#batch.documents, signal);
    this.#batch.clear();
    // All that was read is in the batch, or gives no document.
    for (const { journal, position } of this.#sources.values()) {
      if (position === undefined) continue;
      this.#positions[journal] = position;
      this.#isChanged = true;
    }
  }

  /** The batch is full, or its first document has waited for long enough. */
  get #isDue(): boolean {
    const { end, documents } = this.#batch;
    if (documents.length === 0) return false;
    if (end >= batchBytes || documents.length >= batchDocuments) return true;
    return performance.now() - this.#begunMs >= this.#options.everyMs;
  }

  /** Facts come a moment after the records. */
  async #awaitFacts(entry: TrailEntry, journal: string, signal: AbortSignal): Promise<void> {
    const { directory } = this.#options;
    const { closing } = entry;
    if (entry.factsLine !== undefined) return;
    if (closing === undefined || entry.kind !== "exchange") return;
    const endMs = performance.now() + factsPatienceMs;
    while (entry.factsLine === undefined && performance.now() < endMs) {
      // Asked before the facts are looked for: what was derived by then is there.
      const position = readSavedPosition(directory, journal)?.segments;
      const segment = position?.find(({ inode }) => inode === closing.segment.inode);
      const isDerived = (segment?.bytes ?? 0) > closing.offset || segment?.isDone === true;
      entry.factsLine = this.#facts.factsOf(entry);
      if (isDerived || entry.factsLine !== undefined) return;
      await wait(factsPollMs, undefined, { signal });
    }
  }

  #save(): void {
    if (!this.#isChanged) return;
    writeShipPositions(this.#positionPath, this.#positions);
    this.#savedMs = performance.now();
    this.#isChanged = false;
  }
}

/** A directory without segments may get some. */
function journalsOf(directory: string): string[] {
  try {
    return listJournals(directory).map(({ name }) => name);
  } catch (error) {
    if (error instanceof CatalogError && error.isEmpty) return [];
    throw error;
  }
}
