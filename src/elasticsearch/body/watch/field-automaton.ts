/** Matches names of fields against many patterns at once, byte by byte. */
import { Buffer } from "node:buffer";
import { RecentNames } from "../recent-names.ts";

const dot = 0x2e;
const star = 0x2a;
const end = 0;
/** States kept; the patterns of a few rules need some dozens, about one for each byte of theirs. */
const maxStates = 2048;
/** Documents of an index have the same names again and again; longer ones are rare. */
const maxRecentLength = 64;

/** Where the patterns stand after a part of a name. */
export interface FieldState {
  /** Groups that match a name that ends here, as a set: one bit a group. */
  readonly accepted: number;
  /** Groups that match every name below, because they matched one above. */
  readonly above: number;
  /** Places in the patterns, ascending. */
  readonly places: readonly number[];
  /** Next states by byte, as far as known; null: no pattern can match any more. */
  readonly next: (FieldState | null | undefined)[];
  /** Parts of names that came here a moment ago, and where they lead. */
  readonly recent: RecentNames<FieldState | undefined>;
}

/**
 * Matches names of fields against patterns byte by byte, at a cost that does not grow with the
 * number of patterns: states are sets of places in all patterns, made when they are first met.
 *
 * `*` stands for any bytes, dots included. A pattern that matches a name matches all names below
 * it.
 */
export class FieldAutomaton {
  readonly start: FieldState;
  /** All patterns one behind the other, each ended by a 0. */
  readonly #bytes: Buffer;
  /** The group of each place, as a set. */
  readonly #groups: Int32Array;
  readonly #states = new Map<string, FieldState>();

  /** @param groups patterns of at most 30 groups */
  constructor(groups: readonly (readonly string[])[]) {
    const patterns = groups.flatMap((group, at) =>
      group.map((text) => ({ set: 1 << at, bytes: Buffer.from(`${text}\0`) })),
    );
    this.#bytes = Buffer.concat(patterns.map(({ bytes }) => bytes));
    this.#groups = new Int32Array(this.#bytes.length);
    const first: number[] = [];
    let place = 0;
    for (const { set, bytes } of patterns) {
      this.#groups.fill(set, place, place + bytes.length);
      first.push(place);
      place += bytes.length;
    }
    this.start = this.#state(this.#closed(first), 0) ?? nowhere;
  }

  /** The state after one more byte of a name; undefined: no pattern can match any more. */
  step(state: FieldState, byte: number): FieldState | undefined {
    const known = state.next[byte];
    if (known !== undefined) return known ?? undefined;
    const next = this.#after(state, byte);
    state.next[byte] = next ?? null;
    return next;
  }

  /** The state after a part of a name, between two dots or not; undefined as in {@link step}. */
  walk(from: FieldState, bytes: Buffer, start: number, end: number): FieldState | undefined {
    if (end - start > maxRecentLength) return this.#steps(from, bytes, start, end);
    const recent = from.recent.find(bytes, start, end);
    if (recent !== undefined) return recent.value;
    const state = this.#steps(from, bytes, start, end);
    from.recent.set(bytes, start, end, state);
    return state;
  }

  #steps(from: FieldState, bytes: Buffer, start: number, end: number): FieldState | undefined {
    let state: FieldState | undefined = from;
    for (let at = start; at < end && state !== undefined; at += 1)
      state = this.step(state, bytes[at] ?? 0);
    return state;
  }

  #after(state: FieldState, byte: number): FieldState | undefined {
    // A name ends before a dot: what matches it matches all that comes below.
    const above = byte === dot ? state.above | state.accepted : state.above;
    const places: number[] = [];
    for (const place of state.places) {
      const expected = this.#bytes[place] ?? end;
      if (((this.#groups[place] ?? 0) & above) !== 0) continue;
      if (expected === star) places.push(place);
      else if (expected === byte && expected !== end) places.push(place + 1);
    }
    return this.#state(this.#closed(places), above);
  }

  /** Adds the places behind stars, which may stand for nothing. */
  #closed(places: readonly number[]): number[] {
    const all = new Set<number>();
    for (const first of places)
      for (let place = first; !all.has(place); place += 1) {
        all.add(place);
        if (this.#bytes[place] !== star) break;
      }
    return [...all].sort((one, other) => one - other);
  }

  #state(places: readonly number[], above: number): FieldState | undefined {
    if (places.length === 0 && above === 0) return undefined;
    const key = `${above} ${places.join()}`;
    const known = this.#states.get(key);
    if (known !== undefined) return known;
    let accepted = above;
    for (const place of places)
      if (this.#bytes[place] === end) accepted |= this.#groups[place] ?? 0;
    const state: FieldState = { accepted, above, places, next: [], recent: new RecentNames() };
    if (this.#states.size < maxStates) this.#states.set(key, state);
    return state;
  }
}

const nowhere: FieldState = {
  accepted: 0,
  above: 0,
  places: [],
  next: [],
  recent: new RecentNames(),
};
