/**
 * Dates as Elasticsearch reads them in queries: `strict_date_optional_time||epoch_millis`, and date
 * math such as `now-7d/d` or `2026-11-01||+1M/M`. Everything is UTC unless it names an offset.
 */

const dayMs = 86_400_000;
const time = String.raw`(\d\d)(?::?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?)?`;
const zone = String.raw`Z|[+-]\d\d(?::?\d\d)?`;
const date = new RegExp(String.raw`^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:${time})?(${zone})?)?)?)?$`);
const epochMilliseconds = /^-?\d{1,16}(?:\.\d{1,9})?$/;
const mathStep = /([+-])(\d{0,9})([yMwdhHms])|\/(1?)([yMwdhHms])/y;
/** The range of JavaScript's dates; Elasticsearch's is wider, records' is not. */
const maxEpochMs = 8.64e15;

const clockUnitMs: Readonly<Record<string, number>> = {
  w: 7 * dayMs,
  d: dayMs,
  h: 3_600_000,
  H: 3_600_000,
  m: 60_000,
  s: 1000,
};

/**
 * The instant that a date or date math means, in milliseconds since the epoch; `undefined` when the
 * text is neither.
 *
 * @param roundUp what is left out, and rounding, goes to the last millisecond: for `>` and `<=`
 */
export function evaluateDate(text: string, nowMs: number, roundUp: boolean): number | undefined {
  if (text.startsWith("now")) return applyMath(text.slice(3), nowMs, roundUp);
  const separator = text.indexOf("||");
  if (separator < 0) return parseDate(text, roundUp);
  const base = parseDate(text.slice(0, separator), false);
  return base === undefined ? undefined : applyMath(text.slice(separator + 2), base, roundUp);
}

/**
 * A date as records and queries write it, in milliseconds since the epoch; finer fractions are cut
 * off. `undefined` for anything else and for days that do not exist.
 */
export function parseDate(text: string, roundUp = false): number | undefined {
  const found = date.exec(text);
  if (found === null) {
    if (!epochMilliseconds.test(text)) return undefined;
    return bounded(Math.floor(Number(text)));
  }
  const [, year, month = "1", day = "1", hours, minutes, seconds, fraction, offset] = found;
  // Elasticsearch rounds the time up, never month and day: 2026-11 ends with the 1st of November.
  const hour = hours === undefined ? (roundUp ? 23 : 0) : Number(hours);
  const minute = minutes === undefined ? (roundUp ? 59 : 0) : Number(minutes);
  const second = seconds === undefined ? (roundUp ? 59 : 0) : Number(seconds);
  const filler = roundUp && fraction === undefined ? 999 : 0;
  const millisecond = fraction === undefined ? filler : Number(fraction.padEnd(3, "0").slice(0, 3));
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const midnight = new Date(0);
  midnight.setUTCFullYear(Number(year), Number(month) - 1, Number(day));
  if (midnight.getUTCMonth() !== Number(month) - 1 || midnight.getUTCDate() !== Number(day))
    return undefined;
  const sinceMidnight = ((hour * 60 + minute) * 60 + second) * 1000 + millisecond;
  return midnight.getTime() + sinceMidnight - offsetMinutes(offset) * 60_000;
}

function offsetMinutes(offset: string | undefined): number {
  if (offset === undefined || offset === "Z") return 0;
  const digits = offset.replace(":", "").slice(1);
  const minutes = Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0);
  return offset.startsWith("-") ? -minutes : minutes;
}

function applyMath(math: string, base: number, roundUp: boolean): number | undefined {
  let instant: number | undefined = base;
  mathStep.lastIndex = 0;
  while (mathStep.lastIndex < math.length && instant !== undefined) {
    const step = mathStep.exec(math);
    if (step === null) return undefined;
    const [, sign, digits = "", unit = "", , roundingUnit] = step;
    if (roundingUnit === undefined) {
      const count = digits === "" ? 1 : Number(digits);
      instant = bounded(addUnits(instant, sign === "-" ? -count : count, unit));
    } else {
      const floor = startOfUnit(instant, roundingUnit);
      instant = bounded(roundUp ? addUnits(floor, 1, roundingUnit) - 1 : floor);
    }
  }
  return instant;
}

function addUnits(instant: number, count: number, unit: string): number {
  if (unit === "y") return addMonths(instant, count * 12);
  if (unit === "M") return addMonths(instant, count);
  return instant + count * (clockUnitMs[unit] ?? 0);
}

/** The same day of another month; its last day where that month is shorter. */
function addMonths(instant: number, count: number): number {
  const moved = new Date(instant);
  const day = moved.getUTCDate();
  moved.setUTCDate(1);
  moved.setUTCMonth(moved.getUTCMonth() + count);
  const following = new Date(moved);
  following.setUTCMonth(moved.getUTCMonth() + 1, 0);
  moved.setUTCDate(Math.min(day, following.getUTCDate()));
  return moved.getTime();
}

/** Start of the unit that an instant lies in; weeks start on Monday (ISO 8601). */
function startOfUnit(instant: number, unit: string): number {
  const size = clockUnitMs[unit];
  // Day 0 of the epoch was a Thursday.
  if (unit === "w") return (Math.floor((Math.floor(instant / dayMs) + 3) / 7) * 7 - 3) * dayMs;
  if (size !== undefined) return Math.floor(instant / size) * size;
  const start = new Date(instant);
  if (unit === "y") start.setUTCMonth(0, 1);
  else start.setUTCDate(1);
  return start.setUTCHours(0, 0, 0, 0);
}

function bounded(instant: number): number | undefined {
  return Math.abs(instant) <= maxEpochMs ? instant : undefined;
}
