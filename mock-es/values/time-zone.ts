/** Time zones: fixed offsets from UTC, and the rules of IANA zones such as `Europe/Berlin`. */

/** A zone as dates are read and rounded in it. Offsets are milliseconds east of UTC. */
export interface TimeZone {
  /** Name as an answer shows it: `UTC`, `+02:00`, `Europe/Berlin`. */
  readonly name: string;
  offsetAt(epochMs: number): number;
  /**
   * The instant of a local time, given as if it were UTC. A time that a change of clocks skips is
   * later by what was skipped; of one that comes twice, the first is meant (as java.time does).
   */
  toInstant(localMs: number): number;
}

const minuteMs = 60_000;
const dayMs = 86_400_000;

/** A zone that is always the same distance from UTC. */
function fixedZone(offsetMs: number, name = offsetText(offsetMs)): TimeZone {
  return { name, offsetAt: () => offsetMs, toInstant: (localMs) => localMs - offsetMs };
}

/** UTC. */
export const utc: TimeZone = fixedZone(0, "UTC");

/** `Z`, `+01:00`, `-05:30:15`. */
export function offsetText(offsetMs: number): string {
  if (offsetMs === 0) return "Z";
  const seconds = Math.round(Math.abs(offsetMs) / 1000);
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  const shown = parts[2] === 0 ? parts.slice(0, 2) : parts;
  const text = shown.map((part) => String(part).padStart(2, "0")).join(":");
  return `${offsetMs < 0 ? "-" : "+"}${text}`;
}

/**
 * Milliseconds east of UTC of `Z`, `+01:00`, `-0530` or `+02`; `undefined` for anything else, names
 * of zones too.
 */
export function utcOffset(text: string): number | undefined {
  if (text === "Z" || text === "z" || text === "UTC" || text === "GMT") return 0;
  const found = /^(?:UTC|GMT)?([+-])(\d{1,2})(?::?(\d\d)(?::?(\d\d))?)?$/.exec(text);
  if (found === null) return undefined;
  const [, sign, hours, minutes = "0", seconds = "0"] = found;
  const size = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (size > 18 * 3600 || Number(minutes) > 59) return undefined;
  return (sign === "-" ? -size : size) * 1000;
}

const zones = new Map<string, TimeZone>([["UTC", utc]]);
/** There are some 600 names, and offsets by the minute; the bound keeps made-up ones out. */
const maxZones = 2000;

/** The zone of a name or offset; `undefined` when there is none. */
export function timeZone(text: string): TimeZone | undefined {
  const known = zones.get(text);
  if (known !== undefined) return known;
  const offset = utcOffset(text);
  const zone = offset === undefined ? namedZone(text) : fixedZone(offset);
  if (zone !== undefined && zones.size < maxZones) zones.set(text, zone);
  return zone;
}

/** Zones of java.time's short names that are not IANA zones by themselves. */
const aliases: Readonly<Record<string, string>> = { UT: "UTC", Zulu: "UTC" };

function namedZone(name: string): TimeZone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", {
      timeZone: aliases[name] ?? name,
      hourCycle: "h23",
      era: "short",
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
  const changes = new Changes(format);
  const offsetAt = (epochMs: number): number => changes.offsetAt(epochMs);
  return { name, offsetAt, toInstant: (localMs) => toInstant(localMs, offsetAt) };
}

function toInstant(localMs: number, offsetAt: (epochMs: number) => number): number {
  const before = offsetAt(localMs - dayMs);
  const after = offsetAt(localMs + dayMs);
  const first = localMs - before;
  if (before === after || offsetAt(first) === before) return first;
  const second = localMs - after;
  return offsetAt(second) === after ? second : first;
}

/** Offsets of a zone, remembered by spans of time in which they do not change. */
class Changes {
  readonly #format: Intl.DateTimeFormat;
  /** By the number of the span: its offset, or `undefined` where it changes within. */
  readonly #spans = new Map<number, number | undefined>();

  constructor(format: Intl.DateTimeFormat) {
    this.#format = format;
  }

  offsetAt(epochMs: number): number {
    const span = Math.floor(epochMs / spanMs);
    let offset = this.#spans.get(span);
    if (offset === undefined && !this.#spans.has(span)) {
      const start = this.#read(span * spanMs);
      offset = start === this.#read((span + 1) * spanMs - 1000) ? start : undefined;
      if (this.#spans.size < maxSpans) this.#spans.set(span, offset);
    }
    return offset ?? this.#read(epochMs);
  }

  /** What the zone's clocks show, minus the instant. */
  #read(epochMs: number): number {
    const parts: Record<string, string> = {};
    for (const { type, value } of this.#format.formatToParts(epochMs)) parts[type] = value;
    const year = Number(parts["year"]);
    const shown = new Date(0);
    shown.setUTCFullYear(
      parts["era"]?.startsWith("B") === true ? 1 - year : year,
      Number(parts["month"]) - 1,
      Number(parts["day"]),
    );
    shown.setUTCHours(Number(parts["hour"]), Number(parts["minute"]), Number(parts["second"]));
    return shown.getTime() - Math.floor(epochMs / 1000) * 1000;
  }
}

/** No zone has changed its clocks twice within a day. */
const spanMs = 1440 * minuteMs;
const maxSpans = 50_000;
