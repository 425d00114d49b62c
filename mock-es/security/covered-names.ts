/** Whether all names that some patterns fit are among those that others fit. */
import { partsOf, type PatternPart } from "./name-pattern.ts";

/** Names that one of the patterns fits, and none of those that are left out. */
export interface NameSet {
  readonly patterns: readonly string[];
  readonly excluded: readonly string[];
}

/** Automata of a set; a place in a name is where all of them have come to. */
interface Machine {
  readonly wanted: readonly (readonly PatternPart[])[];
  readonly unwanted: readonly (readonly PatternPart[])[];
}

/** For each pattern, for each of its parts: the states. */
type Place = readonly (readonly (readonly number[])[])[];

/** Stands for all characters that no pattern names. */
const anyOther = 0x10fffe;
/** The characters that names of indices and actions have. */
const allCharacters = [...Array.from({ length: 95 }, (_, at) => 32 + at), anyOther];
/** More places than any real patterns come to; beyond, a set is taken not to be covered. */
const mostPlaces = 5000;

/** True when every name of a set is one of some other sets together. */
export function isCovered(inner: NameSet, outer: readonly NameSet[]): boolean {
  const isWithin = outer.some(
    ({ patterns, excluded }) =>
      excluded.every((pattern) => inner.excluded.includes(pattern)) &&
      (patterns.includes("*") || inner.patterns.every((pattern) => patterns.includes(pattern))),
  );
  if (isWithin) return true;
  const [own, others] = [machineOf(inner), outer.map(machineOf)];
  if (hasSampleBeyond(inner, own, others)) return false;
  const texts = [inner, ...outer].flatMap(({ patterns, excluded }) => [...patterns, ...excluded]);
  return !hasOthers([own, ...others], alphabetOf(texts));
}

/** The characters that patterns tell from each other. */
function alphabetOf(patterns: readonly string[]): readonly number[] {
  const found = new Set([anyOther]);
  for (const pattern of patterns) {
    if (/^\/.*(?:\\[a-z]|[<"])/is.test(pattern)) return allCharacters;
    for (const character of pattern) found.add(character.codePointAt(0) ?? 0);
    for (const [, from = "", to = ""] of pattern.matchAll(/(.)-(?=(.))/gs))
      for (let at = from.charCodeAt(0); at < to.charCodeAt(0); at++) found.add(at);
  }
  return [...found];
}

/** As {@link isCovered} of one pattern and others. */
export function isPatternCovered(pattern: string, by: readonly string[]): boolean {
  return isCovered({ patterns: [pattern], excluded: [] }, [{ patterns: by, excluded: [] }]);
}

/** Patterns that fit what one of each of two lists fits. */
export function commonPatterns(some: readonly string[], others: readonly string[]): string[] {
  const both = some.flatMap((one) => others.map((other) => commonPattern(one, other)));
  return [...new Set(both)];
}

function commonPattern(one: string, other: string): string {
  if (isPatternCovered(one, [other])) return one;
  if (isPatternCovered(other, [one])) return other;
  return `/${asRegexp(one)}&${asRegexp(other)}/`;
}

function asRegexp(pattern: string): string {
  return pattern
    .replaceAll(/[^\w*?]/g, String.raw`\$&`)
    .replaceAll("*", ".*")
    .replaceAll("?", ".");
}

function machineOf({ patterns, excluded }: NameSet): Machine {
  return { wanted: patterns.map(partsOf), unwanted: excluded.map(partsOf) };
}

/** Whether a pattern with its wildcards filled in, as a name, is beyond the others. */
function hasSampleBeyond({ patterns }: NameSet, own: Machine, others: readonly Machine[]): boolean {
  return patterns
    .filter((pattern) => !/^\/|\\/.test(pattern))
    .map((pattern) => pattern.replaceAll(/[*?]/g, String.fromCodePoint(anyOther)))
    .some((name) => isIn(own, name) && !others.some((machine) => isIn(machine, name)));
}

function isIn(machine: Machine, name: string): boolean {
  let place = startOf(machine);
  for (const character of name) place = stepOf(machine, place, character.codePointAt(0) ?? 0);
  return isNameOf(machine, place);
}

/** Looks for a name of the first set that is in none of the others. */
function hasOthers(machines: readonly Machine[], alphabet: readonly number[]): boolean {
  const [inner, ...outer] = machines;
  if (inner === undefined) return false;
  const start = machines.map((machine) => startOf(machine));
  const seen = new Set([JSON.stringify(start)]);
  const pending = [start];
  for (let places = pending.pop(); places !== undefined; places = pending.pop()) {
    const [own, ...others] = places;
    if (own === undefined || !isAlive(inner, own)) continue;
    const isCoveredHere = others.some((place, at) => isNameOf(outer[at], place));
    if (isNameOf(inner, own) && !isCoveredHere) return true;
    for (const character of alphabet) {
      const next = places.map((place, at) => stepOf(machines[at], place, character));
      const key = JSON.stringify(next);
      if (seen.has(key)) continue;
      if (seen.size >= mostPlaces) return true;
      seen.add(key);
      pending.push(next);
    }
  }
  return false;
}

function partsIn({ wanted, unwanted }: Machine): readonly (readonly PatternPart[])[] {
  return [...wanted, ...unwanted];
}

function startOf(machine: Machine): Place {
  return partsIn(machine).map((parts) => parts.map(({ automaton }) => automaton.start()));
}

function stepOf(machine: Machine | undefined, place: Place, character: number): Place {
  if (machine === undefined) return place;
  return partsIn(machine).map((parts, at) =>
    parts.map(({ automaton }, part) => automaton.after(place[at]?.[part] ?? [], character)),
  );
}

/** True for a place at which a name may end. */
function isNameOf(machine: Machine | undefined, place: Place): boolean {
  if (machine === undefined) return false;
  const ends = partsIn(machine).map((parts, at) =>
    parts.every(
      ({ automaton, isNegated }, part) => automaton.isEnd(place[at]?.[part] ?? []) !== isNegated,
    ),
  );
  const count = machine.wanted.length;
  return ends.slice(0, count).includes(true) && !ends.slice(count).includes(true);
}

/** False for a place behind which no name of the set ends any more. */
function isAlive({ wanted }: Machine, place: Place): boolean {
  return wanted.some((parts, at) =>
    parts.every(({ isNegated }, part) => isNegated || (place[at]?.[part]?.length ?? 0) > 0),
  );
}
