/** The bodies of templates, member by member. */
import { illegalArgument, notSupported } from "../../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { lifecycle, streamOptions } from "./stream-shapes.ts";
import { parseShapeAt, type Member, type Shape } from "../../json/object-parser.ts";

const asItIs = (values: JsonObject): JsonObject => values;
const object: Member = { kind: "object" };
const flag: Member = { kind: "boolean" };
const long: Member = { kind: "long" };
const strings: Member = { kind: "strings" };

/** What a template says of the indices that it makes. */
const layerShape: Shape<JsonObject> = {
  name: "template",
  members: {
    settings: object,
    mappings: { kind: "any", read: readMappings },
    aliases: object,
    lifecycle,
    data_stream_options: streamOptions,
  },
  build: asItIs,
};

const streamShape: Shape<JsonObject> = {
  name: "data_stream_template",
  members: { hidden: flag, allow_custom_routing: flag },
  build: asItIs,
};

const layer: Member = {
  kind: "object",
  read: (value, holder, key) => parseShapeAt(layerShape, value, holder, key),
};

const common: Readonly<Record<string, Member>> = {
  template: layer,
  version: long,
  _meta: object,
  deprecated: flag,
};

/** The body of a component template. */
export const componentTemplateShape: Shape<JsonObject> = {
  name: "component_template",
  members: { ...common, template: { ...layer, isRequired: true } },
  build: unswallowed,
};

/** The body of an index template. */
export const indexTemplateShape: Shape<JsonObject> = {
  name: "index_template",
  members: {
    ...common,
    index_patterns: { kind: "strings", isRequired: true },
    composed_of: strings,
    priority: long,
    data_stream: {
      kind: "object",
      read: (value, holder, key) => parseShapeAt(streamShape, value, holder, key),
    },
    allow_auto_create: flag,
    ignore_missing_component_templates: strings,
  },
  build: unswallowed,
};

/** Mappings may be compressed, too: no client sends them so. */
function readMappings(value: unknown): unknown {
  if (isObject(value)) return value;
  if (typeof value === "string") throw notSupported("[mappings] as a text");
  throw illegalArgument(`Unexpected token: ${tokenOf(value)}`);
}

/**
 * Refuses an alias that is no object where something stands behind it: the server takes that for a
 * part of the alias.
 *
 * @throws {EsError} 400
 */
function unswallowed(values: JsonObject): JsonObject {
  const { template } = values;
  const aliases = isObject(template) ? template["aliases"] : undefined;
  const definitions = isObject(aliases) ? Object.values(aliases) : [];
  const at = definitions.findIndex((definition) => !isObject(definition));
  const isLast =
    at === definitions.length - 1 &&
    Object.keys(isObject(template) ? template : {}).at(-1) === "aliases" &&
    Object.keys(values).at(-1) === "template";
  if (at < 0 || isLast) return values;
  throw notSupported("an alias of a template that is no object");
}
