import type { z } from "zod";

import { toJsonSchema } from "./json-schema.ts";
import { shown } from "./scalar-schemas.ts";
import type { Path } from "./source-locations.ts";
import { suggestionText } from "../core/suggestion.ts";

/** One thing that is wrong with a value, relative to the section that was checked. */
export interface SchemaIssue {
  readonly path: Path;
  /** `key`: the key itself is wrong, not its value. */
  readonly at: "value" | "key";
  readonly message: string;
}

/** What zod found, in the operator's words, with suggestions for misspelt keys and values. */
export function schemaIssuesOf(
  error: z.ZodError,
  schema: z.ZodType,
  input: unknown,
): SchemaIssue[] {
  return error.issues.flatMap((issue) => translate(issue, [], { schema, input }));
}

/** Unknown keys of one map that are named: a person mends some and looks again. */
const maxUnknownKeys = 100;

interface Source {
  readonly schema: z.ZodType;
  readonly input: unknown;
}

function translate(issue: z.core.$ZodIssue, base: Path, source: Source): SchemaIssue[] {
  const path = [...base, ...issue.path];
  const value = valueAt(source.input, path);
  const at = "value";
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.slice(0, maxUnknownKeys).map((key) => ({
        path: [...path, key],
        at: "key",
        message: unknownKey(key, path, source.schema),
      }));
    case "invalid_type": {
      if (value === undefined) return [{ path, at, message: "is missing" }];
      if (hasOwnText(issue.message)) return [{ path, at, message: issue.message }];
      return [{ path, at, message: `expected ${typeName(issue.expected)}, got ${shown(value)}` }];
    }
    case "invalid_value": {
      if (value === undefined) return [{ path, at, message: "is missing" }];
      const values = issue.values.map(String);
      const message =
        `expected ${values.length === 1 ? "" : "one of "}${values.join(", ")}; ` +
        `got ${shown(value)}`;
      return [
        {
          path,
          at,
          message: message + suggestionText(typeof value === "string" ? value : "", values),
        },
      ];
    }
    case "invalid_union": {
      if (hasOwnText(issue.message)) return [{ path, at, message: issue.message }];
      return bestBranch(issue.errors).flatMap((inner) => translate(inner, path, source));
    }
    case "too_small":
      if (hasOwnText(issue.message)) return [{ path, at, message: issue.message }];
      return [{ path, at, message: `must be at least ${issue.minimum}, got ${shown(value)}` }];
    case "too_big":
      if (hasOwnText(issue.message)) return [{ path, at, message: issue.message }];
      return [{ path, at, message: `must be at most ${issue.maximum}, got ${shown(value)}` }];
    case "invalid_key":
      return issue.issues.map((inner) => ({ path, at: "key", message: inner.message }));
    case "invalid_format":
    case "invalid_element":
    case "not_multiple_of":
    case "custom":
      return [{ path, at, message: issue.message }];
  }
}

/**
 * The alternative whose shape fits: the one that does not already fail at its top, else the first.
 */
function bestBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
): readonly z.core.$ZodIssue[] {
  const fits = branches.find((issues) =>
    issues.every((issue) => issue.path.length > 0 || issue.code === "unrecognized_keys"),
  );
  const informative = branches.find((issues) => issues.some((issue) => issue.code === "custom"));
  return fits ?? informative ?? branches[0] ?? [];
}

/** zod's own sentences start with "Invalid", "Too" or "Unrecognized"; ours start in lower case. */
function hasOwnText(message: string): boolean {
  return !/^[A-Z]/.test(message);
}

function typeName(expected: string): string {
  const names: Readonly<Record<string, string>> = {
    object: "a map",
    record: "a map",
    array: "a list",
    string: "a string",
    number: "a number",
    int: "a whole number",
    boolean: "true or false",
  };
  return names[expected] ?? expected;
}

function unknownKey(key: string, path: Path, schema: z.ZodType): string {
  const known = knownKeys(toJsonSchema(schema), path);
  const meant = suggestionText(key, known);
  const list = meant === "" && known.length > 0 ? `; known keys: ${known.join(", ")}` : meant;
  return `unknown key${list}`;
}

/** The keys that the JSON Schema allows in the map at this path, over all alternatives. */
function knownKeys(schema: unknown, path: Path): string[] {
  let here = [schema];
  for (const step of path) {
    here = here.flatMap(alternatives).map((node) => {
      const properties = get(node, "properties");
      const inner = typeof step === "number" ? get(node, "items") : get(properties, String(step));
      return inner ?? get(node, "additionalProperties");
    });
  }
  return [
    ...new Set(
      here.flatMap(alternatives).flatMap((node) => Object.keys(toObject(get(node, "properties")))),
    ),
  ];
}

function alternatives(node: unknown): unknown[] {
  const inner = get(node, "anyOf");
  return Array.isArray(inner) ? inner.flatMap(alternatives) : [node];
}

/** The own value of a map or list, `undefined` for anything that has none. */
export function get(value: unknown, key: PropertyKey): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return Reflect.get(value, key);
}

function toObject(value: unknown): object {
  return typeof value === "object" && value !== null ? value : {};
}

function valueAt(input: unknown, path: Path): unknown {
  let value = input;
  for (const step of path) value = get(value, step);
  return value;
}
