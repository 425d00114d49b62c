import { simplePattern } from "../text/simple-pattern.ts";
import type { FieldNode } from "./field-node.ts";
import type { Mappings } from "./mappings.ts";

/** Elasticsearch's dynamic type for each kind of JSON value, put in place of `{dynamic_type}`. */
const dynamicTypes: Readonly<Record<string, string>> = {
  string: "text",
  long: "long",
  double: "float",
  boolean: "boolean",
  date: "date",
  object: "object",
};

/**
 * The field that the first fitting dynamic template of an index makes of a new name; `undefined`
 * when none fits. Conditions: `match_mapping_type`, `match`, `unmatch`, `path_match`,
 * `path_unmatch`, with `match_pattern: regex`.
 */
export function dynamicTemplateField(
  mappings: Mappings,
  path: string,
  name: string,
  kind: string,
): FieldNode | undefined {
  const templates = mappings.dynamicTemplates;
  if (!Array.isArray(templates)) return undefined;
  for (const entry of templates as unknown[]) {
    const [template] = isRecord(entry) ? Object.values(entry) : [];
    if (!isRecord(template) || !fits(template, path, name, kind)) continue;
    const definition = template["mapping"];
    if (isRecord(definition)) return mappings.parseField(name, fillIn(definition, name, kind));
  }
  return undefined;
}

function fits(
  template: Readonly<Record<string, unknown>>,
  path: string,
  name: string,
  kind: string,
): boolean {
  const kinds = toList(template["match_mapping_type"]);
  if (kinds !== undefined && !kinds.includes("*") && !kinds.includes(kind)) return false;
  const isRegex = template["match_pattern"] === "regex";
  const test = (patterns: unknown, text: string): boolean | undefined =>
    toList(patterns)?.some((pattern) =>
      (isRegex ? new RegExp(`^(?:${pattern})$`) : simplePattern(pattern)).test(text),
    );
  if (test(template["match"], name) === false || test(template["unmatch"], name) === true)
    return false;
  return (
    test(template["path_match"], path) !== false && test(template["path_unmatch"], path) !== true
  );
}

function fillIn(
  definition: Readonly<Record<string, unknown>>,
  name: string,
  kind: string,
): Record<string, unknown> {
  const filled: Record<string, unknown> = { type: dynamicTypes[kind] ?? "text" };
  for (const [key, value] of Object.entries(definition)) {
    filled[key] =
      typeof value === "string"
        ? value
            .replaceAll("{name}", name)
            .replaceAll("{dynamic_type}", dynamicTypes[kind] ?? "text")
        : isRecord(value)
          ? fillNested(value, name, kind)
          : value;
  }
  return filled;
}

function fillNested(
  definition: Readonly<Record<string, unknown>>,
  name: string,
  kind: string,
): Record<string, unknown> {
  const { type, ...filled } = fillIn(definition, name, kind);
  return "type" in definition ? { type, ...filled } : filled;
}

function toList(value: unknown): string[] | undefined {
  if (typeof value === "string") return [value];
  return Array.isArray(value) ? value.map(String) : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
