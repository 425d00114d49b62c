/** How alike two texts are, from 0 to 1, as Lucene's spell checker measures it in 32-bit floats. */
import { editDistance } from "./edit-distance.ts";

/** The likeness of two texts. */
export type StringDistance = (a: string, b: string) => number;

const { fround } = Math;

const byEdits: StringDistance = (a, b) =>
  fround(1 - fround(editDistance(a, b, true) / Math.min(a.length, b.length)));

/** The measures by the names that a request gives them. */
export const stringDistances: Readonly<Record<string, StringDistance>> = {
  damerau_levenshtein: byEdits,
  internal: byEdits,
  jaro_winkler: jaroWinkler,
  levenshtein: (a, b) => fround(1 - fround(editDistance(a, b) / Math.max(a.length, b.length))),
  ngram: pairs,
};

/** Jaro–Winkler with Lucene's threshold of 0.7. */
function jaroWinkler(a: string, b: string): number {
  const [long, short] = a.length > b.length ? [a, b] : [b, a];
  const range = Math.max(Math.floor(long.length / 2) - 1, 0);
  const taken = new Set<number>();
  const matched: string[] = [];
  for (let at = 0; at < short.length; at++) {
    const end = Math.min(at + range + 1, long.length);
    for (let other = Math.max(at - range, 0); other < end; other++) {
      if (taken.has(other) || short[at] !== long[other]) continue;
      taken.add(other);
      matched.push(short[at] ?? "");
      break;
    }
  }
  const count = matched.length;
  if (count === 0) return 0;
  const others = [...taken].sort((x, y) => x - y).map((at) => long[at]);
  const moved = Math.floor(matched.filter((letter, at) => letter !== others[at]).length / 2);
  let prefix = 0;
  while (prefix < short.length && a[prefix] === b[prefix]) prefix++;
  const parts = fround(count / a.length) + fround(count / b.length) + (count - moved) / count;
  const likeness = fround(fround(parts) / 3);
  if (likeness < fround(0.7)) return likeness;
  const bonus = fround(Math.min(fround(0.1), fround(1 / long.length)) * prefix);
  return fround(likeness + fround(bonus * fround(1 - likeness)));
}

/** An edit distance over pairs of letters (NGramDistance with 2). */
function pairs(a: string, b: string): number {
  if (a.length < 2 || b.length < 2) {
    let same = 0;
    for (let at = 0; at < Math.min(a.length, b.length); at++) if (a[at] === b[at]) same++;
    return fround(same / Math.max(a.length, b.length));
  }
  let last = Array.from({ length: a.length + 1 }, (_, at) => at);
  for (let j = 1; j <= b.length; j++) {
    const row = [j];
    for (let i = 1; i <= a.length; i++) {
      const isFirst = i === 1 && j === 1;
      const before = i === 1 || j === 1 ? Number(!isFirst) : Number(a[i - 2] !== b[j - 2]);
      const cost = fround((before + Number(a[i - 1] !== b[j - 1])) / (isFirst ? 1 : 2));
      row.push(
        Math.min((row[i - 1] ?? 0) + 1, (last[i] ?? 0) + 1, fround((last[i - 1] ?? 0) + cost)),
      );
    }
    last = row;
  }
  return fround(1 - fround((last[a.length] ?? 0) / Math.max(a.length, b.length)));
}
