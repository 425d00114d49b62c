/** Ranges in documents: read when they arrive. */
import { isObject } from "../json/json-value.ts";
import { cidrRange } from "../values/ip-address.ts";
import { parseDate } from "../values/date.ts";
import { toDouble, toWhole } from "../values/number.ts";
import { DEFAULT_DATE_FORMAT } from "../values/date-format.ts";
import { type DocumentPlace, rangeRefused, valueRefused } from "./document-problem.ts";
import type { FieldNode } from "./field-node.ts";
import { checkValue, placeholder } from "../search/fields/value-check.ts";

const ends = ["gt", "gte", "from", "lt", "lte", "to"];
const flags = ["include_lower", "include_upper"];

/**
 * Checks a range of a document.
 *
 * @throws {EsError} 400 `document_parsing_exception` for what is no range
 */
export function checkRange(
  place: DocumentPlace,
  field: string,
  node: FieldNode,
  value: unknown,
): void {
  const { type } = node;
  if (value === null) return;
  if (type === "ip_range" && typeof value === "string") {
    if (cidrRange(value) !== undefined) return;
    const reason = `Expected [ip/prefix] but was [${value}]`;
    throw valueRefused(place, field, type, value, { type: "illegal_argument_exception", reason });
  }
  if (!isObject(value)) {
    const name = String(place.path.at(-1) ?? field);
    const reason = `[${placeholder}] error parsing field [${field}], expected an object but got ${name}`;
    throw valueRefused(place, field, type, value, { type: "document_parsing_exception", reason });
  }
  const element = { type: type.replace(/_range$/, ""), parameters: node.parameters };
  for (const [name, end] of Object.entries(value)) {
    const within = { text: place.text, id: place.id, path: [...place.path, name] };
    if (flags.includes(name)) continue;
    if (!ends.includes(name)) {
      const reason = `[${placeholder}] error parsing field [${field}], with unknown parameter [${name}]`;
      throw valueRefused(within, field, type, end, { type: "document_parsing_exception", reason });
    }
    const problem = end === null ? undefined : endProblem(element, end);
    if (problem !== undefined) throw valueRefused(within, field, type, end, problem);
  }
  const { gt, gte, from, lt, lte, to } = value;
  const [low, high] = [gt ?? gte ?? from, lt ?? lte ?? to];
  const [least, most] = [comparable(element, low), comparable(element, high)];
  if (least === undefined || most === undefined || least <= most) return;
  const reason = `min value (${String(low)}) is greater than max value (${String(high)})`;
  throw rangeRefused(place, field, type, reason);
}

interface Element {
  readonly type: string;
  readonly parameters: FieldNode["parameters"];
}

function endProblem(element: Element, end: unknown): ReturnType<typeof checkValue> {
  const found = checkValue(element, end);
  // Numbers that are none are found while they are read, not by the mapper of numbers.
  return found?.reason.startsWith("For input string") === true
    ? { type: "number_format_exception", reason: found.reason }
    : found;
}

function comparable(element: Element, end: unknown): number | bigint | undefined {
  if (end === undefined || end === null) return undefined;
  switch (element.type) {
    case "date": {
      const { format } = element.parameters;
      return parseDate(end, typeof format === "string" ? format : DEFAULT_DATE_FORMAT);
    }
    case "double":
    case "float":
      return toDouble(end);
    case "integer":
    case "long":
      return toWhole(end);
    default:
      return undefined;
  }
}
