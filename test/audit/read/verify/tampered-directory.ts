/** A directory whose files are changed and put back, and what its records were. */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { zstdDecompressSync } from "node:zlib";

import { listJournals } from "../../../../src/audit/read/catalog.ts";
import { logName } from "../../../../src/audit/store/tlog-files.ts";

/** Numbers that look random and are the same in every run with the same seed (mulberry32). */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed;
  }

  /** From 0 to `below`, without it. */
  next(below: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296) * below);
  }

  pick<T>(items: readonly T[]): T {
    const item = items[this.next(items.length)];
    if (item === undefined) throw new Error("there is nothing to pick from");
    return item;
  }
}

/** Where a record is: its segment, and number among its lines. */
export interface LineAt {
  readonly segment: string;
  readonly line: number;
}

/** One journal of the directory as it was. */
export interface JournalTruth {
  readonly log: string;
  /** Lines without line feed, one char per byte. */
  readonly lines: readonly string[];
  readonly places: readonly LineAt[];
  readonly segments: readonly string[];
}

export class TamperedDirectory {
  readonly path: string;
  readonly journals: readonly JournalTruth[];
  readonly #original = new Map<string, Buffer>();
  readonly #touched = new Set<string>();
  readonly #remade = new Set<string>();
  /** Of the segments, as they were written: what a segment begins with now may be a lie. */
  #order: readonly string[];

  constructor(path: string) {
    this.path = path;
    for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }))
      if (entry.isFile()) {
        const file = join(entry.parentPath, entry.name);
        this.#original.set(relative(path, file), readFileSync(file));
      }
    this.#order = [];
    this.journals = this.#journals();
    this.#order = this.journals.flatMap(({ segments }) => segments);
  }

  /** Names of files, relative to the directory. */
  files(pattern: RegExp): string[] {
    return [...this.#original.keys()].filter((name) => pattern.test(name)).sort();
  }

  original(file: string): Buffer {
    return this.#original.get(file) ?? Buffer.alloc(0);
  }

  write(file: string, content: Uint8Array): void {
    this.#touched.add(file);
    mkdirSync(dirname(join(this.path, file)), { recursive: true });
    writeFileSync(join(this.path, file), content);
  }

  remove(file: string): void {
    this.#touched.add(file);
    rmSync(join(this.path, file), { recursive: true, force: true });
  }

  /** A folder is removed with all that is in it. */
  removeFolder(folder: string): void {
    for (const file of this.files(new RegExp(`^${folder}/`))) this.remove(file);
    rmSync(join(this.path, folder), { recursive: true, force: true });
  }

  /** The lines of a segment, which must be a plain one. */
  writeLines(segment: string, lines: readonly string[]): void {
    this.write(segment, Buffer.from(lines.map((line) => `${line}\n`).join(""), "latin1"));
  }

  linesOf(segment: string): string[] {
    return linesIn(this.original(segment));
  }

  /** Removes a folder that something else fills again. */
  remake(folder: string): void {
    this.removeFolder(folder);
    this.#remade.add(folder);
  }

  /** Puts everything back; files that came are removed. */
  restore(): void {
    for (const folder of this.#remade)
      rmSync(join(this.path, folder), { recursive: true, force: true });
    this.#remade.clear();
    for (const file of this.#touched) {
      const content = this.#original.get(file);
      if (content === undefined) rmSync(join(this.path, file), { recursive: true, force: true });
      else {
        mkdirSync(dirname(join(this.path, file)), { recursive: true });
        writeFileSync(join(this.path, file), content);
      }
    }
    this.#touched.clear();
  }

  /** Number of the first record that is not what or where it was; `undefined`: all are. */
  firstBad({ log, lines }: JournalTruth): number | undefined {
    const now = this.#journals().find((journal) => journal.log === log)?.lines ?? [];
    const at = lines.findIndex((line, index) => now[index] !== line);
    return at < 0 ? undefined : at;
  }

  #journals(): JournalTruth[] {
    let journals: ReturnType<typeof listJournals>;
    try {
      journals = listJournals(this.path);
    } catch {
      return [];
    }
    return journals.map(({ name, segments: unordered }) => {
      const place = (segment: string): number => this.#order.indexOf(segment);
      const segments = unordered.toSorted((one, other) => place(one.name) - place(other.name));
      const lines: string[] = [];
      const places: LineAt[] = [];
      for (const segment of segments) {
        const bytes = readFileSync(segment.path);
        const content = segment.isCompressed ? unfolded(bytes) : bytes;
        for (const [line, text] of linesIn(content).entries()) {
          lines.push(text);
          places.push({ segment: segment.name, line });
        }
      }
      return { log: logName(name), lines, places, segments: segments.map((one) => one.name) };
    });
  }
}

/** Whole lines only. */
export function linesIn(bytes: Buffer): string[] {
  return bytes.toString("latin1").split("\n").slice(0, -1);
}

function unfolded(bytes: Buffer): Buffer {
  try {
    return zstdDecompressSync(bytes);
  } catch {
    return Buffer.alloc(0);
  }
}
