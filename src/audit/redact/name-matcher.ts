/** Finds out what a name stands for, without decoding it into a string. */

/** How much of a name must be there: the end of any, the last word, or everything. */
export type NameMatch = "ending" | "word" | "whole";

/** One name, lower case and without separators, and the bits that it gives. */
export interface NameEntry {
  readonly name: string;
  readonly match: NameMatch;
  readonly bits: number;
}

const separator = 1;
const digit0 = 2;
const letter0 = digit0 + 10;
const width = letter0 + 26;

/** Byte → its class; 0: not a byte of a name, a dot included. */
const classes = new Uint8Array(256);
for (const text of ["_", "-", " "]) classes[text.charCodeAt(0)] = separator;
for (let digit = 0; digit < 10; digit += 1) classes[0x30 + digit] = digit0 + digit;
for (let letter = 0; letter < 26; letter += 1) {
  classes[0x41 + letter] = letter0 + letter;
  classes[0x61 + letter] = letter0 + letter;
}

/**
 * A set of names, compared from their last letter on: most names of ordinary members are told
 * apart by one or two bytes. See `secret-names.ts` for what does not count in a name.
 */
export class NameMatcher {
  /** Transitions of a trie over reversed names: `#next[node * width + class]`; 0: none. */
  #next = new Uint16Array(64 * width);
  /** Bits by node. */
  #ending = new Int32Array(64);
  #word = new Int32Array(64);
  #whole = new Int32Array(64);
  #nodes = 1;

  constructor(entries: Iterable<NameEntry>) {
    for (const entry of entries) this.#add(entry);
  }

  /** The bits of all entries that the name `bytes[start, end)` matches; 0: none. */
  match(bytes: Uint8Array, start: number, end: number): number {
    const next = this.#next;
    const ending = this.#ending;
    const words = this.#word;
    const wholes = this.#whole;
    let at = lettersEnd(bytes, start, end);
    let node = 0;
    let found = 0;
    while (at > start) {
      const kind = classes[bytes[at - 1] ?? 0] ?? 0;
      if (kind === 0) break;
      at -= 1;
      if (kind === separator) continue;
      node = next[node * width + kind] ?? 0;
      if (node === 0) break;
      found |= ending[node] ?? 0;
      const word = words[node] ?? 0;
      if (word !== 0 && beginsWord(bytes, start, at)) found |= word;
      const whole = wholes[node] ?? 0;
      if (whole !== 0 && beginsName(bytes, start, at)) found |= whole;
    }
    return found;
  }

  #add({ name, match, bits }: NameEntry): void {
    let node = 0;
    for (let at = name.length - 1; at >= 0; at -= 1) {
      const slot = node * width + (classes[name.charCodeAt(at)] ?? 0);
      let next = this.#next[slot] ?? 0;
      if (next === 0) {
        next = this.#nodes++;
        this.#grow();
        this.#next[slot] = next;
      }
      node = next;
    }
    const list = match === "ending" ? this.#ending : match === "word" ? this.#word : this.#whole;
    list[node] = (list[node] ?? 0) | bits;
  }

  #grow(): void {
    if (this.#nodes <= this.#ending.length) return;
    const nodes = this.#ending.length * 2;
    this.#next = larger(this.#next, new Uint16Array(nodes * width));
    this.#ending = larger(this.#ending, new Int32Array(nodes));
    this.#word = larger(this.#word, new Int32Array(nodes));
    this.#whole = larger(this.#whole, new Int32Array(nodes));
  }
}

function larger<T extends Int32Array | Uint16Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

/**
 * The end of a name without what stands behind its last letter in ASCII: `password[]`, `token_2`,
 * `password.`, a NUL.
 */
export function lettersEnd(bytes: Uint8Array, start: number, end: number): number {
  let at = end;
  while (at > start) {
    const byte = bytes[at - 1] ?? 0;
    if (byte >= 0x80 || (classes[byte] ?? 0) >= letter0) break;
    at -= 1;
  }
  return at;
}

/** Whether the letter at `at` is the first of a word: `db_pass`, `db.pass`, `dbPass`. */
function beginsWord(bytes: Uint8Array, start: number, at: number): boolean {
  if (at === start) return true;
  const before = bytes[at - 1] ?? 0;
  if ((classes[before] ?? 0) <= separator) return true;
  return isUpper(bytes[at] ?? 0) && !isUpper(before);
}

/** Whether nothing of the name but separators stands before `at`. */
function beginsName(bytes: Uint8Array, start: number, at: number): boolean {
  let first = at;
  while (first > start && classes[bytes[first - 1] ?? 0] === separator) first -= 1;
  return first === start || classes[bytes[first - 1] ?? 0] === 0;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

/** A configured name as the matcher compares it. */
export function plainName(name: string): string {
  return name.replaceAll(/[_\- ]/g, "").toLowerCase();
}
