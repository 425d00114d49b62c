/** Cron expressions of six or seven fields: seconds to days of the week, and years. */
import { illegalArgument, notSupported } from "../es-error.ts";

/** Lowest and highest number of each field: second, minute, hour, day, month, weekday, year. */
const bounds: readonly (readonly [low: number, high: number])[] = [
  [0, 59],
  [0, 59],
  [0, 23],
  [1, 31],
  [1, 12],
  [1, 7],
  [1970, 2200],
];

const months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const weekdays = "SUN MON TUE WED THU FRI SAT".split(" ");
/** Days that are looked at: a leap day on a given weekday is at most 40 years away. */
const maxDays = 366 * 41;
const dayMs = 86_400_000;

/**
 * The first time after a moment that an expression fits, both in milliseconds since the epoch, in
 * UTC; `undefined`: never.
 *
 * @throws {EsError} 400 for what is no expression, and for `L`, `W` and `#`, which are not computed
 */
export function nextCronTime(expression: string, afterMs: number): number | undefined {
  const parts = expression.trim().toUpperCase().split(/\s+/);
  if (parts.length < 6 || parts.length > 7)
    throw illegalArgument(`invalid cron expression [${expression}]`);
  const [seconds, minutes, hours, days, monthSet, weekdaySet, years] = bounds.map(
    ([low, high], at) => valuesOf(parts[at] ?? "*", low, high, at, expression),
  ) as readonly Set<number>[];
  if (seconds === undefined || minutes === undefined || hours === undefined) return undefined;
  const firstDay = Math.floor((afterMs + 1000) / dayMs);
  for (let day = firstDay; day < firstDay + maxDays; day++) {
    const date = new Date(day * dayMs);
    if (years?.has(date.getUTCFullYear()) !== true) continue;
    if (monthSet?.has(date.getUTCMonth() + 1) !== true) continue;
    if (days?.has(date.getUTCDate()) !== true) continue;
    if (weekdaySet?.has(date.getUTCDay() + 1) !== true) continue;
    for (const hour of hours)
      for (const minute of minutes)
        for (const second of seconds) {
          const time = day * dayMs + ((hour * 60 + minute) * 60 + second) * 1000;
          if (time > afterMs) return time;
        }
  }
  return undefined;
}

/** The numbers of a field, in order. */
function valuesOf(
  field: string,
  low: number,
  high: number,
  at: number,
  expression: string,
): Set<number> {
  const found = new Set<number>();
  for (const part of field.split(",")) {
    const isName = /^[A-Z]{3}(?:-[A-Z]{3})?(?:\/\d+)?$/.test(part);
    if (!isName && /[LW#]/.test(part)) throw notSupported(`[${part}] of a cron expression`);
    const match = /^(\*|\?|[A-Z]{3}|\d+)(?:-([A-Z]{3}|\d+))?(?:\/(\d+))?$/.exec(part);
    const from = match === null ? NaN : numberOf(match[1] ?? "", at, low);
    const step = Number(match?.[3] ?? 1);
    const isOpen = match?.[1] === "*" || match?.[1] === "?" || match?.[3] !== undefined;
    const to = match?.[2] === undefined ? (isOpen ? high : from) : numberOf(match[2], at, low);
    if (!(from >= low && to <= high && from <= to && step > 0))
      throw illegalArgument(`invalid cron expression [${expression}]`);
    for (let value = from; value <= to; value += step) found.add(value);
  }
  return new Set([...found].sort((a, b) => a - b));
}

function numberOf(word: string, at: number, low: number): number {
  if (word === "*" || word === "?") return low;
  if (/^\d+$/.test(word)) return Number(word);
  const names = at === 4 ? months : at === 5 ? weekdays : [];
  const place = names.indexOf(word);
  return place === -1 ? NaN : place + 1;
}
