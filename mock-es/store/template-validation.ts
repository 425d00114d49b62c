/** Dynamic templates are tried out when they arrive. */
import { EsError, illegalArgument, isRefusal } from "../es-error.ts";
import { isObject, type JsonObject, jsonText, textOf } from "../json/json-value.ts";
import {
  type DynamicKind,
  dynamicKinds,
  filledDefinition,
  type NewField,
  runtimeTemplateDefinition,
  runtimeTypes,
} from "./dynamic-template.ts";
import { fieldTypes, type FieldSurroundings, parseField } from "./field-parser.ts";
import { checkRuntimeFields } from "../search/runtime-fields.ts";
import { mapperParsing } from "./mapping-problem.ts";
import { toJavaText } from "../values/java-text.ts";

/**
 * Makes a field of each template for the kinds of values it is for, until one can be.
 *
 * @param templates as they are answered
 * @throws {EsError} 400 for a template that no field can be made of
 */
export function validateTemplates(templates: unknown, surroundings: FieldSurroundings): void {
  for (const entry of Array.isArray(templates) ? (templates as readonly unknown[]) : []) {
    const [name, template] = isObject(entry) ? (Object.entries(entry)[0] ?? []) : [];
    if (name === undefined || !isObject(template)) continue;
    const { mapping, runtime, match_mapping_type: given } = template;
    const part = isObject(mapping) ? mapping : runtime;
    // What a field would be called is not known.
    if (!isObject(part) || jsonText(part).includes("{name}")) continue;
    const asked = given === undefined ? ["*"] : [given].flat().map(textOf);
    const kinds = dynamicKinds.filter(
      (kind) =>
        (asked.includes("*") || asked.includes(kind)) &&
        (isObject(mapping) || runtimeTypes[kind] !== undefined),
    );
    const fieldName = `__dynamic__${name}`;
    const problem = firstProblem(kinds, (kind) => {
      const field = { path: fieldName, name: fieldName, kind };
      if (isObject(mapping)) checkField(mapping, field, surroundings);
      else checkRuntimeField(template, field);
    });
    if (problem === undefined) continue;
    throw illegalArgument(
      `dynamic template [${name}] has invalid content [${jsonText(template)}], attempted to validate it with the following match_mapping_type: [${kinds.join(", ")}]`,
      { caused_by: problem.toCause() },
    );
  }
}

/** Why no kind of value makes a field; that of the last one. */
function firstProblem(
  kinds: readonly DynamicKind[],
  check: (kind: DynamicKind) => void,
): EsError | undefined {
  let problem: EsError | undefined;
  for (const kind of kinds) {
    try {
      check(kind);
      return undefined;
    } catch (error) {
      if (!(error instanceof EsError) || isRefusal(error)) throw error;
      problem = error;
    }
  }
  return problem;
}

function checkField(mapping: JsonObject, field: NewField, surroundings: FieldSurroundings): void {
  const definition = filledDefinition(mapping, field);
  const type = textOf(definition["type"]);
  if (!fieldTypes.has(type)) throw illegalArgument(`No mapper found for type [${type}]`);
  parseField(field.name, definition, surroundings);
}

function checkRuntimeField(template: JsonObject, field: NewField): void {
  const definition = runtimeTemplateDefinition(template, field, runtimeTypes[field.kind]);
  if (isObject(definition["type"]))
    throw illegalArgument(`No runtime field found for type [${toJavaText(definition["type"])}]`);
  checkRuntimeFields({ [field.name]: definition }, mapperParsing, false);
}
