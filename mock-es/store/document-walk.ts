/** A document on its way through a mapping: where it is, and what it has added. */
import { EsError } from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import { documentParsing } from "./document-problem.ts";
import type { FieldNode } from "./field-node.ts";
import { checkDepth, checkNameLength } from "./mapping-checks.ts";
import type { Mappings } from "./mappings.ts";

/** A document to be mapped. */
export interface NewDocument {
  readonly id: string;
  /** `_source` as JSON text, and parsed. */
  readonly text: string;
  readonly source: JsonObject;
  /** Number of the write. */
  readonly write: number;
  /** Names of the dynamic templates for new fields, by their full names. */
  readonly templates?: Readonly<Record<string, string>> | undefined;
  readonly routing?: string | undefined;
  /** Told before fields are added, and may refuse that. */
  readonly onNewFields?: (() => void) | undefined;
}

/**
 * One document on its way through the mapping; `added` remembers new fields so that a refused
 * document leaves none behind.
 */
export interface Walk {
  readonly mappings: Mappings;
  readonly text: string;
  readonly id: string;
  readonly write: number;
  readonly templates: NewDocument["templates"];
  readonly routing: string | undefined;
  readonly path: (string | number)[];
  /** Name of the field in whose place a value is read, a target of `copy_to`. */
  field: string | undefined;
  /** Name within its parent of the multi-field whose value is read. */
  multiField: string | undefined;
  nested: number;
  ignored: Set<string> | undefined;
  added: { readonly properties: Map<string, FieldNode>; readonly name: string }[] | undefined;
  addedFields: number;
  /** Definitions of new runtime fields, by their full names. */
  runtime: Record<string, unknown> | undefined;
}

/** The value of the present field is not indexed. */
export function ignore(walk: Walk): void {
  (walk.ignored ??= new Set()).add(fieldName(walk));
}

/**
 * Counts one more nested document.
 *
 * @throws {EsError} 400 beyond `index.mapping.nested_objects.limit`
 */
export function countNested(walk: Walk): void {
  walk.nested++;
  // The limit is never below the number that most documents have.
  if (walk.nested < 2) return;
  const limit = walk.mappings.limits.nestedObjects;
  if (walk.nested <= limit) return;
  throw documentParsing(
    walk,
    `The number of nested documents has exceeded the allowed limit of [${limit}]. This limit can be set by changing the [index.mapping.nested_objects.limit] index level setting.`,
  );
}

/** Adds a field; false when there is no room for it and the mapping says that it is left out. */
export function addField(
  walk: Walk,
  properties: Map<string, FieldNode>,
  name: string,
  node: FieldNode,
): boolean {
  const { mappings } = walk;
  const { limits } = mappings;
  if (walk.added === undefined) walk.added = [];
  const count = 1 + node.fields.size;
  // The flat view is not renewed before the whole document is read, so it shows what was before.
  const total = mappings.fields().size + walk.addedFields + count;
  if (total > limits.totalFields) {
    if (limits.ignoresBeyondTotal) {
      ignore(walk);
      return false;
    }
    throw limitProblem(
      walk,
      `Limit of total fields [${limits.totalFields}] has been exceeded while adding new fields [${walk.addedFields + count}]`,
    );
  }
  checkNameLength(name, limits);
  if (node.properties !== undefined) checkObjectDepth(walk);
  walk.addedFields += count;
  walk.added.push({ properties, name });
  properties.set(name, node);
  return true;
}

function checkObjectDepth(walk: Walk): void {
  try {
    checkDepth(fieldName(walk), walk.mappings.limits);
  } catch (error) {
    throw error instanceof EsError ? limitProblem(walk, error.reason) : error;
  }
}

function limitProblem(walk: Walk, reason: string): EsError {
  return documentParsing(walk, `failed to parse: ${reason}`, {
    type: "illegal_argument_exception",
    reason,
  });
}

/** Full name of the present field. */
export function fieldName(walk: Walk): string {
  const name = walk.field ?? walk.path.filter((step) => typeof step === "string").join(".");
  return walk.multiField === undefined ? name : `${name}.${walk.multiField}`;
}
