/** Names that a wrong one is like. */
import { editDistance } from "./edit-distance.ts";

/**
 * What the server adds to the name of a setting that it does not know: ` did you mean [a]?`, ` did
 * you mean any of [a, b]?` or nothing.
 *
 * @param least likeness from 0 to 1 that a name must exceed
 */
export function didYouMean(unknown: string, names: Iterable<string>, least: number): string {
  const near: { readonly name: string; readonly likeness: number }[] = [];
  for (const name of names) {
    const likeness = 1 - editDistance(unknown, name) / Math.max(unknown.length, name.length, 1);
    if (likeness > least) near.push({ name, likeness });
  }
  if (near.length === 0) return "";
  near.sort((a, b) => b.likeness - a.likeness || (a.name < b.name ? -1 : 1));
  const list = near.map((entry) => entry.name).join(", ");
  return near.length === 1 ? ` did you mean [${list}]?` : ` did you mean any of [${list}]?`;
}
