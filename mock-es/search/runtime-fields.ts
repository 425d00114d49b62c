/** Runtime fields of a search: read from sources, or computed by scripts. */
import { notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import type { FieldMappings, MappedField } from "./fields/document.ts";
import { shardFailure } from "./problem.ts";
import { compileEmitter } from "./queries/scripting.ts";
import { contextOf, type SearchOptions, type SearchShard } from "./shard-search.ts";

const types: ReadonlySet<string> = new Set("boolean date double ip keyword long".split(" "));
const otherTypes: ReadonlySet<string> = new Set("composite geo_point geo_shape lookup".split(" "));

/**
 * A shard with the runtime fields of a body among its mappings, in place of fields of their names.
 *
 * @throws {EsError} the shard's refusal, or one that names what is not computed
 */
export function withRuntimeFields(
  shard: SearchShard,
  body: JsonObject,
  options: SearchOptions,
): SearchShard {
  const given = body["runtime_mappings"];
  if (!isObject(given)) return shard;
  let mappings = shard.mappings;
  for (const [name, definition] of Object.entries(given)) {
    // A script sees the fields that are defined before its own.
    const before = mappings;
    const field = readField(name, isObject(definition) ? definition : {}, shard, () =>
      contextOf({ ...shard, mappings: before }, options, 0),
    );
    mappings = withField(before, name, field);
  }
  return { ...shard, mappings };
}

function withField(before: FieldMappings, name: string, field: MappedField): FieldMappings {
  return {
    find: (asked) => (asked === name ? field : before.find(asked)),
    fieldNames: () => new Set([...(before.fieldNames?.() ?? []), name]),
    ...(before.copiedTo === undefined
      ? {}
      : { copiedTo: (asked) => (asked === name ? [] : (before.copiedTo?.(asked) ?? [])) }),
    sourceParts: before.sourceParts,
    hiddenFields: before.hiddenFields,
    ...(before.analysis === undefined ? {} : { analysis: before.analysis }),
  };
}

function readField(
  name: string,
  definition: JsonObject,
  { index }: SearchShard,
  contextBefore: () => ReturnType<typeof contextOf>,
): MappedField {
  const refuse = (reason: string): Error => shardFailure(index, "mapper_parsing_exception", reason);
  const { type: given, script, ...rest } = definition;
  if (given === undefined) throw refuse(`No type specified for runtime field [${name}]`);
  const type = textOf(given);
  if (otherTypes.has(type)) throw notSupported(`a runtime field of type [${type}]`);
  if (!types.has(type)) {
    throw refuse(
      `The mapper type [${type}] declared on runtime field [${name}] does not exist. It might have been created within a future version or requires a plugin to be installed. Check the documentation.`,
    );
  }
  for (const key of Object.keys(rest)) {
    if (key === "format" && type === "date") continue;
    if (["on_script_error", "meta", "locale"].includes(key))
      throw notSupported(`[${key}] of a runtime field`);
    throw refuse(`unknown parameter [${key}] on runtime field [${name}] of type [${type}]`);
  }
  return {
    type,
    parameters: { ...rest, index: false },
    ...(script === undefined ? {} : { compute: compileEmitter(script, contextBefore()) }),
  };
}
