/** Reads single lines of a file by where they begin. */
import { Buffer } from "node:buffer";
import { closeSync, readSync } from "node:fs";
import { openRegularFile } from "../../core/regular-file.ts";

/** What is read at once: lines that are asked for in their order are often beside each other. */
const windowBytes = 65_536;
const lineFeed = 0x0a;

/** An open file; `close` ends it. Reads in the calling thread, as `DocumentsFile` does. */
export class LineFile {
  readonly #fd: number;
  #bytes = Buffer.allocUnsafeSlow(windowBytes);
  /** Where the window lies in the file, and how much of it there is. */
  #from = 0;
  #length = 0;

  /** @throws {Error} of the file system */
  constructor(path: string) {
    this.#fd = openRegularFile(path);
  }

  /**
   * The line that begins at a place, without its line feed; valid until the next one.
   * `undefined`: none ends behind it.
   */
  lineAt(place: number): Buffer | undefined {
    const known = this.#within(place);
    if (known !== undefined) return known;
    for (let wanted = windowBytes; ; wanted *= 4) {
      if (wanted > this.#bytes.length) this.#bytes = Buffer.allocUnsafeSlow(wanted);
      this.#from = place;
      this.#length = readSync(this.#fd, this.#bytes, 0, wanted, place);
      const line = this.#within(place);
      if (line !== undefined || this.#length < wanted) return line;
    }
  }

  close(): void {
    closeSync(this.#fd);
  }

  #within(place: number): Buffer | undefined {
    const start = place - this.#from;
    if (start < 0 || start >= this.#length) return undefined;
    const end = this.#bytes.subarray(0, this.#length).indexOf(lineFeed, start);
    return end < 0 ? undefined : this.#bytes.subarray(start, end);
  }
}
