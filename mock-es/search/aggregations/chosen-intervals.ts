/** Chooses intervals of dates that are few enough (ES AutoDateHistogramAggregationBuilder). */
import type { TimeZone } from "../../values/time-zone.ts";
import { calendarRounding, type Rounding } from "./date-rounding.ts";

/** A unit, its usual length in milliseconds, and how many of it may make one interval. */
interface Unit {
  readonly name: string;
  readonly unit: string;
  readonly roughMs: number;
  readonly multiples: readonly number[];
}

const units: readonly Unit[] = [
  { name: "second", unit: "s", roughMs: 1000, multiples: [1, 5, 10, 30] },
  { name: "minute", unit: "m", roughMs: 60_000, multiples: [1, 5, 10, 30] },
  { name: "hour", unit: "h", roughMs: 3_600_000, multiples: [1, 3, 12] },
  { name: "day", unit: "d", roughMs: 86_400_000, multiples: [1, 7] },
  { name: "month", unit: "M", roughMs: 30 * 86_400_000, multiples: [1, 3] },
  { name: "year", unit: "y", roughMs: 365 * 86_400_000, multiples: [1, 5, 10, 20, 50, 100] },
];

/** Names of the units that can be the smallest. */
export const unitNames: readonly string[] = units.map(({ name }) => name);

/** A unit with its intervals in a time zone. */
export interface IntervalUnit extends Unit {
  readonly rounding: Rounding;
  /** Most units that make one interval. */
  readonly most: number;
}

/** The units from the smallest allowed one on. */
export function intervalUnits(smallest: string, zone: TimeZone): readonly IntervalUnit[] {
  return units.slice(Math.max(0, unitNames.indexOf(smallest))).map((unit) => ({
    ...unit,
    rounding: calendarRounding(unit.unit, zone),
    most: Math.max(...unit.multiples),
  }));
}

/** Intervals that follow each other without a gap. */
export interface ChosenIntervals {
  /** Length, as `7d`. */
  readonly length: string;
  /** Where they start, in milliseconds since the epoch. */
  readonly starts: readonly number[];
  /** The place of the interval that an instant lies in. */
  readonly placeOf: (epochMs: number) => number;
}

/**
 * Chooses the finest intervals that are few enough.
 *
 * @param shards the instants of each shard, in milliseconds since the epoch; at least one
 * @param target most intervals
 */
export function chooseIntervals(
  shards: readonly (readonly number[])[],
  choices: readonly IntervalUnit[],
  target: number,
): ChosenIntervals {
  const last = choices.length - 1;
  const unitAt = (at: number): IntervalUnit => {
    const unit = choices[at] ?? choices[last];
    if (unit === undefined) throw new RangeError("no unit to choose from");
    return unit;
  };
  const isTooMany = (count: number, at: number): boolean =>
    at < last && count > target * unitAt(at).most;
  let at = Math.max(...shards.map((times) => finestOfShard(times, choices, target)));
  const times = shards.flat();
  while (isTooMany(keysOf(times, unitAt(at)).length, at)) at++;
  const [first = 0, ...others] = keysOf(times, unitAt(at));
  at = spanning(first, others.at(-1) ?? first, at, choices, target);
  let keys = filled(keysOf(times, unitAt(at)), unitAt(at));
  while (isTooMany(keys.length, at)) {
    at++;
    keys = keysOf(keys, unitAt(at));
  }
  const unit = unitAt(at);
  const multiple = unit.multiples.find((count) => Math.ceil(keys.length / count) <= target) ?? 1;
  const places = new Map(keys.map((key, place) => [key, Math.floor(place / multiple)]));
  return {
    length: `${multiple}${unit.unit}`,
    starts: keys.filter((_, place) => place % multiple === 0),
    placeOf: (epochMs) => places.get(unit.rounding.floor(epochMs)) ?? 0,
  };
}

/** The finest unit in which a shard's instants are few enough and near enough to each other. */
function finestOfShard(
  times: readonly number[],
  choices: readonly IntervalUnit[],
  target: number,
): number {
  const found = choices.findIndex((unit) => {
    const keys = keysOf(times, unit);
    const distance = (keys.at(-1) ?? 0) - (keys[0] ?? 0);
    return keys.length <= target * unit.most && distance <= target * unit.roughMs * unit.most;
  });
  return found === -1 ? choices.length - 1 : found;
}

/** The finest unit in which everything between two instants is few enough. */
function spanning(
  from: number,
  to: number,
  start: number,
  choices: readonly IntervalUnit[],
  target: number,
): number {
  for (let at = start; at < choices.length - 1; at++) {
    const unit = choices[at];
    if (unit === undefined) break;
    const limit = target * unit.most;
    if ((to - from) / unit.roughMs > 2 * limit + 2) continue;
    let count = 0;
    for (let key = from; key < to && count <= limit; key = unit.rounding.next(key)) count++;
    if (count <= limit) return at;
  }
  return choices.length - 1;
}

/** Starts of the intervals that instants lie in, ascending. */
function keysOf(times: readonly number[], { rounding }: IntervalUnit): number[] {
  return [...new Set(times.map((epochMs) => rounding.floor(epochMs)))].sort((a, b) => a - b);
}

function filled(keys: readonly number[], { rounding }: IntervalUnit): number[] {
  const [first] = keys;
  const end = keys.at(-1);
  if (first === undefined || end === undefined) return [];
  const all: number[] = [];
  for (let key = first; key <= end; key = rounding.next(key)) all.push(key);
  return all;
}
