/** Dates of scripts with nanoseconds. */
import { notSupported } from "../../es-error.ts";
import { printDate } from "../../values/date.ts";
import { DEFAULT_NANOS_FORMAT } from "../../values/date-format.ts";
import type { ScriptObject } from "../values.ts";
import { zonedDateTime } from "./dates.ts";

/** Members of a date that parts of a millisecond do not change. */
const ofWholes: ReadonlySet<string> = new Set([
  ..."getYear getMonthValue getMonth getDayOfMonth getDayOfYear getDayOfWeek".split(" "),
  ..."getDayOfWeekEnum getHour getMinute getSecond toEpochSecond".split(" "),
]);

/** A date with so many nanoseconds beyond its millisecond, of which little is computed. */
export function preciseDateTime(epochMs: number, nanos: number): ScriptObject {
  const plain = zonedDateTime(epochMs);
  const written = (): string => printDate(epochMs, DEFAULT_NANOS_FORMAT, undefined, nanos);
  const nano = (): number => (((epochMs % 1000) + 1000) % 1000) * 1_000_000 + nanos;
  const getter = (name: string): string =>
    ofWholes.has(name) ? name : `get${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const refusal = (name: string): Error =>
    notSupported(`[${name}] of a date with parts of a millisecond in a script`);
  return {
    isScriptObject: true,
    javaType: "java.time.ZonedDateTime",
    member(name) {
      if (name === "nano") return nano();
      if (ofWholes.has(getter(name))) return plain.member(name);
      throw refusal(name);
    },
    call(name, from) {
      if (name === "getNano") return nano();
      if (ofWholes.has(name)) return plain.call?.(name, from);
      if (name === "toString") return written();
      throw refusal(name);
    },
    text: written,
    json: written,
  };
}
