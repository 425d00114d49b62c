/** Instants as people type them for `--since` and `--until`. */
import { evaluateDate } from "../../kql/date-math.ts";

const distance = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h|d|w)$/;
const unitMs: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};
const dateAndTime = /^(\d{4}-\d\d-\d\d) (\d\d:\d\d.*)$/;
const timeOfDay = /^\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?$/;

/**
 * `2h` (ago), `2026-11-30`, `2026-11-30T08:15Z`, `2026-11-30 08:15`, `08:15` (today) or date math
 * such as `now-1d/d`; UTC unless an offset is named. In milliseconds since the epoch; `undefined`
 * for anything else.
 */
export function parseInstant(text: string, nowMs: number): number | undefined {
  const [, amount, unit = ""] = distance.exec(text) ?? [];
  if (amount !== undefined) return nowMs - Number(amount) * (unitMs[unit] ?? Number.NaN);
  if (timeOfDay.test(text))
    return evaluateDate(`${new Date(nowMs).toISOString().slice(0, 10)}T${text}`, nowMs, false);
  return evaluateDate(text.replace(dateAndTime, "$1T$2"), nowMs, false);
}
