/** Bodies in which one setting is left out, or has a value of another kind. */

import { changed, pathsIn } from "./changes.ts";

type Json = Readonly<Record<string, unknown>>;

/** What stands instead of a setting; 1e40 is beyond every type of a number but double. */
const wrongValues: readonly unknown[] = [
  3,
  "x",
  "",
  null,
  [],
  {},
  true,
  -1,
  1e40,
  { foo: 1 },
  ["x", 1],
];

/** A body with each of its settings changed, from a depth on. */
export function mutationsOf(body: Json, depth: number): Json[] {
  return pathsIn(body)
    .filter((path) => path.length >= depth)
    .flatMap((path) => [
      changed(body, path, undefined),
      ...wrongValues.map((value) => changed(body, path, { value })),
    ]) as Json[];
}
