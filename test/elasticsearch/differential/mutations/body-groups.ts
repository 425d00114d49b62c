/** Requests whose body has one member of another kind, left out, unknown, or twice. */
import * as fc from "fast-check";
import type { CorpusGroup, Step } from "../../corpus/corpus.ts";
import { bodiesSetup, type BodyBase } from "./body-base.ts";
import { changed, pathsIn, type Path } from "./changes.ts";

type Json = Readonly<Record<string, unknown>>;

/** Bodies of a group; a group begins with nothing but what all of them need. */
const bodiesEach = 25;

/** What stands instead of a member. */
const wrongValues = JSON.parse(
  '[3, 1.5, -1, 1e40, "x", "", null, true, [], [1], ["x"], {}, {"foo": 1}]',
) as readonly unknown[];

/**
 * Every body with each of its members changed, in groups.
 *
 * @param bases the bodies
 * @param seed of the order of the groups
 */
export function bodyGroups(bases: readonly BodyBase[], seed: number): CorpusGroup[] {
  const groups = bases.flatMap(groupsOf);
  const shuffled = fc.shuffledSubarray(groups, { minLength: groups.length });
  return fc.sample(shuffled, { numRuns: 1, seed })[0] ?? [];
}

export function groupsOf(base: BodyBase): CorpusGroup[] {
  const texts = [...new Set(mutationsOf(base))];
  const groups: CorpusGroup[] = [];
  for (let at = 0; at < texts.length; at += bodiesEach) {
    const part = texts.slice(at, at + bodiesEach);
    groups.push({
      name: "bodies",
      steps: [...bodiesSetup, ...part.flatMap((body) => stepsOf(base, body))],
    });
  }
  return groups;
}

function stepsOf(
  { before = [], ask, after = [], body: given, mask }: BodyBase,
  body: string,
): Step[] {
  const headers = Array.isArray(given) ? { "content-type": "application/x-ndjson" } : undefined;
  const [first, ...others]: Step[] = [
    ...before,
    { ask, body, ...(headers && { headers }), ...(mask && { mask }) },
    ...after.map((each): Step => ({ ask: each })),
  ];
  return first === undefined ? [] : [{ ...first, isApart: true }, ...others];
}

/** The texts of all changed bodies, the unchanged one first. */
function mutationsOf({ body, keeps }: BodyBase): string[] {
  const isLines = Array.isArray(body);
  return [
    textOf(body),
    ...(isLines ? [] : [textOf(changed(body, ["zzz"], { value: 1 }))]),
    ...pathsIn(body)
      .filter((path) => keeps?.(path) !== true && (!isLines || path.length > 1))
      .flatMap((path) => mutationsAt(body, path)),
  ];
}

function mutationsAt(body: BodyBase["body"], path: Path): string[] {
  const own = path.reduce<unknown>((at, key) => (at as Json)[String(key)], body);
  const isObject = typeof own === "object" && own !== null && !Array.isArray(own);
  return [
    textOf(changed(body, path, undefined)),
    ...[...wrongValues, [own]].map((value) => textOf(changed(body, path, { value }))),
    ...(isObject ? [textOf(changed(body, [...path, "zzz"], { value: 1 }))] : []),
    twice(body, path, own),
  ];
}

/** Stands where a member is put a second time. */
const mark = "here twice";

function twice(body: BodyBase["body"], path: Path, own: unknown): string {
  const value = JSON.stringify(own);
  const again = typeof path.at(-1) === "number" ? value : `${JSON.stringify(path.at(-1))}:${value}`;
  const marked = textOf(changed(body, path, { value: mark }));
  return marked.replace(JSON.stringify(mark), () => `${value},${again}`);
}

function textOf(body: unknown): string {
  if (!Array.isArray(body)) return JSON.stringify(body);
  return body.map((line) => `${JSON.stringify(line)}\n`).join("");
}
