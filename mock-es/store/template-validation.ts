/** Dynamic templates are tried out when they arrive. */
import { EsError, illegalArgument } from "../es-error.ts";
import { isObject, jsonText, textOf } from "../json/json-value.ts";
import { type DynamicKind, dynamicKinds, filledDefinition } from "./dynamic-template.ts";
import { fieldTypes, type FieldSurroundings, parseField } from "./field-parser.ts";

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
    const { mapping, match_mapping_type: given } = template;
    // What a field would be called is not known.
    if (!isObject(mapping) || jsonText(mapping).includes("{name}")) continue;
    const asked = given === undefined ? ["*"] : [given].flat().map(textOf);
    const kinds = dynamicKinds.filter((kind) => asked.includes("*") || asked.includes(kind));
    const problem = problemOf(`__dynamic__${name}`, mapping, kinds, surroundings);
    if (problem === undefined) continue;
    throw illegalArgument(
      `dynamic template [${name}] has invalid content [${jsonText(template)}], attempted to validate it with the following match_mapping_type: [${kinds.join(", ")}]`,
      { caused_by: problem.toCause() },
    );
  }
}

/** Why no kind of value makes a field; that of the last one. */
function problemOf(
  name: string,
  mapping: Readonly<Record<string, unknown>>,
  kinds: readonly DynamicKind[],
  surroundings: FieldSurroundings,
): EsError | undefined {
  let problem: EsError | undefined;
  for (const kind of kinds) {
    try {
      const definition = filledDefinition(mapping, { path: name, name, kind });
      const type = textOf(definition["type"]);
      if (!fieldTypes.has(type)) throw illegalArgument(`No mapper found for type [${type}]`);
      parseField(name, definition, surroundings);
      return undefined;
    } catch (error) {
      if (!(error instanceof EsError) || error.reason.endsWith("by mock-es")) throw error;
      problem = error;
    }
  }
  return problem;
}
