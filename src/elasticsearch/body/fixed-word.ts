/** Reads a word that can go on in one way only, over cuts. */
import { Buffer } from "node:buffer";

const none = Buffer.alloc(0);

/** Reads a word that can only go on in one way, over pieces: a literal, a byte order mark. */
export class FixedWord {
  #word: Buffer = none;
  #read = 0;
  isFault = false;

  begin(word: Buffer): void {
    this.#word = word;
    this.#read = 0;
    this.isFault = false;
  }

  get isOver(): boolean {
    return this.#read === this.#word.length;
  }

  /** @returns index behind the word, of the byte that does not belong to it, or `end` */
  read(bytes: Buffer, from: number, end: number): number {
    let at = from;
    while (at < end && this.#read < this.#word.length) {
      if (bytes[at] !== this.#word[this.#read]) {
        this.isFault = true;
        return at;
      }
      at += 1;
      this.#read += 1;
    }
    return at;
  }
}
