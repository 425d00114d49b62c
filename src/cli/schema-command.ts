import type { CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";

/** `es-proxy schema`. */
export const schemaCommand: CommandSpec = {
  name: "schema",
  summary: "Print the JSON Schema of the configuration file, with descriptions and defaults.",
  operands: [],
  options: [],
  examples: [
    [
      "es-proxy schema > es-proxy.schema.json",
      "For editors: # yaml-language-server: $schema=es-proxy.schema.json",
    ],
  ],
  async run() {
    const { configJsonSchema } = await import("../config/json-schema.ts");
    process.stdout.write(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return exitCodes.ok;
  },
};
