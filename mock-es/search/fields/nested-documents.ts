/** Nested objects, which are documents of their own: matched, sorted and counted one by one. */
import { isObject } from "../../json/json-value.ts";
import type { FieldMappings, SearchContext, SearchDocument } from "./document.ts";
import { collectRaw } from "./reader.ts";

/** A nested object as a document: its source is the object alone, below its path. */
export interface NestedDocument extends SearchDocument {
  readonly parent: SearchDocument;
  /** Path of the nested mapping. */
  readonly path: string;
  /** Place among the objects at this path in the parent. */
  readonly offset: number;
  /** The object itself. */
  readonly object: unknown;
  /** It stands in the source as a name of a member: `a.b`. */
  readonly isDotted: boolean;
}

const known = new WeakMap<SearchDocument, Map<string, readonly NestedDocument[]>>();

/** The nested path that the objects at a path are nested in; `undefined` at the top level. */
export function parentPathOf(mappings: FieldMappings, path: string): string | undefined {
  for (let dot = path.lastIndexOf("."); dot > 0; dot = path.lastIndexOf(".", dot - 1)) {
    const outer = path.slice(0, dot);
    if (mappings.find(outer)?.type === "nested") return outer;
  }
  return undefined;
}

/**
 * The nested objects at a path that a document holds, in order; for objects nested in others, those
 * of all the others.
 *
 * @param scope path of the nested objects that the document is one of
 */
export function nestedDocuments(
  mappings: FieldMappings,
  document: SearchDocument,
  path: string,
  scope?: string,
): readonly NestedDocument[] {
  const outer = parentPathOf(mappings, path);
  if (outer === undefined || outer === scope) return directlyIn(document, path);
  return nestedDocuments(mappings, document, outer, scope).flatMap((parent) =>
    directlyIn(parent, path),
  );
}

function directlyIn(parent: SearchDocument, path: string): readonly NestedDocument[] {
  let byPath = known.get(parent);
  if (byPath === undefined) known.set(parent, (byPath = new Map()));
  let found = byPath.get(path);
  if (found === undefined) {
    const objects: NestedObject[] = [];
    collectObjects(parent.source, path, objects);
    const segments = path.split(".");
    found = objects
      .filter(({ object }) => object !== null)
      .map((object, offset) => toDocument(parent, path, segments, object, offset));
    byPath.set(path, found);
  }
  return found;
}

type NestedObject = Pick<NestedDocument, "object" | "isDotted">;

/** The objects at a path, among them those that the names of their members stand for: `a.b`. */
function collectObjects(source: unknown, path: string, out: NestedObject[]): void {
  if (Array.isArray(source)) {
    for (const element of source as readonly unknown[]) collectObjects(element, path, out);
    return;
  }
  if (!isObject(source)) return;
  for (const [name, value] of Object.entries(source)) {
    if (name === path) collectPlain(value, out);
    else if (name.startsWith(`${path}.`))
      out.push({ object: { [name.slice(path.length + 1)]: value }, isDotted: true });
    else if (path.startsWith(`${name}.`)) collectObjects(value, path.slice(name.length + 1), out);
  }
}

function collectPlain(value: unknown, out: NestedObject[]): void {
  const objects: unknown[] = [];
  collectRaw(value, [], 0, objects);
  for (const object of objects) out.push({ object, isDotted: false });
}

function toDocument(
  parent: SearchDocument,
  path: string,
  segments: readonly string[],
  { object, isDotted }: NestedObject,
  offset: number,
): NestedDocument {
  const { index, id, seqNo, version, primaryTerm } = parent;
  const source = segments.reduceRight((value: unknown, name) => ({ [name]: value }), object);
  return { index, id, seqNo, version, primaryTerm, source, parent, path, offset, object, isDotted };
}

/** Counts the nested objects of documents, which the server keeps as documents of their own. */
export function nestedCounter(mappings: FieldMappings): (document: SearchDocument) => number {
  const paths = [...(mappings.fieldNames?.() ?? [])].filter(
    (name) => mappings.find(name)?.type === "nested",
  );
  return (document) =>
    paths.reduce((sum, path) => sum + nestedDocuments(mappings, document, path).length, 0);
}

/** The place of a document in its shard; its nested objects stand before it. */
export function placeIn(
  documents: Iterable<SearchDocument>,
  mappings: FieldMappings,
  document: SearchDocument,
): number {
  const nested = nestedCounter(mappings);
  let place = 0;
  for (const other of documents) {
    place += nested(other);
    if (other === document) return place;
    place++;
  }
  return 0;
}

/** All nested objects of the documents of a shard. */
export function nestedCorpus(
  context: SearchContext,
  path: string,
): Iterable<SearchDocument> | undefined {
  return nestedIn(context.corpus, context, path);
}

/** The nested objects at a path in the documents of a shard that the caller sees. */
export function shownNested(context: SearchContext, path: string): Iterable<SearchDocument> {
  const { corpus, documents = corpus } = context;
  return nestedIn(documents, context, path) ?? [];
}

/** What the nested objects of the documents of a shard are searched with. */
export function nestedScope(
  context: SearchContext,
  path: string,
): Pick<SearchContext, "corpus" | "nestedPath" | "roots" | "statistics"> {
  const { corpus, roots = corpus, statistics } = context;
  return {
    roots,
    corpus: nestedIn(corpus, context, path),
    statistics: nestedIn(statistics, context, path),
    nestedPath: path,
  };
}

function nestedIn(
  documents: Iterable<SearchDocument> | undefined,
  { mappings, nestedPath }: SearchContext,
  path: string,
): Iterable<SearchDocument> | undefined {
  if (documents === undefined) return undefined;
  return {
    *[Symbol.iterator]() {
      for (const document of documents)
        yield* nestedDocuments(mappings, document, path, nestedPath);
    },
  };
}
