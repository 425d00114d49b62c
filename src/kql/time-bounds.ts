/** The span of time that a filter allows, so that whole segments are passed over. */
import type { Condition } from "./condition.ts";

/** Milliseconds since the epoch, both ends included; infinite where the filter says nothing. */
export interface TimeBounds {
  readonly fromMs: number;
  readonly toMs: number;
}

const always: TimeBounds = { fromMs: -Infinity, toMs: Infinity };
/** Nothing lies in it. */
const never: TimeBounds = { fromMs: Infinity, toMs: -Infinity };

/** What `@timestamp` of a record that matches lies within. */
export function timeBoundsOf(condition: Condition): TimeBounds {
  switch (condition.kind) {
    case "none":
    case "unmapped":
      return never;
    case "and":
      return condition.of.map(timeBoundsOf).reduce(
        (one, other) => ({
          fromMs: Math.max(one.fromMs, other.fromMs),
          toMs: Math.min(one.toMs, other.toMs),
        }),
        always,
      );
    case "or":
      return condition.of.map(timeBoundsOf).reduce(
        (one, other) => ({
          fromMs: Math.min(one.fromMs, other.fromMs),
          toMs: Math.max(one.toMs, other.toMs),
        }),
        never,
      );
    case "between":
      if (condition.field.name !== "@timestamp") return always;
      return {
        fromMs: Number(condition.low ?? -Infinity),
        toMs: Number(condition.high ?? Infinity),
      };
    case "all":
    case "not":
    case "exists":
    case "pattern":
    case "words":
    case "wordPattern":
    case "freeText":
    case "freePattern":
    case "nested":
      return always;
  }
}
