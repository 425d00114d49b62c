/** How far a long reading is, on a terminal. */
import { sizeText } from "./cell.ts";

/** What is quick needs no progress. Milliseconds. */
const patienceMs = 700;
const intervalMs = 150;

/** One line on stderr that is written over; nothing where stderr is no terminal. */
export class Progress {
  readonly #startMs = performance.now();
  readonly #isShown = process.stderr.isTTY;
  #lastMs = 0;
  #hasLine = false;
  #isOver = false;

  /** Of reading, in bytes. @param found what has been found so far */
  update(done: number, total: number, found: number): void {
    this.show((elapsedMs) => {
      const rate = (done / elapsedMs) * 1000;
      const left = rate > 0 ? Math.ceil((total - done) / rate) : 0;
      const share = total > 0 ? Math.floor((done / total) * 100) : 100;
      const speed = `${sizeText(rate)}/s, ${left} s left`;
      return `${share} % of ${sizeText(total)}, ${speed}, ${found} found`;
    });
  }

  /** @param text is asked for when it is shown, with the time so far in milliseconds */
  show(text: (elapsedMs: number) => string): void {
    if (!this.#isShown || this.#isOver) return;
    const nowMs = performance.now();
    const elapsedMs = nowMs - this.#startMs;
    if (elapsedMs < patienceMs || nowMs - this.#lastMs < intervalMs) return;
    this.#lastMs = nowMs;
    this.#hasLine = true;
    const line = text(elapsedMs).slice(0, (process.stderr.columns || 80) - 1);
    process.stderr.write(`\r\u001b[2K${line}`);
  }

  /** Removes the line; nothing is shown from here on. */
  end(): void {
    this.#isOver = true;
    if (this.#hasLine) process.stderr.write("\r\u001b[2K");
    this.#hasLine = false;
  }
}
