/** Elastic's API specification: one JSON file for each API (folder `rest-api-spec/api`). */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { isMap } from "./test-file.ts";

/** One path of an API. */
export interface ApiPath {
  /** With placeholders, for example `/{index}/_doc/{id}`. */
  readonly path: string;
  readonly methods: readonly string[];
  /** Names of the placeholders. */
  readonly parts: readonly string[];
}

/** One API. */
export interface ApiSpecification {
  readonly name: string;
  readonly paths: readonly ApiPath[];
  /** Names of the query parameters. */
  readonly parameters: ReadonlySet<string>;
  /** The body is a list of JSON lines. */
  readonly takesLines: boolean;
  readonly requiresBody: boolean;
}

/** All APIs of a version, and the query parameters that every API takes. */
export interface ApiSpecifications {
  readonly apis: ReadonlyMap<string, ApiSpecification>;
  readonly common: ReadonlySet<string>;
}

/** Reads a folder `rest-api-spec/api`. @throws {Error} for a file that is no specification */
export async function readApiSpecifications(folder: string): Promise<ApiSpecifications> {
  const apis = new Map<string, ApiSpecification>();
  let common: ReadonlySet<string> = new Set();
  for (const file of await readdir(folder)) {
    if (!file.endsWith(".json")) continue;
    const content: unknown = JSON.parse(await readFile(join(folder, file), "utf8"));
    if (!isMap(content)) throw new Error(`${file}: not an object`);
    if (file === "_common.json") {
      common = new Set(Object.keys(mapAt(content, "params")));
      continue;
    }
    for (const [name, definition] of Object.entries(content)) {
      if (isMap(definition)) apis.set(name, toSpecification(name, definition));
    }
  }
  return { apis, common };
}

function toSpecification(name: string, definition: Record<string, unknown>): ApiSpecification {
  const paths = mapAt(definition, "url")["paths"];
  if (!Array.isArray(paths)) throw new Error(`${name}: no paths`);
  const body = mapAt(definition, "body");
  const types = JSON.stringify(mapAt(definition, "headers")["content_type"] ?? "");
  return {
    name,
    paths: (paths as unknown[]).filter(isMap).map(toPath),
    parameters: new Set(Object.keys(mapAt(definition, "params"))),
    takesLines: body["serialize"] === "bulk" || types.includes("ndjson"),
    requiresBody: body["required"] === true,
  };
}

function toPath(entry: Record<string, unknown>): ApiPath {
  const { path, methods } = entry;
  if (typeof path !== "string" || !Array.isArray(methods)) throw new Error("a path is not one");
  return { path, methods: methods.map(String), parts: Object.keys(mapAt(entry, "parts")) };
}

function mapAt(owner: Record<string, unknown>, name: string): Record<string, unknown> {
  const value = owner[name];
  return isMap(value) ? value : {};
}
