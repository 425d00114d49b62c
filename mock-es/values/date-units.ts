/** Calendar and clock units: adding them to an instant, and rounding down to them. */
import { type TimeZone, utc } from "./time-zone.ts";

const dayMs = 86_400_000;

/** Lengths of the units that always have the same. */
const clockUnitMs: Readonly<Record<string, number>> = {
  h: 3_600_000,
  H: 3_600_000,
  m: 60_000,
  s: 1000,
};

/**
 * Adds units (`y q M w d h H m s`) to an instant. Days and longer units keep the local time; a
 * month's end stays a month's end.
 */
export function addUnits(
  epochMs: number,
  count: number,
  unit: string,
  zone: TimeZone = utc,
): number {
  const clock = clockUnitMs[unit];
  if (clock !== undefined) return epochMs + count * clock;
  const local = epochMs + zone.offsetAt(epochMs);
  return zone.toInstant(addLocal(local, count, unit));
}

function addLocal(local: number, count: number, unit: string): number {
  switch (unit) {
    case "y":
      return addMonths(local, count * 12);
    case "q":
      return addMonths(local, count * 3);
    case "M":
      return addMonths(local, count);
    case "w":
      return local + count * 7 * dayMs;
    default:
      return local + count * dayMs;
  }
}

function addMonths(local: number, count: number): number {
  const date = new Date(local);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + count);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime();
}

/** Start of the unit that an instant lies in, by the clocks of a zone; weeks start on Monday. */
export function floorTo(epochMs: number, unit: string, zone: TimeZone = utc): number {
  const offset = zone.offsetAt(epochMs);
  const local = epochMs + offset;
  const start = floorLocal(local, unit);
  // A unit of the clock stays within the offset it is in, so that no hour is left out or doubled.
  if (clockUnitMs[unit] !== undefined && zone.offsetAt(start - offset) === offset)
    return start - offset;
  return zone.toInstant(start);
}

function floorLocal(local: number, unit: string): number {
  const date = new Date(local);
  switch (unit) {
    case "y":
      return new Date(local).setUTCMonth(0, 1) - timeOfDay(local);
    case "q":
      return (
        new Date(local).setUTCMonth(Math.floor(date.getUTCMonth() / 3) * 3, 1) - timeOfDay(local)
      );
    case "M":
      return new Date(local).setUTCDate(1) - timeOfDay(local);
    case "w":
      // Day 0 of the epoch was a Thursday.
      return (Math.floor((Math.floor(local / dayMs) + 3) / 7) * 7 - 3) * dayMs;
    case "d":
      return Math.floor(local / dayMs) * dayMs;
    default: {
      const size = clockUnitMs[unit] ?? 1;
      return Math.floor(local / size) * size;
    }
  }
}

function timeOfDay(local: number): number {
  return local - Math.floor(local / dayMs) * dayMs;
}
