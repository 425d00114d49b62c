/** What becomes of a field that a document brings and no mapping knows. */
import { isRawNumber } from "../json/exact-numbers.ts";
import type { JsonObject } from "../json/json-value.ts";
import { checkRuntimeFields } from "../search/runtime-fields.ts";
import { parseDate } from "../values/date.ts";
import {
  dynamicTemplateDefinition,
  fittingTemplate,
  namedTemplateDefinition,
  type NewField,
  runtimeTemplateDefinition,
  runtimeTypes,
} from "./dynamic-template.ts";
import { type FieldNode, newNode, newObjectNode } from "./field-node.ts";
import { parseField } from "./field-parser.ts";
import { mapperParsing } from "./mapping-problem.ts";
import type { Mappings } from "./mappings.ts";
import type { DynamicSetting } from "./object-flags.ts";

/**
 * The field that a mapping makes of a new name and the first value found under it.
 *
 * @param template name of the dynamic template to be taken; `undefined` for the first that fits
 * @returns `undefined` when there is no dynamic template of the name
 */
export function inferField(
  mappings: Mappings,
  path: string,
  name: string,
  value: unknown,
  sinceWrite: number,
  template: string | undefined,
): FieldNode | undefined {
  const { kind, format } = kindOf(mappings, value);
  const field: NewField = { path, name, kind };
  const { dynamicTemplates: templates } = mappings;
  const definition =
    template === undefined
      ? dynamicTemplateDefinition(templates, field)
      : namedTemplateDefinition(templates, template, field);
  if (definition === undefined && template !== undefined) return undefined;
  if (definition !== undefined)
    return parseField(name, definition, mappings.fieldSurroundings(sinceWrite));
  switch (kind) {
    case "object":
      return newObjectNode(sinceWrite);
    case "boolean":
    case "long":
      return newNode(kind, {}, sinceWrite);
    case "double":
      return newNode("float", {}, sinceWrite);
    case "date":
      return newNode("date", parametersOf(format), sinceWrite);
    default: {
      if (!mappings.limits.mapsTexts) return newNode("keyword", {}, sinceWrite);
      const node = newNode("text", {}, sinceWrite);
      node.fields.set("keyword", newNode("keyword", { ignore_above: 256 }, sinceWrite));
      return node;
    }
  }
}

/**
 * The definition of the runtime field that a mapping makes of a new name: where `dynamic` or a
 * dynamic template say so.
 *
 * @returns `object` for objects, which are not mapped then; `undefined` for a field of another kind
 */
export function inferRuntimeField(
  mappings: Mappings,
  path: string,
  name: string,
  value: unknown,
  dynamic: DynamicSetting,
): JsonObject | "object" | undefined {
  const { dynamicTemplates: templates } = mappings;
  if (dynamic !== "runtime" && templates === undefined) return undefined;
  const { kind, format } = kindOf(mappings, value);
  const field: NewField = { path, name, kind };
  const template = fittingTemplate(templates, field);
  if (template?.["runtime"] !== undefined) {
    const definition = runtimeTemplateDefinition(template, field, runtimeTypes[kind]);
    checkRuntimeFields({ [path]: definition }, mapperParsing, false);
    return definition;
  }
  if (template !== undefined || dynamic !== "runtime") return undefined;
  if (kind === "object") return "object";
  return { type: runtimeTypes[kind] ?? "keyword", ...(format === undefined ? {} : { format }) };
}

/** The server shows the empty locale of its own second format. */
function parametersOf(format: string | undefined): Record<string, unknown> {
  if (format === undefined) return {};
  return format === slashDate ? { format, locale: "" } : { format };
}

interface Kind {
  /** Word of `match_mapping_type`. */
  readonly kind: string;
  /** Of a date that is not in the default format. */
  readonly format?: string;
}

const string: Kind = { kind: "string" };
const long: Kind = { kind: "long" };
const double: Kind = { kind: "double" };

function kindOf(mappings: Mappings, value: unknown): Kind {
  if (typeof value === "number") return Number.isInteger(value) ? long : double;
  if (typeof value === "bigint") return long;
  if (isRawNumber(value)) return /[.eE]/.test(value.rawJSON) ? double : long;
  if (typeof value !== "string") return { kind: typeof value };
  if (mappings.hasNumericDetection) {
    if (isLong(value)) return long;
    if (value.trim() !== "" && javaDouble.test(value)) return double;
  }
  return (mappings.hasDateDetection ? dateKind(mappings, value) : undefined) ?? string;
}

const javaDouble = /^\s*[+-]?((\d+\.?\d*|\.\d+)([eE][+-]?\d+)?[dDfF]?|NaN|Infinity)\s*$/;

function isLong(text: string): boolean {
  return (
    /^[+-]?\d{1,19}$/.test(text) &&
    BigInt.asIntN(64, BigInt(text.replace("+", ""))) === BigInt(text.replace("+", ""))
  );
}

const isoDate = "strict_date_optional_time";
const slashDate = "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis";
const maxDateLength = 40;

function dateKind(mappings: Mappings, text: string): Kind | undefined {
  const own = mappings.dynamicDateFormats;
  if (own !== undefined) {
    for (const format of own) {
      if (parseDate(text, format) !== undefined)
        return format === isoDate ? { kind: "date" } : { kind: "date", format };
    }
    return undefined;
  }
  // A text that does not begin like one of the default formats is none of them.
  if (text.length < 7 || text.length > maxDateLength || !/^\d{4}[-/]/.test(text)) return undefined;
  if (text.charAt(4) === "-")
    return parseDate(text, isoDate) === undefined ? undefined : { kind: "date" };
  return parseDate(text, "yyyy/MM/dd HH:mm:ss||yyyy/MM/dd") === undefined
    ? undefined
    : { kind: "date", format: slashDate };
}
