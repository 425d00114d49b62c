/** `index.sort.*`: the order in which an index keeps its documents. */
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { defaultLimits, type FieldMappings } from "../search/fields/document.ts";
import { requireDocValues } from "../search/fields/doc-values.ts";
import { resolveField } from "../search/fields/field.ts";
import type { IndexSettings } from "./index-settings.ts";

/** Fields of an index that is kept in an order; none for one that is not. */
export function sortFields(settings: IndexSettings): readonly string[] {
  return listOf(settings, "field") ?? [];
}

/** The order as a search would ask for it; `undefined` without any. */
export function indexSortOf(settings: IndexSettings): readonly JsonObject[] | undefined {
  const fields = sortFields(settings);
  if (fields.length === 0) return undefined;
  const orders = listOf(settings, "order");
  const modes = listOf(settings, "mode");
  const missing = listOf(settings, "missing");
  return fields.map((field, at) => ({
    [field]: {
      order: orders?.[at]?.toLowerCase() ?? "asc",
      ...(modes === undefined ? {} : { mode: modes[at]?.toLowerCase() }),
      ...(missing === undefined ? {} : { missing: missing[at] }),
    },
  }));
}

function listOf(settings: IndexSettings, name: string): readonly string[] | undefined {
  const setting = `index.sort.${name}`;
  return settings.has(setting) ? settings.list(setting) : undefined;
}

/** Checks that the settings fit together. @throws {EsError} 400 */
export function checkIndexSort(settings: IndexSettings): void {
  const fields = listOf(settings, "field");
  for (const name of ["order", "mode", "missing"]) {
    const values = listOf(settings, name);
    if (values === undefined) continue;
    if (fields === undefined) {
      throw illegalArgument(
        `setting [index.sort.${name}] requires [index.sort.field] to be configured`,
      );
    }
    if (values.length === fields.length) continue;
    const shown = name === "mode" ? values.map((value) => value.toUpperCase()) : values;
    throw illegalArgument(
      `index.sort.field:[${fields.join(", ")}] index.sort.${name}:[${shown.join(", ")}], size mismatch`,
    );
  }
}

/** Types of fields that are kept in order as the server does it. */
const sortable: ReadonlySet<string> = new Set(
  "boolean byte date date_nanos double float integer ip keyword long short".split(" "),
);
/** Types that have an order in searches, but not in an index. */
const unsortable: ReadonlySet<string> = new Set(["half_float", "scaled_float"]);

/** Checks that the fields can be sorted by. @throws {EsError} 400 */
export function checkSortFields(
  index: string,
  settings: IndexSettings,
  mappings: FieldMappings,
): void {
  for (const name of sortFields(settings)) checkField(index, name, mappings);
}

function checkField(index: string, name: string, mappings: FieldMappings): void {
  const type = mappings.find(name)?.type;
  const nested = nestedAround(name, mappings);
  if (nested !== undefined)
    throw illegalArgument(
      `cannot apply index sort to field [${name}] under nested object [${nested}]`,
    );
  if (name.startsWith("_") && name !== "_id" && name !== "_doc")
    throw notSupported(`[index.sort.field] [${name}]`);
  if (type === undefined || type === "object")
    throw illegalArgument(`unknown index sort field:[${name}]`);
  if (type === "alias") throw illegalArgument(`Cannot use alias [${name}] as an index sort field`);
  if (type === "geo_point") {
    throw illegalArgument(
      "can't sort on geo_point or point field without using specific sorting feature, like geo_distance",
    );
  }
  if (type.endsWith("_range"))
    throw illegalArgument(`Sorting by range field [${name}] is not supported`);
  checkColumn(index, name, mappings);
  if (unsortable.has(type)) throw illegalArgument(`invalid index sort field:[${name}]`);
  if (!sortable.has(type)) throw notSupported(`[index.sort.field] of the type [${type}]`);
}

function nestedAround(name: string, mappings: FieldMappings): string | undefined {
  for (let dot = name.indexOf("."); dot !== 0; dot = name.indexOf(".", dot + 1)) {
    const path = dot === -1 ? name : name.slice(0, dot);
    if (mappings.find(path)?.type === "nested") return path;
    if (dot === -1) return undefined;
  }
  return undefined;
}

/** A field without values in columns is told with the reason that searches would be told. */
function checkColumn(index: string, name: string, mappings: FieldMappings): void {
  const context = {
    mappings,
    index,
    nowMs: 0,
    corpus: undefined,
    isScored: false,
    nestedPath: undefined,
    limits: defaultLimits,
  };
  const field = resolveField(context, name);
  if (field === undefined) return;
  try {
    requireDocValues(field, context);
  } catch (error) {
    const cause = error instanceof EsError ? error.extra["root_cause"] : undefined;
    const [reason] = Array.isArray(cause) ? (cause as readonly JsonObject[]) : [];
    if (reason === undefined) throw error;
    throw illegalArgument(`docvalues not found for index sort field:[${name}]`, {
      caused_by: reason,
    });
  }
}
