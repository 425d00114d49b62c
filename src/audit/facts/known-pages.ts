/** The pages of reads in the facts of a segment, with what is known of their documents. */
import { Buffer } from "node:buffer";
import { open } from "node:fs/promises";
import { join } from "node:path";
import { readingFlags } from "../../core/regular-file.ts";

import { hasErrorCode } from "../../core/system-error.ts";
import { DistinctSketch } from "../../elasticsearch/reads/distinct-sketch.ts";
import type { ReadPage } from "../../elasticsearch/reads/read-page.ts";
import type { Segment } from "../read/segment.ts";
import { documentsEnding, factsEnding, factsStem } from "./facts-files.ts";
import { pageMark, placeInLine, readDocumentsLine, readPageLine } from "./facts-line.ts";
import { wholeLines } from "./whole-lines.ts";

const lineFeed = 0x0a;
const readMark = Buffer.from('"read":[[', "latin1");

/**
 * The pages of a segment, in the order in which their calls ended.
 *
 * @param isWanted says by the bytes of its line whether a page is wanted; the others cost little
 */
export async function* knownPages(
  directory: string,
  segment: Segment,
  isWanted: (line: Buffer) => boolean = () => true,
): AsyncGenerator<ReadPage> {
  const stem = join(directory, factsStem(segment));
  const sketches = new SketchReader(stem + documentsEnding);
  try {
    for await (const line of linesOf(stem + factsEnding)) {
      if (line.indexOf(pageMark) < 0 || !isWanted(line)) continue;
      const ids = await sketches.at(placeInLine(line, 0, line.length));
      const page = readPageLine(line, ids);
      if (page !== undefined) yield page;
    }
  } finally {
    await sketches.close();
  }
}

/** Lines of a file, without their line feeds; none where there is no such file. */
async function* linesOf(path: string): AsyncGenerator<Buffer> {
  try {
    await using file = await open(path, readingFlags);
    for await (const lines of wholeLines(file)) {
      let at = 0;
      for (let end = lines.indexOf(lineFeed); end >= 0; end = lines.indexOf(lineFeed, at)) {
        yield lines.subarray(at, end);
        at = end + 1;
      }
    }
  } catch (error) {
    if (!hasErrorCode(error, "ENOENT")) throw error;
  }
}

/** The documents that answers told, in the order of the facts. */
class SketchReader {
  readonly #lines: AsyncGenerator<Buffer>;
  #head: Buffer | undefined = undefined;
  #isBegun = false;

  constructor(path: string) {
    this.#lines = linesOf(path);
  }

  /** The documents of the exchange with this place. */
  async at(place: number): Promise<DistinctSketch | undefined> {
    if (!this.#isBegun) await this.#next();
    let sketch: DistinctSketch | undefined;
    for (; this.#head !== undefined; await this.#next()) {
      const found = placeOfLine(this.#head);
      if (found > place) break;
      if (found < place || this.#head.indexOf(readMark) < 0) continue;
      sketch ??= new DistinctSketch();
      for (const [index, ids] of readDocumentsLine(this.#head)?.uses.read ?? [])
        for (const id of ids) sketch.add(index, id);
    }
    return sketch;
  }

  async close(): Promise<void> {
    await this.#lines.return(undefined);
  }

  async #next(): Promise<void> {
    this.#isBegun = true;
    const { done, value } = await this.#lines.next();
    this.#head = done === true ? undefined : value;
  }
}

/** `{"id":"…","at":`: an id always has 36 characters. */
const placeAt = '{"id":"","at":'.length + 36;

function placeOfLine(line: Buffer): number {
  return Number(line.toString("latin1", placeAt, line.indexOf(0x2c, placeAt)));
}
