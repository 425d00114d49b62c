/** Pairs the lines of a journal as they are followed, and derives the facts of each exchange. */
import type { FactsDeriver } from "../facts/exchange-facts.ts";
import { ExchangeLines } from "../facts/exchange-lines.ts";
import { FactsFiles, factsStem } from "../facts/facts-files.ts";
import { documentsLine, factsLine, placeOf, type RecordPlace } from "../facts/facts-line.ts";
import type { FactsState } from "../facts/facts-state.ts";
import type { DerivedFacts } from "../facts/derived-facts.ts";
import type { LineBody, LineExchange } from "../facts/line-exchange.ts";
import { exchangeOf, type RecordedExchange } from "../facts/recorded-exchange.ts";
import { textAt } from "../format/audit-document.ts";
import { LineHead } from "../format/line-head.ts";
import { findLine } from "../read/find-line.ts";
import { LineWindow } from "../read/line-window.ts";
import { SegmentFiles } from "../read/segment-files.ts";
import type { Segment } from "../read/segment.ts";
import { RecordLine, TrailEntry } from "../read/trail-entry.ts";
import type { JournalPosition } from "../store/journal-position.ts";
import type { FollowStage, LineRun } from "./line-run.ts";
import {
  copyOf,
  isHeld,
  PendingLines,
  recordLine,
  type FirstLine,
  type HeldLine,
} from "./pending-lines.ts";

const idLength = 36;

/** One exchange whose last record has come, and which cannot be examined at once. */
interface Task {
  readonly id: string;
  readonly opening: FirstLine | undefined;
  readonly closing: RecordLine;
}

/**
 * Most exchanges are examined while their lines are handed on. Bodies that lie in packs or are
 * coded take their time: `lines` notes what there is to do, and `drain` does it. Hand on no more
 * lines before it has ended: facts stand in the order of the last records.
 */
export class FactsStage implements FollowStage {
  readonly #directory: string;
  readonly #deriver: FactsDeriver;
  readonly #segmentOf: (name: string) => Segment | undefined;
  readonly #onFailure: (id: string, error: unknown) => undefined;
  readonly #head = new LineHead();
  readonly #lines = new ExchangeLines();
  readonly #decoded = (line: LineExchange): RecordedExchange => this.#lines.decoded(line);
  readonly #openFiles = new SegmentFiles();
  readonly #pending: PendingLines;
  #tasks: (Task | Segment)[] = [];
  #segment: Segment | undefined = undefined;
  #files: FactsFiles | undefined = undefined;
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
    this.#pending = new PendingLines(state);
    if (state.stem !== undefined) this.#files = new FactsFiles(directory, state.stem, state.sizes);
  }

  /** The state to be saved with a position, after `save`. */
  state(position: JournalPosition): FactsState {
    return {
      position,
      ...this.#pending.places(),
      stem: this.#files?.stem,
      sizes: this.#files?.sizes ?? { facts: 0, documents: 0 },
    };
  }

  lines({ segment: name, offset, bytes, ends }: LineRun): void {
    if (offset === 0 || this.#segment === undefined) {
      this.#segment = this.#segmentOf(name);
      if (this.#segment !== undefined && offset === 0) this.#begin(this.#segment);
    }
    const segment = this.#segment;
    if (segment === undefined) return;
    this.#head.reset();
    let start = 0;
    for (const end of ends) {
      this.#head.read(bytes, start, end);
      const { kind, idAt } = this.#head;
      if (idAt >= 0 && (kind === "opening" || kind === "closing")) {
        const id = bytes.toString("latin1", idAt, idAt + idLength);
        const line = { segment, at: offset + start, length: end - start, bytes, start, end };
        if (kind === "opening") this.#pending.open(id, line);
        else this.#close(id, line);
      }
      start = end + 1;
    }
    // The buffer of the run is used again.
    this.#pending.keep();
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
      else this.#beginNow(task);
    this.#files?.write();
  }

  async close(): Promise<void> {
    try {
      this.#files?.close();
    } finally {
      this.#files = undefined;
      await this.#openFiles.close();
    }
  }

  #close(id: string, closing: HeldLine): void {
    const opening = this.#pending.take(id);
    if (this.#tasks.length === 0 && this.#deriveNow(id, opening, closing)) return;
    // Others than this one are examined in its turn.
    this.#tasks.push({
      id,
      opening: opening && copyOf(opening),
      closing: recordLine(copyOf(closing)),
    });
  }

  #begin(segment: Segment): void {
    if (this.#tasks.length === 0) this.#beginNow(segment);
    else this.#tasks.push(segment);
  }

  #beginNow(segment: Segment): void {
    const files = this.#files;
    this.#files = undefined;
    files?.close();
    const sizes = { facts: 0, documents: 0 };
    this.#files = new FactsFiles(this.#directory, factsStem(segment), sizes);
  }

  /** @returns whether it is done; if not, nothing is */
  #deriveNow(id: string, opening: FirstLine | undefined, closing: HeldLine): boolean {
    const files = this.#files;
    if (opening === undefined || !isHeld(opening) || files === undefined) return false;
    const exchange = this.#lines.read(id, opening, closing);
    if (exchange === undefined) return false;
    if (isCoded(exchange.request) || isCoded(exchange.response)) return false;
    const { at, length } = closing;
    const place: RecordPlace =
      opening.segment.inode === closing.segment.inode
        ? { at, length, opening: [opening.at, opening.length] }
        : { at, length };
    const facts = this.#examine(id, () =>
      this.#deriver.deriveNow(exchange, this.#decoded, (documents) =>
        files.documents.add(documentsLine(id, place, documents)),
      ),
    );
    if (facts === undefined) return true;
    files.addFacts(factsLine(id, place, facts));
    this.count += 1;
    return true;
  }

  #examine(id: string, work: () => DerivedFacts): DerivedFacts | undefined {
    try {
      return work();
    } catch (error) {
      return this.#onFailure(id, error);
    }
  }

  async #derive({ id, opening, closing }: Task): Promise<void> {
    const files = this.#files;
    if (files === undefined) return;
    const entry = new TrailEntry(await this.#read(id, opening), closing);
    const place = placeOf(entry);
    const exchange = exchangeOf(entry);
    if (place === undefined || exchange === undefined) return;
    const facts = await this.#deriver
      .derive(exchange, (documents) => files.documents.add(documentsLine(id, place, documents)))
      .catch((error: unknown) => this.#onFailure(id, error));
    if (facts === undefined) return;
    files.addFacts(factsLine(id, place, facts));
    this.count += 1;
  }

  /** The first record; `undefined`: it cannot be read any more. */
  async #read(id: string, line: FirstLine | undefined): Promise<RecordLine | undefined> {
    if (line === undefined) return undefined;
    if (isHeld(line)) return recordLine(line);
    const { segment, at, length } = line;
    try {
      const bytes = await this.#openFiles.readLine(segment, at, length);
      const read = new RecordLine(segment, at, bytes);
      if (textAt(read.document ?? {}, "event.id") === id) return read;
      // Lines before it were erased: it lies elsewhere by now.
      return await findLine(this.#openFiles, new LineWindow(), segment, id, ["opening"]);
    } catch {
      return undefined;
    }
  }
}

/** Its bytes are to be unfolded before they are read. */
function isCoded({ coding, content }: LineBody): boolean {
  return coding !== undefined && content !== undefined;
}
