/** Scans segments in this thread, or in several that work ahead. */
import { Buffer } from "node:buffer";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";

import { openedKeys } from "../../store/opened-keys.ts";
import type { Segment } from "../segment.ts";
import {
  emptyEnd,
  scanSegment,
  type ScanEnd,
  type ScannedLines,
  type ScanOptions,
} from "./segment-scan.ts";

/** A scan of one segment. */
export type SegmentScan = AsyncGenerator<ScannedLines, ScanEnd>;

/** What a thread is asked for; the answers come in the order of the lines. */
export interface ScanCommand {
  readonly segment: Segment;
  readonly options: ScanOptions;
}

/** What a thread answers. */
export type ScanMessage =
  | { readonly kind: "lines"; readonly lines: ScannedLines }
  | { readonly kind: "end"; readonly end: ScanEnd };

/** Segments that are read and not asked for yet, for each thread: memory stays bounded. */
const aheadPerThread = 2;

/** Scans of segments; `close` ends the threads. */
export class SegmentScans {
  readonly #options: ScanOptions;
  readonly #free: ScanThread[];
  readonly #threads: readonly ScanThread[];
  /** Scans that threads make, in their order; the first `#begun` of `#waiting` have a thread. */
  readonly #prepared = new Map<Segment, ThreadScan>();
  #waiting: ThreadScan[] = [];
  #unasked = 0;

  /** @param jobs threads; 1: this one */
  constructor(options: ScanOptions, jobs: number) {
    this.#options = options;
    this.#threads = jobs > 1 ? Array.from({ length: jobs }, () => new ScanThread(options)) : [];
    this.#free = [...this.#threads];
  }

  /** Lets threads begin with these segments, which are asked for in this order. */
  prepare(segments: readonly Segment[]): void {
    if (this.#threads.length === 0) return;
    for (const segment of segments) {
      const scan = new ThreadScan(segment);
      this.#prepared.set(segment, scan);
      this.#waiting.push(scan);
    }
    this.#begin();
  }

  /** The lines of a segment. */
  scan(segment: Segment): SegmentScan {
    const prepared = this.#prepared.get(segment);
    if (prepared === undefined) return scanSegment(segment, this.#options);
    this.#prepared.delete(segment);
    this.#unasked -= 1;
    this.#begin();
    return prepared.lines();
  }

  /** The lines of a segment, without a look at bodies. */
  scanLines(segment: Segment): SegmentScan {
    return scanSegment(segment, { ...this.#options, checksBodies: false });
  }

  async close(): Promise<void> {
    this.#waiting = [];
    await Promise.all(this.#threads.map((thread) => thread.close()));
  }

  #begin(): void {
    while (this.#unasked < aheadPerThread * this.#threads.length) {
      const thread = this.#waiting.length === 0 ? undefined : this.#free.pop();
      const scan = thread === undefined ? undefined : this.#waiting.shift();
      if (thread === undefined || scan === undefined) return;
      this.#unasked += 1;
      thread.scan(scan, () => {
        this.#free.push(thread);
        this.#begin();
      });
    }
  }
}

/** One segment on its way through a thread. What has been read waits here: 32 bytes a line. */
class ThreadScan {
  readonly segment: Segment;
  readonly #messages: ScanMessage[] = [];
  #wake: (() => void) | undefined = undefined;

  constructor(segment: Segment) {
    this.segment = segment;
  }

  take(message: ScanMessage): void {
    this.#messages.push(message);
    this.#wake?.();
  }

  async *lines(): SegmentScan {
    for (;;) {
      const message = this.#messages.shift();
      if (message === undefined) {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.#wake = resolve;
        await promise;
      } else if (message.kind === "end") return message.end;
      else {
        const { entries, leaves } = message.lines;
        yield { ...message.lines, entries: asBuffer(entries), leaves: asBuffer(leaves) };
      }
    }
  }
}

class ScanThread {
  readonly #options: ScanOptions;
  /** Started when it is needed, also after the one before has failed. */
  #worker: Worker | undefined = undefined;
  #scan: ThreadScan | undefined = undefined;
  #onEnd: () => void = () => undefined;

  constructor(options: ScanOptions) {
    this.#options = options;
  }

  scan(scan: ThreadScan, onEnd: () => void): void {
    this.#scan = scan;
    this.#onEnd = onEnd;
    this.#worker ??= this.#start();
    const command: ScanCommand = { segment: scan.segment, options: this.#options };
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- threads have no origin
    this.#worker.postMessage(command);
  }

  async close(): Promise<void> {
    await this.#worker?.terminate();
  }

  #start(): Worker {
    // The same folder in the sources and in the build, where the ending differs.
    const file = new URL(`scan-thread${extname(import.meta.filename)}`, import.meta.url);
    const worker = new Worker(file, { name: "verify", workerData: openedKeys() });
    worker.on("message", (message: ScanMessage) => this.#take(message));
    worker.on("error", (error) => this.#failed(error));
    return worker;
  }

  #take(message: ScanMessage): void {
    this.#scan?.take(message);
    if (message.kind === "end") this.#onEnd();
  }

  /** The segment counts as unreadable; the next one gets a new thread. */
  #failed(error: unknown): void {
    const reason = error instanceof Error ? error.message : "unknown failure";
    this.#worker = undefined;
    this.#take({ kind: "end", end: { ...emptyEnd, error: `the thread failed: ${reason}` } });
  }
}

/** What comes from a thread is no Buffer any more. */
function asBuffer({ buffer, byteOffset, length }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, length);
}
