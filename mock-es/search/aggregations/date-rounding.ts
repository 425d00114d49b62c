/** Intervals of dates: where they start, in a time zone. */
import { addUnits, floorTo } from "../../values/date-units.ts";
import { type TimeZone, utc } from "../../values/time-zone.ts";

/** Start of the interval an instant lies in, and the start of the one after an interval's start. */
export interface Rounding {
  floor(epochMs: number): number;
  next(start: number): number;
}

/** Intervals of one calendar unit. */
export function calendarRounding(unit: string, zone: TimeZone): Rounding {
  return {
    floor: (epochMs) => floorTo(epochMs, unit, zone),
    next: (start) => addUnits(start, 1, unit, zone),
  };
}

/** Intervals of a fixed length, counted by the clocks of a zone. */
export function fixedRounding(size: number, zone: TimeZone): Rounding {
  if (zone === utc) {
    return {
      floor: (epochMs) => Math.floor(epochMs / size) * size,
      next: (start) => start + size,
    };
  }
  return {
    floor(epochMs) {
      const offset = zone.offsetAt(epochMs);
      const local = Math.floor((epochMs + offset) / size) * size;
      // An interval does not reach across a change of clocks.
      return zone.offsetAt(local - offset) === offset ? local - offset : zone.toInstant(local);
    },
    next(start) {
      const offset = zone.offsetAt(start);
      const next = zone.toInstant(start + offset + size);
      return next > start ? next : start + size;
    },
  };
}

/** The same intervals, moved. */
export function shiftedRounding(rounding: Rounding, shiftMs: number): Rounding {
  if (shiftMs === 0) return rounding;
  return {
    floor: (epochMs) => rounding.floor(epochMs - shiftMs) + shiftMs,
    next: (start) => rounding.next(start - shiftMs) + shiftMs,
  };
}
