/** `script_fields` of a hit: what scripts make of its document. */
import { EsError, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { shardFailure } from "../problem.ts";
import { compileFieldScript } from "../queries/scripting.ts";
import type { AddFieldValues } from "./field-values.ts";

interface Column {
  readonly name: string;
  readonly ignoresFailure: boolean;
  readonly run: (document: SearchDocument) => unknown;
}

/**
 * Compiles `script_fields`.
 *
 * @throws {EsError} 400 for too many of them, and scripts that are not covered
 */
export function compileScriptFields(
  given: unknown,
  context: SearchContext,
): AddFieldValues | undefined {
  if (!isObject(given)) return undefined;
  const columns = Object.entries(given).map(([name, field]) =>
    columnOf(name, field, given, context),
  );
  const most = context.limits.maxScriptFields;
  if (columns.length > most) {
    const reason = `Trying to retrieve too many script_fields. Must be less than or equal to: [${most}] but was [${columns.length}]. This limit can be set by changing the [index.max_script_fields] index level setting.`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  if (columns.length === 0) return undefined;
  return (document, into) => {
    for (const { name, ignoresFailure, run } of columns) {
      try {
        const value = run(document);
        into[name] = Array.isArray(value) ? (value as readonly unknown[]) : [value ?? null];
      } catch (error) {
        if (!ignoresFailure || !(error instanceof EsError)) throw error;
      }
    }
  };
}

function columnOf(name: string, field: unknown, given: JsonObject, context: SearchContext): Column {
  if (!isObject(field)) {
    const reason = `Expected [START_OBJECT] in [script_fields] but found [${tokenOf(field)}]`;
    throw parsingException(reason).at(given, name);
  }
  for (const key of Object.keys(field)) {
    if (key !== "script" && key !== "ignore_failure")
      throw parsingException(`Unknown key for a ${tokenOf(field[key])} in [${key}].`).at(
        field,
        key,
      );
  }
  return {
    name,
    ignoresFailure: field["ignore_failure"] === true,
    run: compileFieldScript(field["script"], context),
  };
}
