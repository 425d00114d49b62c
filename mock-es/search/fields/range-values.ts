/** Fields of ranges: what documents hold, as first and last values. */
import { isObject, type JsonObject } from "../../json/json-value.ts";
import { toLong } from "../../json/java-number.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { parseMoment } from "../../values/date.ts";
import { DEFAULT_DATE_FORMAT } from "../../values/date-format.ts";
import { utc } from "../../values/time-zone.ts";
import { cidrRange } from "../../values/ip-address.ts";
import type { SearchDocument } from "./document.ts";
import type { Field, FieldKind } from "./field.ts";
import { collectRaw, rootOf } from "./reader.ts";
import { showFieldValue } from "./show-value.ts";
import { type IndexedValue, indexedValue } from "./value.ts";

/** A range, both ends included. */
export interface HeldRange {
  readonly from: IndexedValue;
  readonly to: IndexedValue;
}

const elements: Readonly<Record<string, readonly [type: string, kind: FieldKind]>> = {
  date_range: ["date", "date"],
  double_range: ["double", "double"],
  float_range: ["float", "double"],
  integer_range: ["integer", "long"],
  ip_range: ["ip", "ip"],
  long_range: ["long", "long"],
};

/** True for a field that holds ranges. */
export function isRangeField(field: Field): boolean {
  return Object.hasOwn(elements, field.type);
}

/** The ends of a range, as fields of their own. */
export function elementOf(field: Field): Field {
  const [type, kind] = elements[field.type] ?? ["long", "long"];
  return { ...field, type, kind };
}

/** The greatest and least values of a kind. */
export function boundsOf(field: Field): HeldRange {
  return field.kind === "ip"
    ? { from: "0".repeat(32), to: "f".repeat(32) }
    : { from: -Infinity, to: Infinity };
}

/** The value next to another, upwards or downwards. */
export function nextTo(field: Field, value: IndexedValue, step: 1 | -1): IndexedValue {
  if (typeof value === "string") {
    const next = BigInt(`0x${value}`) + BigInt(step);
    const isOut = next < 0n || next >> 128n > 0n;
    return isOut ? value : next.toString(16).padStart(32, "0");
  }
  if (field.kind !== "double") return toLong(BigInt(value) + BigInt(step));
  return nextNumber(Number(value), step, field.type === "float");
}

/** The next number that a float, or a double, can hold. */
function nextNumber(value: number, step: 1 | -1, isFloat: boolean): number {
  if (!Number.isFinite(value)) return value;
  if (value === 0) return step * (isFloat ? 2 ** -149 : Number.MIN_VALUE);
  const view = new DataView(new ArrayBuffer(8));
  const away = value > 0 === step > 0 ? 1 : -1;
  if (isFloat) {
    view.setFloat32(0, value);
    view.setInt32(0, view.getInt32(0) + away);
    return view.getFloat32(0);
  }
  view.setFloat64(0, value);
  view.setBigInt64(0, view.getBigInt64(0) + BigInt(away));
  return view.getFloat64(0);
}

/** One end of a range as it is written: what it is called, and its value. */
export interface WrittenEnd {
  readonly value: unknown;
  readonly isOpen: boolean;
}

/** The ends of a range in a document; `undefined` for an open one. */
export function endsOf(range: JsonObject): {
  readonly lower: WrittenEnd | undefined;
  readonly upper: WrittenEnd | undefined;
} {
  const end = (
    open: string,
    closed: string,
    plain: string,
    flag: string,
  ): WrittenEnd | undefined => {
    let value: unknown;
    let isOpen = false;
    // Of several the last one with a value is meant.
    for (const [name, given] of Object.entries(range)) {
      if ((name !== open && name !== closed && name !== plain) || given === null) continue;
      isOpen = name === open;
      value = given;
    }
    if (value === undefined) return undefined;
    return { value, isOpen: isOpen || range[flag] === false };
  };
  return {
    lower: end("gt", "gte", "from", "include_lower"),
    upper: end("lt", "lte", "to", "include_upper"),
  };
}

/** A range of a document; `undefined` for one that cannot be read. */
function heldRange(element: Field, raw: unknown): HeldRange | undefined {
  if (typeof raw === "string") {
    const block = element.kind === "ip" ? cidrRange(raw) : undefined;
    return block === undefined ? undefined : { from: block[0], to: block[1] };
  }
  if (!isObject(raw)) return undefined;
  const { lower, upper } = endsOf(raw);
  const least = boundsOf(element);
  const read = (end: WrittenEnd | undefined, open: IndexedValue, step: 1 | -1): IndexedValue => {
    // What a date leaves out is the last of its unit where all of the unit is meant.
    const roundsUp = end !== undefined && end.isOpen === (step === 1);
    const value = end === undefined ? undefined : endValue(element, end.value, roundsUp);
    if (end === undefined || value === undefined) return open;
    return end.isOpen ? nextTo(element, value, step) : value;
  };
  return { from: read(lower, least.from, 1), to: read(upper, least.to, -1) };
}

function endValue(element: Field, given: unknown, roundsUp: boolean): IndexedValue | undefined {
  if (element.kind !== "date") return indexedValue(element, given);
  const raw = isRawNumber(given) ? given.rawJSON : given;
  return parseMoment(raw, element.dateFormat, utc, roundsUp)?.ms;
}

/** Reads a range as a field of a type and parameters holds it. */
export function readRange(
  type: string,
  parameters: Field["parameters"],
  raw: unknown,
): HeldRange | undefined {
  const { format } = parameters;
  const field: Field = {
    name: "",
    type,
    kind: "unsupported",
    parameters,
    places: [],
    dateFormat: typeof format === "string" ? format : DEFAULT_DATE_FORMAT,
    ignoreAbove: Infinity,
    isIndexed: true,
    hasDocValues: true,
    sinceWrite: 0,
    analysis: undefined,
    scale: 1,
    isReachable: true,
    isRuntime: false,
  };
  return heldRange(elementOf(field), raw);
}

function rawReader(field: Field): (document: SearchDocument) => unknown[] {
  return (document) => {
    const raw: unknown[] = [];
    if (!field.isReachable || (rootOf(document).write ?? 0) < field.sinceWrite) return raw;
    for (const { path } of field.places) collectRaw(document.source, path, 0, raw);
    return raw;
  };
}

/** Reads the ranges of a field. */
export function createRangeReader(field: Field): (document: SearchDocument) => HeldRange[] {
  const element = elementOf(field);
  const read = rawReader(field);
  return (document) =>
    read(document)
      .map((raw) => heldRange(element, raw))
      .filter((range) => range !== undefined);
}

/** True for a range that the server fails to show: one with an end that is null. */
export function isUnshown(raw: unknown): boolean {
  return isObject(raw) && Object.values(raw).includes(null);
}

/** Reads the ranges of a field as `fields` shows them: as they are written, in its format. */
export function createShownRanges(
  field: Field,
  format: string | undefined,
): (document: SearchDocument) => unknown[] {
  const element = elementOf(field);
  const read = rawReader(field);
  return (document) =>
    read(document).flatMap((raw) => {
      if (typeof raw === "string") return [raw];
      if (!isObject(raw) || isUnshown(raw)) return [];
      const shown = Object.entries(raw).flatMap(([name, value]) => {
        const indexed = indexedValue(element, value);
        return indexed === undefined ? [] : [[name, showFieldValue(element, indexed, format)]];
      });
      // A range without ends is everything.
      return [Object.fromEntries(shown) as unknown];
    });
}
