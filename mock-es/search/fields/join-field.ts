/** Fields of the type `join`: which document is the parent of which others, in one shard. */
import { toTexts } from "../../json/coerce.ts";
import { isObject, textOf } from "../../json/json-value.ts";
import type { FieldMappings, SearchContext, SearchDocument } from "./document.ts";

/** What a document says of itself in a join field. */
export interface JoinValue {
  /** Name of its relation. */
  readonly name: string;
  /** Id of its parent. */
  readonly parent: string | undefined;
}

/** The join field of an index. */
export interface JoinField {
  readonly name: string;
  /** The parent of each child, by the names of their relations. */
  readonly parentOf: ReadonlyMap<string, string>;
  read(document: SearchDocument): JoinValue | undefined;
}

/** The parent of each child that the parameter `relations` names. */
export function parentsOf(relations: unknown): Map<string, string> {
  const parents = new Map<string, string>();
  for (const [parent, children] of Object.entries(isObject(relations) ? relations : {}))
    for (const child of toTexts(children)) parents.set(child, parent);
  return parents;
}

/** True for a name that any relation has. */
export function isRelation(parentOf: ReadonlyMap<string, string>, name: string): boolean {
  return parentOf.has(name) || [...parentOf.values()].includes(name);
}

/** The join field of a mapping, which has one at most. */
export function joinFieldOf(mappings: FieldMappings): JoinField | undefined {
  for (const name of mappings.fieldNames?.() ?? []) {
    const mapped = mappings.find(name);
    if (mapped?.type !== "join") continue;
    const path = name.split(".");
    return {
      name,
      parentOf: parentsOf(mapped.parameters["relations"]),
      read: (document) => readJoin(document, path),
    };
  }
  return undefined;
}

/** The relation of a document by the path of its join field. */
function readJoin(document: SearchDocument, path: readonly string[]): JoinValue | undefined {
  const value = valueAt(document.source, path);
  if (value === undefined || value === null) return undefined;
  if (!isObject(value)) return { name: textOf(value), parent: undefined };
  const { name, parent } = value;
  return { name: textOf(name), parent: parent === undefined ? undefined : textOf(parent) };
}

/** The value at a path whose steps may be joined by dots in the names of members. */
function valueAt(source: unknown, path: readonly string[]): unknown {
  if (path.length === 0) return source;
  if (!isObject(source)) return undefined;
  for (let length = 1; length <= path.length; length++) {
    const inner = source[path.slice(0, length).join(".")];
    const found = inner === undefined ? undefined : valueAt(inner, path.slice(length));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** What stands in the field `join#parent`: ids of parents, in themselves and in their children. */
export function joinedIds(
  field: JoinField,
  parentRelation: string,
): (document: SearchDocument) => readonly string[] {
  return (document) => {
    const value = field.read(document);
    if (value?.name === parentRelation) return [document.id];
    if (value?.parent === undefined) return [];
    return field.parentOf.get(value.name) === parentRelation ? [value.parent] : [];
  };
}

/** Names of the fields of a mapping that hold ids of parents: `join#parent`. */
export function parentIdFields(mappings: FieldMappings): string[] {
  const field = joinFieldOf(mappings);
  if (field === undefined) return [];
  return [...new Set(field.parentOf.values())].map((parent) => `${field.name}#${parent}`);
}

/** The documents of a shard that are joined by a relation of children. */
export interface Joined {
  /** The children of each parent. */
  readonly children: ReadonlyMap<SearchDocument, readonly SearchDocument[]>;
  readonly parents: ReadonlyMap<SearchDocument, SearchDocument>;
}

/** Joins the documents of a shard. */
export function joinShard(field: JoinField, child: string, context: SearchContext): Joined {
  const parent = field.parentOf.get(child);
  const byId = new Map<string, SearchDocument>();
  const found: (readonly [SearchDocument, string])[] = [];
  for (const document of context.corpus ?? []) {
    const value = field.read(document);
    if (value?.name === parent) byId.set(document.id, document);
    else if (value?.name === child && value.parent !== undefined)
      found.push([document, value.parent]);
  }
  const children = new Map<SearchDocument, SearchDocument[]>();
  const parents = new Map<SearchDocument, SearchDocument>();
  for (const [document, id] of found) {
    const above = byId.get(id);
    if (above === undefined) continue;
    parents.set(document, above);
    const list = children.get(above);
    if (list === undefined) children.set(above, [document]);
    else list.push(document);
  }
  return { children, parents };
}
