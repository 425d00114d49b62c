import { illegalArgument, type JsonObject, notSupported, textOf } from "../problem.ts";
import { parseFieldClause } from "./clause.ts";
import { boostOf, constantScore, matchNone, type CompiledQuery } from "./compiled-query.ts";
import { utcOffset } from "../../values/date-format.ts";
import { evaluateDate } from "../../values/date.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { createReader, resolveField, type Field } from "../fields/field.ts";
import { termRange } from "./term-query.ts";
import type { IndexedValue } from "../fields/value.ts";

interface Bound {
  readonly value: IndexedValue;
  readonly isOpen: boolean;
}

const SHAPE = {
  name: "range",
  shortFor: "",
  settings: ["gt", "gte", "lt", "lte", "format", "time_zone", "relation"],
};

/** `range`: any value of the field between bounds; a missing or null bound is open. */
export function parseRange(body: JsonObject, context: SearchContext): CompiledQuery {
  const { field: name, settings } = parseFieldClause(body, SHAPE);
  const boost = boostOf("range", settings);
  const relation = settings["relation"];
  if (
    relation !== undefined &&
    !["intersects", "contains", "within"].includes(textOf(relation).toLowerCase())
  ) {
    throw illegalArgument(`[range] query does not support relation [${textOf(relation)}]`);
  }
  const field = resolveField(context, name);
  if (field === undefined) return matchNone;
  const lower = boundOf(context, field, settings, "gte", "gt");
  const upper = boundOf(context, field, settings, "lte", "lt");
  return constantScore(acceptsBetween(field, lower, upper), boost);
}

function acceptsBetween(
  field: Field,
  lower: Bound | undefined,
  upper: Bound | undefined,
): (document: SearchDocument) => boolean {
  const read = createReader(field);
  return (document) => {
    for (const value of read(document)) {
      if (lower !== undefined && (lower.isOpen ? value <= lower.value : value < lower.value))
        continue;
      if (upper !== undefined && (upper.isOpen ? value >= upper.value : value > upper.value))
        continue;
      return true;
    }
    return false;
  };
}

function boundOf(
  context: SearchContext,
  field: Field,
  settings: JsonObject,
  closed: string,
  open: string,
): Bound | undefined {
  const isOpen = settings[open] !== undefined && settings[open] !== null;
  const raw = isOpen ? settings[open] : settings[closed];
  if (raw === undefined || raw === null) return undefined;
  if (field.kind === "date") {
    const value = evaluateDate(raw, {
      index: context.index,
      format: textOf(settings["format"] ?? field.dateFormat),
      nowMs: context.nowMs,
      offset: offsetOf(settings["time_zone"]),
      // Rounding goes away from what the bound excludes and towards what it includes.
      roundUp: isOpen === (closed === "gte"),
    });
    return { value, isOpen };
  }
  if (field.kind === "long") {
    const range = termRange(context, { ...field, kind: "double" }, raw);
    return range === undefined ? undefined : { value: range.from, isOpen };
  }
  const range = termRange(context, field, raw);
  if (range === undefined) return undefined;
  const useEnd = isOpen === (closed === "gte");
  return { value: useEnd ? range.to : range.from, isOpen };
}

/**
 * Minutes east of UTC of a `time_zone` setting; absent means UTC.
 *
 * @throws {EsError} for named zones, whose rules this engine does not have
 */
export function offsetOf(zone: unknown): number {
  if (zone === undefined || zone === null) return 0;
  const offset = utcOffset(textOf(zone));
  if (offset === undefined)
    throw notSupported(`the time zone [${textOf(zone)}] (only UTC offsets)`);
  return offset;
}
