/** Ranges in documents: read when they arrive. */
import { doubleText, floatText } from "../json/java-number.ts";
import { isObject } from "../json/json-value.ts";
import { cidrRange } from "../values/ip-address.ts";
import { parseDate } from "../values/date.ts";
import { toDouble, toWhole } from "../values/number.ts";
import { DEFAULT_DATE_FORMAT } from "../values/date-format.ts";
import { type DocumentPlace, rangeRefused, valueRefused } from "./document-problem.ts";
import type { FieldNode } from "./field-node.ts";
import { checkValue } from "../search/fields/value-check.ts";
import { placeholder } from "../search/fields/value-problem.ts";

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
    const last = place.path.at(-1) ?? field;
    const name = typeof last === "number" ? "null" : last;
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
  const [shownLow, shownHigh] = [
    shownEnd(element.type, low, least),
    shownEnd(element.type, high, most),
  ];
  const reason = `min value (${shownLow}) is greater than max value (${shownHigh})`;
  throw rangeRefused(place, field, type, reason);
}

/** Fractions as Java writes them. */
function shownEnd(type: string, end: unknown, value: number | bigint): string {
  if (type === "double") return doubleText(Number(value));
  return type === "float" ? floatText(Number(value)) : String(end);
}

interface Element {
  readonly type: string;
  readonly parameters: FieldNode["parameters"];
}

function endProblem(element: Element, end: unknown): ReturnType<typeof checkValue> {
  const found = checkValue(element, end);
  if (found === undefined || element.type !== "date") return found;
  // Dates of ranges are read as dates of queries are.
  return {
    type: "parse_exception",
    reason: `${found.reason}: [${found.reason}]`,
    caused_by: found,
  };
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
