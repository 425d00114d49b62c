/** Standard output of commands that may print a lot: waits for slow readers, and pages. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import type { Writable } from "node:stream";
import { stripVTControlCharacters, styleText } from "node:util";

/** Text colours and weights, as `util.styleText` names them. */
export type Style = Parameters<typeof styleText>[0];

/** Width where the output is no terminal that reports one. Columns. */
const usualWidth = 80;

/** Where a command's data goes. `end` must be called once. */
export class Output {
  readonly isTerminal = process.stdout.isTTY;
  /** The reader has closed the pipe: further output is dropped. */
  isClosed = false;
  readonly #wantsPager: boolean;
  #pager: ChildProcess | undefined = undefined;
  #sink: Writable = process.stdout;
  #rows = 0;

  /** @param wantsPager on a terminal, what is longer than it goes through a pager */
  constructor(wantsPager: boolean) {
    this.#wantsPager = wantsPager && this.isTerminal;
    process.stdout.on("error", () => {
      this.isClosed = true;
    });
  }

  /** Columns of the terminal; of `COLUMNS`, or infinite, where the output is none. */
  get width(): number {
    if (this.isTerminal) return process.stdout.columns || usualWidth;
    const columns = Number(process.env["COLUMNS"]);
    return Number.isInteger(columns) && columns > 0 ? columns : Infinity;
  }

  /** The text in a style where colours are wanted (a terminal, `NO_COLOR`, `FORCE_COLOR`). */
  style(style: Style, text: string): string {
    return styleText(style, text, { stream: process.stdout });
  }

  /** Writes whole lines; resolves when more may be written. */
  async write(text: string): Promise<void> {
    if (this.isClosed || text === "") return;
    if (this.#wantsPager && this.#pager === undefined && this.#rows === 0) this.#startPager();
    this.#rows += 1;
    if (!this.#sink.write(text) && !this.isClosed)
      await Promise.race([once(this.#sink, "drain"), once(this.#sink, "close")]).catch(() => {});
  }

  /** Everything has been written; with a pager, waits until it is left. */
  async end(): Promise<void> {
    const pager = this.#pager;
    if (pager === undefined) return;
    if (pager.exitCode === null && pager.signalCode === null) {
      const left = once(pager, "exit");
      pager.stdin?.end();
      await left.catch(() => undefined);
    }
  }

  #startPager(): void {
    const [program = "less", ...args] = (process.env["PAGER"] ?? "less").split(" ");
    if (program === "" || program === "cat") return;
    // F: what fits on the screen is not paged; R: colours; X: it stays on the screen afterwards.
    const env = { LESS: "FRX", ...process.env };
    const pager = spawn(program, args, { stdio: ["pipe", "inherit", "inherit"], env });
    pager.on("error", () => {
      // There is no such program: what was written to it so far is in no pipe yet.
      this.#pager = undefined;
    });
    if (pager.pid === undefined) return;
    pager.stdin.on("error", () => {
      this.isClosed = true;
    });
    pager.on("exit", () => {
      this.isClosed = true;
    });
    // The interrupt key is for the pager while there is one.
    process.on("SIGINT", () => undefined);
    this.#pager = pager;
    this.#sink = pager.stdin;
  }
}

/** Columns that a text takes on a terminal. */
export function displayWidth(text: string): number {
  // oxlint-disable-next-line no-control-regex -- the range is ASCII
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  let width = 0;
  for (const character of stripVTControlCharacters(text)) {
    if (/^\p{M}|\p{Cf}$/u.test(character)) continue;
    width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  }
  return width;
}

/** East Asian Wide and Fullwidth (UAX #11), by blocks. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x2e80, 0xa4cf],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1faff],
  [0x20000, 0x3fffd],
];

function isWide(code: number): boolean {
  return code >= 0x1100 && wide.some(([first, last]) => code >= first && code <= last);
}
