/** Ranges in documents: read when they arrive. */
import { notSupported } from "../es-error.ts";
import { doubleText, floatText } from "../json/java-number.ts";
import { isObject } from "../json/json-value.ts";
import { cidrRange } from "../values/ip-address.ts";
import { type DocumentPlace, rangeRefused, valueRefused } from "./document-problem.ts";
import type { FieldNode } from "./field-node.ts";
import { checkValue } from "../search/fields/value-check.ts";
import { type HeldRange, readRange } from "../search/fields/range-values.ts";
import { parserProblem, placeholder } from "../search/fields/value-problem.ts";

const ends = ["gt", "gte", "lt", "lte"];

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
    const last = place.path.at(-1);
    const name = typeof last === "number" ? "null" : field.slice(field.lastIndexOf(".") + 1);
    const reason = `[${placeholder}] error parsing field [${field}], expected an object but got ${name}`;
    throw valueRefused(place, field, type, value, { type: "document_parsing_exception", reason });
  }
  const element = { type: type.replace(/_range$/, ""), parameters: node.parameters };
  for (const [name, end] of Object.entries(value)) {
    const within = { text: place.text, id: place.id, path: [...place.path, name] };
    if (!ends.includes(name)) {
      const reason = `[${placeholder}] error parsing field [${field}], with unknown parameter [${name}]`;
      throw valueRefused(within, field, type, end, { type: "document_parsing_exception", reason });
    }
    const problem = end === null ? undefined : endProblem(element, end);
    if (problem !== undefined) throw valueRefused(within, field, type, end, problem);
  }
  if (node.parameters["index"] === false) return;
  const range = readRange(type, node.parameters, value);
  if (range === undefined || range.from <= range.to) return;
  throw rangeRefused(place, field, type, orderProblem(element.type, range));
}

/** What is wrong with a range whose ends are in the wrong order. */
function orderProblem(type: string, { from, to }: HeldRange): string {
  if (type === "ip") return "min value cannot be greater than max value for InetAddressRange field";
  const shown = (value: HeldRange["from"]): string => {
    if (type === "double") return doubleText(Number(value));
    return type === "float" ? floatText(Number(value)) : String(value);
  };
  return `min value (${shown(from)}) is greater than max value (${shown(to)})`;
}

interface Element {
  readonly type: string;
  readonly parameters: FieldNode["parameters"];
}

function endProblem(element: Element, end: unknown): ReturnType<typeof checkValue> {
  const isNumber = element.type !== "date" && element.type !== "ip";
  if (isNumber && (isObject(end) || Array.isArray(end))) {
    const token = Array.isArray(end) ? "START_ARRAY" : "START_OBJECT";
    const reason = `Current token (${token}) not numeric, can not use numeric value accessors`;
    return { type: parserProblem, reason };
  }
  if (element.type === "date" && typeof end === "string" && /now|\|\|/.test(end))
    throw notSupported("a date_range with date math");
  const found = checkValue(element, end);
  if (found === undefined || element.type !== "date") return found;
  // Dates of ranges are read as dates of queries are.
  return {
    type: "parse_exception",
    reason: `${found.reason}: [${found.reason}]`,
    caused_by: found,
  };
}
