/** Time zones as date math names them: offsets, `UTC+2`, regions of the time zone database. */

/** Offset of a time zone from UTC at an instant. */
export interface TimeZone {
  /** @returns milliseconds to add to UTC to get the local time */
  offsetAt(instantMs: number): number;
}

export const utc: TimeZone = { offsetAt: () => 0 };

/**
 * Finds time zones by their Java names (`java.time.ZoneId`); bounded work for one list of names.
 */
export class TimeZones {
  readonly #regions = new Map<string, TimeZone | undefined>();
  #lookups = 0;

  /**
   * @returns undefined when Elasticsearch would refuse the name, or when there was too much work
   */
  find(name: string): TimeZone | undefined {
    const offset = /^(?:(?:UTC|GMT|UT)(?=[+-]))?([+-].+)$/.exec(name)?.[1];
    if (offset !== undefined) return fixedZone(offset);
    if (utcNames.has(name)) return utc;
    if (!this.#regions.has(name)) {
      if (this.#regions.size >= maxRegions) return undefined;
      this.#regions.set(name, this.#counted(regionZone(name)));
    }
    return this.#lookups < maxLookups ? this.#regions.get(name) : undefined;
  }

  #counted(zone: TimeZone | undefined): TimeZone | undefined {
    if (zone === undefined) return undefined;
    const offsetAt = (instantMs: number): number => {
      this.#lookups += 1;
      return zone.offsetAt(instantMs);
    };
    return { offsetAt };
  }
}

/** Each region costs about 50 µs to set up: a list of names must not make that seconds. */
const maxRegions = 32;
/** Each look-up costs about 5 µs and each expression needs a few: a thousand names stay whole. */
const maxLookups = 10_000;

const utcNames = new Set(["Z", "UTC", "GMT", "UT", "Etc/UTC", "Etc/GMT"]);

/** `+h`, `+hh`, `+hhmm`, `+hh:mm`, `+hhmmss`, `+hh:mm:ss`, up to 18 hours. */
function fixedZone(text: string): TimeZone | undefined {
  const match =
    /^([+-])(\d{1,2})$/.exec(text) ??
    /^([+-])(\d\d):?(\d\d)$/.exec(text) ??
    /^([+-])(\d\d):(\d\d):(\d\d)$/.exec(text) ??
    /^([+-])(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (match === null) return undefined;
  const [, sign, hours, minutes = "0", seconds = "0"] = match;
  if (Number(minutes) > 59 || Number(seconds) > 59) return undefined;
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (total > 18 * 3600) return undefined;
  const offset = (sign === "-" ? -total : total) * 1000;
  return { offsetAt: () => offset };
}

function regionZone(name: string): TimeZone | undefined {
  // Java compares names exactly; ICU would take `europe/berlin` as well.
  if (name.length > 64 || !/^[A-Z][A-Za-z0-9_+/-]*$/.test(name)) return undefined;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: name,
      calendar: "iso8601",
      hourCycle: "h23",
      year: "numeric",
      month: "numeric",
      day: "numeric",
      hour: "numeric",
      minute: "numeric",
      second: "numeric",
    });
  } catch {
    return undefined;
  }
  return {
    offsetAt: (instantMs) =>
      Math.abs(instantMs) < maxInstantMs
        ? localTime(format, instantMs) - wholeSeconds(instantMs)
        : 0,
  };
}

/** Beyond it, and for NaN, `Intl` throws. */
const maxInstantMs = 8.64e15;

function localTime(format: Intl.DateTimeFormat, instantMs: number): number {
  const parts = new Map<string, number>();
  for (const { type, value } of format.formatToParts(instantMs)) parts.set(type, Number(value));
  const part = (type: string): number => parts.get(type) ?? 0;
  const local = new Date(0);
  local.setUTCFullYear(part("year"), part("month") - 1, part("day"));
  local.setUTCHours(part("hour"), part("minute"), part("second"));
  return local.getTime();
}

function wholeSeconds(instantMs: number): number {
  return Math.floor(instantMs / 1000) * 1000;
}
