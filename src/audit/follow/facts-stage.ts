/** Pairs the lines of a journal as they are followed, and derives the facts of each exchange. */
import { Buffer } from "node:buffer";

import type { FactsDeriver } from "../facts/exchange-facts.ts";
import { FactsFiles, factsStem } from "../facts/facts-files.ts";
import { documentsLine, factsLine, placeOf } from "../facts/facts-line.ts";
import type { FactsState, PendingPlace } from "../facts/facts-state.ts";
import { textAt } from "../format/audit-document.ts";
import { LineHead } from "../format/line-head.ts";
import { findLine } from "../read/find-line.ts";
import { LineWindow } from "../read/line-window.ts";
import { SegmentFiles } from "../read/segment-files.ts";
import type { Segment } from "../read/segment.ts";
import { RecordLine, TrailEntry } from "../read/trail-entry.ts";
import type { JournalPosition } from "../store/journal-position.ts";
import type { FollowStage, LineRun } from "./line-run.ts";

/** First records that wait for their last one; the oldest goes when there are more. */
const maxPending = 200_000;
const idLength = 36;

interface Waiting {
  readonly segment: Segment;
  readonly at: number;
  readonly length: number;
}

/** One exchange whose last record has come. */
interface Task {
  readonly id: string;
  readonly opening: RecordLine | Waiting | undefined;
  readonly closing: RecordLine;
}

/**
 * Lines come in faster than bodies are read, so `lines` only notes what there is to do, and `drain`
 * does it: hand on no more lines before it has ended.
 */
export class FactsStage implements FollowStage {
  readonly #directory: string;
  readonly #deriver: FactsDeriver;
  readonly #segmentOf: (name: string) => Segment | undefined;
  readonly #head = new LineHead();
  readonly #openFiles = new SegmentFiles();
  readonly #pending = new Map<string, Waiting>();
  #tasks: (Task | Segment)[] = [];
  #segment: Segment | undefined = undefined;
  #files: FactsFiles | undefined = undefined;
  readonly #onFailure: (id: string, error: unknown) => undefined;
  /** Exchanges whose facts were written. */
  count = 0;

  /**
   * @param state where another stage stood
   * @param segmentOf the segment that is being followed, by the name that it had when it was opened
   * @param onFailure told of an exchange that could not be examined; it has no facts then
   */
  constructor(
    directory: string,
    deriver: FactsDeriver,
    state: FactsState,
    segmentOf: (name: string) => Segment | undefined,
    onFailure: (id: string, error: unknown) => undefined,
  ) {
    this.#directory = directory;
    this.#deriver = deriver;
    this.#segmentOf = segmentOf;
    this.#onFailure = onFailure;
    for (const [id, number, at, length] of state.pending) {
      const segment = state.segments[number];
      if (segment !== undefined) this.#pending.set(id, { segment, at, length });
    }
    if (state.stem !== undefined) this.#files = new FactsFiles(directory, state.stem, state.sizes);
  }

  /** The state to be saved with a position, after `save`. */
  state(position: JournalPosition): FactsState {
    const numbers = new Map<Segment, number>();
    const pending: PendingPlace[] = [];
    for (const [id, { segment, at, length }] of this.#pending) {
      const number = numbers.get(segment) ?? numbers.size;
      numbers.set(segment, number);
      pending.push([id, number, at, length]);
    }
    return {
      position,
      segments: [...numbers.keys()],
      pending,
      stem: this.#files?.stem,
      sizes: this.#files?.sizes ?? { facts: 0, documents: 0 },
    };
  }

  lines({ segment: name, offset, bytes, ends }: LineRun): void {
    if (offset === 0 || this.#segment === undefined) {
      this.#segment = this.#segmentOf(name);
      if (this.#segment !== undefined && offset === 0) this.#tasks.push(this.#segment);
    }
    const segment = this.#segment;
    if (segment === undefined) return;
    // The buffer of the run is used again, and bodies take their time.
    const copy = Buffer.from(bytes);
    this.#head.reset();
    let start = 0;
    for (const end of ends) {
      this.#head.read(copy, start, end);
      const { kind, idAt } = this.#head;
      if (idAt >= 0 && (kind === "opening" || kind === "closing")) {
        const id = copy.toString("latin1", idAt, idAt + idLength);
        const line = new RecordLine(segment, offset + start, copy.subarray(start, end));
        if (kind === "opening") this.#open(id, line);
        else this.#close(id, line);
      }
      start = end + 1;
    }
    this.#detach();
  }

  sealed(): void {
    this.#segment = undefined;
  }

  save(): void {
    this.#files?.sync();
  }

  /** Derives the facts of what has been handed on. @throws {Error} of the file system */
  async drain(): Promise<void> {
    const tasks = this.#tasks;
    this.#tasks = [];
    for (const task of tasks)
      if ("closing" in task) await this.#derive(task);
      else this.#begin(task);
    this.#files?.write();
  }

  async close(): Promise<void> {
    this.#files?.close();
    await this.#openFiles.close();
  }

  /** Lines of this run that may still be asked for by `drain`, by id. */
  readonly #fresh = new Map<string, RecordLine>();

  #open(id: string, line: RecordLine): void {
    this.#fresh.set(id, line);
  }

  #close(id: string, closing: RecordLine): void {
    const opening = this.#fresh.get(id) ?? this.#pending.get(id);
    this.#fresh.delete(id);
    this.#pending.delete(id);
    this.#tasks.push({ id, opening, closing });
  }

  /** Of what still waits at the end of a run the place is kept, not the bytes. */
  #detach(): void {
    for (const [id, { segment, offset, bytes }] of this.#fresh)
      this.#pending.set(id, { segment, at: offset, length: bytes.length });
    this.#fresh.clear();
    for (const id of this.#pending.keys()) {
      if (this.#pending.size <= maxPending) break;
      this.#pending.delete(id);
    }
  }

  #begin(segment: Segment): void {
    this.#files?.close();
    const sizes = { facts: 0, documents: 0 };
    this.#files = new FactsFiles(this.#directory, factsStem(segment), sizes);
  }

  async #derive({ id, opening, closing }: Task): Promise<void> {
    const files = this.#files;
    if (files === undefined) return;
    const first = opening instanceof RecordLine ? opening : await this.#read(id, opening);
    const entry = new TrailEntry(first, closing);
    const place = placeOf(entry);
    if (place === undefined) return;
    const facts = await this.#deriver
      .derive(entry, (documents) => files.documents.add(documentsLine(id, place, documents)))
      .catch((error: unknown) => this.#onFailure(id, error));
    if (facts === undefined) return;
    files.addFacts(factsLine(id, place, facts));
    this.count += 1;
  }

  /** A line of an earlier run; `undefined`: it cannot be read any more. */
  async #read(id: string, waiting: Waiting | undefined): Promise<RecordLine | undefined> {
    if (waiting === undefined) return undefined;
    const { segment, at, length } = waiting;
    try {
      const bytes = await this.#openFiles.readLine(segment, at, length);
      const line = new RecordLine(segment, at, bytes);
      if (textAt(line.document ?? {}, "event.id") === id) return line;
      // Lines before it were erased: it lies elsewhere by now.
      return await findLine(this.#openFiles, new LineWindow(), segment, id, ["opening"]);
    } catch {
      return undefined;
    }
  }
}
