import { z } from "zod";

import { fileSchema } from "./schema.ts";

/**
 * The JSON Schema (draft 2020-12) of the configuration file, with descriptions and defaults, for
 * `es-proxy schema` and editors.
 */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...rest } = toJsonSchema(fileSchema);
  return { $schema, title: "es-proxy", ...rest };
}

/** The JSON Schema of what may stand in the file for one section. */
export function toJsonSchema(schema: z.ZodType): Record<string, unknown> {
  return { ...z.toJSONSchema(schema, { io: "input", target: "draft-2020-12" }) };
}
