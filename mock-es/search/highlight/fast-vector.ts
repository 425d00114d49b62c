/**
 * Fragments as Lucene's fast vector highlighter makes them: about what is marked, of a number of
 * characters, cut at spaces and marks.
 */
import type { Match } from "./matches.ts";

/** A fragment as it is shown, with the places in it that are to be marked. */
export interface Fragment {
  readonly text: string;
  /** Places within the text of the fragment. */
  readonly matches: readonly Match[];
}

/** How fragments are made. */
export interface FragmentOptions {
  readonly size: number;
  /** 0: each value as a whole. */
  readonly fragments: number;
  readonly isByScore: boolean;
  /** Characters that are shown before a match at least. */
  readonly margin: number;
  readonly boundaryChars: string;
  readonly boundaryScan: number;
  /** Matches that are looked at. */
  readonly phraseLimit: number;
}

/** A part of all values together. */
interface Part {
  readonly start: number;
  readonly end: number;
  readonly matches: readonly Match[];
}

/** Least size of a fragment, in margins. */
const marginsOfSize = 3;

/** What is wrong with the size of fragments; `undefined` for nothing. */
export function sizeProblem({ size, fragments, margin }: FragmentOptions): string | undefined {
  const least = Math.max(margin * marginsOfSize, 1);
  if (fragments === 0 || size >= least) return undefined;
  return `fragCharSize(${size}) is too small. It must be ${least} or higher.`;
}

/**
 * Makes the fragments of the values of a field.
 *
 * @param matches in order, counted from the start of all values with a space between each two
 */
export function fastFragments(
  values: readonly string[],
  matches: readonly Match[],
  options: FragmentOptions,
): Fragment[] {
  const limited = matches.slice(0, options.phraseLimit);
  const parts = options.fragments === 0 ? [wholeOf(limited)] : partsOf(limited, options);
  const ordered = (list: readonly Part[]): Part[] =>
    options.isByScore && options.fragments > 0
      ? list.toSorted((a, b) => b.matches.length - a.matches.length || a.start - b.start)
      : [...list];
  const most = options.fragments === 0 ? Infinity : options.fragments;
  const split = values.length > 1 ? splitByValue(values, ordered(parts)) : parts;
  const writer = new Writer(values, options);
  return ordered(split)
    .slice(0, most)
    .map((part) => writer.write(part));
}

/** The beginning of the values, where nothing is to be marked; `undefined` for a short value. */
export function fastBeginning(
  values: readonly string[],
  size: number,
  options: FragmentOptions,
): string | undefined {
  const beginning: Part = { start: 0, end: size, matches: [] };
  const [part] = values.length > 1 ? splitByValue(values, [beginning]) : [beginning];
  return part === undefined ? undefined : new Writer(values, options).write(part).text;
}

function wholeOf(matches: readonly Match[]): Part {
  return { start: 0, end: Number.MAX_SAFE_INTEGER, matches };
}

function partsOf(matches: readonly Match[], { size, margin }: FragmentOptions): Part[] {
  const parts: Part[] = [];
  let from = 0;
  for (let at = 0; at < matches.length;) {
    const first = matches[at++];
    if (first === undefined || first.start < from) continue;
    const reach = Math.max(first.end, Math.max(first.start - margin, from) + size);
    const inside = [first];
    for (let next = matches[at]; next !== undefined && next.end <= reach; next = matches[++at])
      inside.push(next);
    const length = (inside.at(-1)?.end ?? first.end) - first.start;
    const start = Math.max(first.start - Math.max(0, Math.floor((size - length) / 2)), from);
    const end = start + Math.max(length, size);
    parts.push({ start, end, matches: inside });
    from = end;
  }
  return parts;
}

/** Parts of one value each: one that reaches over several is split. */
function splitByValue(values: readonly string[], parts: readonly Part[]): Part[] {
  const split: Part[] = [];
  for (const part of parts) {
    let end = 0;
    for (const value of values) {
      if (value === "") {
        end++;
        continue;
      }
      const start = end;
      end += value.length + 1;
      if (part.start >= start && part.end <= end && part.start <= end) {
        split.push(part);
        break;
      }
      const [first] = part.matches;
      if (first === undefined) break;
      if (part.start >= end || first.start >= end) continue;
      const inside = part.matches.filter((match) => match.start >= start && match.end < end + 1);
      const own = inside.filter((match) => match.start < end);
      if (own.length === 0) continue;
      split.push({
        start: part.start > start && part.start < end ? part.start : start,
        end: part.end > start && part.end < end ? part.end : end,
        matches: own,
      });
    }
  }
  return split.toSorted((a, b) => a.start - b.start);
}

/** Writes fragments; the text grows by values as far as fragments reach, as on the server. */
class Writer {
  readonly #values: readonly string[];
  readonly #options: FragmentOptions;
  #text = "";
  #next = 0;

  constructor(values: readonly string[], options: FragmentOptions) {
    this.#values = values;
    this.#options = options;
  }

  write({ start, end, matches }: Part): Fragment {
    while (this.#text.length < end && this.#next < this.#values.length)
      this.#text += `${this.#values[this.#next++] ?? ""} `;
    const length = this.#text.length - 1;
    const to = length < end ? length : this.#endOf(end);
    const from = this.#startOf(start);
    const moved = matches.map((match) => {
      return { ...match, start: match.start - from, end: match.end - from };
    });
    return { text: this.#text.slice(from, to), matches: moved };
  }

  #startOf(start: number): number {
    if (start > this.#text.length || start < 1) return start;
    let at = start;
    for (let left = this.#options.boundaryScan; at > 0 && left > 0; left--) {
      if (this.#isBoundary(at - 1)) return at;
      at--;
    }
    return at === 0 ? 0 : start;
  }

  #endOf(end: number): number {
    if (end > this.#text.length) return end;
    let at = end;
    for (let left = this.#options.boundaryScan; at < this.#text.length && left > 0; left--) {
      if (this.#isBoundary(at)) return at;
      at++;
    }
    return end;
  }

  #isBoundary(at: number): boolean {
    return this.#options.boundaryChars.includes(this.#text[at] ?? "");
  }
}
