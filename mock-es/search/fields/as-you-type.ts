/** Fields of the type `search_as_you_type`: a text, and shingles of it in fields below. */
import type { Analyzer } from "../../analysis/token.ts";

/** Terms of the longest shingles, unless a mapping says otherwise. */
const defaultShingle = 3;

/** A field below a `search_as_you_type`. */
export interface AsYouTypePart {
  readonly owner: string;
  /** Terms of its shingles; `undefined` for the field of beginnings. */
  readonly size: number | undefined;
}

/** What a name below a `search_as_you_type` means; `undefined` for another name. */
export function asYouTypePart(name: string): AsYouTypePart | undefined {
  const found = /^(.+)\._(?:([234])gram|index_prefix)$/.exec(name);
  if (found === null) return undefined;
  const [, owner = "", size] = found;
  return { owner, size: size === undefined ? undefined : Number(size) };
}

/** True for a size of shingles that a mapping has. */
export function hasShingles(parameters: Readonly<Record<string, unknown>>, size: number): boolean {
  return size <= shingleLimit(parameters);
}

/** Terms of the longest shingles of a mapping. */
export function shingleLimit(parameters: Readonly<Record<string, unknown>>): number {
  return Number(parameters["max_shingle_size"] ?? defaultShingle);
}

const shingled = new WeakMap<Analyzer, Map<number, Analyzer>>();

/** An analyzer whose terms are joined: each with those behind it, so many in all. */
export function shingleAnalyzer(analyzer: Analyzer, size: number): Analyzer {
  let bySize = shingled.get(analyzer);
  if (bySize === undefined) shingled.set(analyzer, (bySize = new Map()));
  let found = bySize.get(size);
  if (found === undefined) {
    const made: Analyzer = {
      ...analyzer,
      name: `${analyzer.name} of ${size}`,
      analyze(text) {
        const tokens = analyzer.analyze(text);
        return tokens.slice(0, Math.max(0, tokens.length - size + 1)).map((token, at) => {
          const parts = tokens.slice(at, at + size);
          return {
            ...token,
            term: parts.map(({ term }) => term).join(" "),
            end: parts.at(-1)?.end ?? token.end,
            type: "shingle",
          };
        });
      },
    };
    found = made;
    bySize.set(size, made);
  }
  return found;
}
