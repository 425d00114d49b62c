/**
 * The candidate that was probably meant: the nearest one within a third of the word's length (at
 * least one edit), letters compared without case and without `_` and `-`. `undefined` when nothing
 * is near, or when the word is itself a candidate.
 */
export function suggestion(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(word);
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    if (candidate === word) return undefined;
    const distance = editDistance(wanted, fold(candidate));
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `; did you mean "x"?`, or an empty string. */
export function suggestionText(word: string, candidates: Iterable<string>): string {
  const meant = suggestion(word, candidates);
  return meant === undefined ? "" : `; did you mean "${meant}"?`;
}

function fold(word: string): string {
  return word.toLowerCase().replaceAll(/[_-]/g, "").slice(0, 64);
}

/**
 * Optimal string alignment distance: insertions, deletions, substitutions and swaps of neighbours
 * cost one each.
 */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (isSame ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1]
      )
        cost = Math.min(cost, (beforeLast[column - 2] ?? 0) + 1);
      current.push(cost);
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length] ?? 0;
}
