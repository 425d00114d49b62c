/** What a hit shows of its document. */
import { illegalArgument, notSupported, validationFailed } from "../../es-error.ts";
import { doubleJson, floatJson } from "../../json/java-number.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { AddShown, InnerHits, SearchContext, SearchDocument } from "../fields/document.ts";
import type { NestedDocument } from "../fields/nested-documents.ts";
import type { Collapse } from "../collapse.ts";
import type { Highlighter } from "../highlight/highlight.ts";
import { shardFailure } from "../problem.ts";
import { rootOf } from "../fields/reader.ts";
import type { NamedQuery } from "../queries/compiled-query.ts";
import { NO_MATCH } from "../queries/compiled-query.ts";
import type { Sort, SortKey, SortValue, SortValueType } from "../sort/sort-key.ts";
import type { Candidate } from "../sort/top-candidates.ts";
import { compileFetchFields } from "./fetch-fields.ts";
import { compileDocvalueFields, compileStoredFields, type FieldValues } from "./field-values.ts";
import { compileScriptFields } from "./script-fields.ts";
import { compileSourceFilter, keptSource, type SourceFilter } from "./source-filter.ts";

/** A hit as Elasticsearch answers it. */
export interface SearchHit {
  readonly _shard?: string;
  readonly _node?: string;
  readonly _index: string;
  readonly _id?: string;
  /** Of a nested object: where it is in its document. */
  readonly _nested?: unknown;
  readonly _version?: number;
  readonly _seq_no?: number;
  readonly _primary_term?: number;
  /** A value that `JSON.stringify` writes as a float, or null. */
  readonly _score: unknown;
  readonly _ignored?: readonly string[];
  readonly _routing?: string;
  readonly _source?: unknown;
  readonly fields?: Readonly<Record<string, readonly unknown[]>>;
  readonly ignored_field_values?: Readonly<Record<string, readonly unknown[]>>;
  readonly highlight?: Readonly<Record<string, readonly string[]>>;
  readonly _explanation?: unknown;
  readonly sort?: readonly unknown[];
  readonly matched_queries?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly inner_hits?: Readonly<Record<string, unknown>>;
}

/** What a hit shows of how its score came about. */
export interface HitExplanation {
  readonly _shard: string;
  readonly _node: string;
  readonly _explanation: unknown;
}

/** What hits of one shard show, beside the body. */
export interface HitOptions {
  readonly sort: Sort;
  readonly hasScore: boolean;
  /** Queries with a name, which hits list when they match them. */
  readonly named: readonly NamedQuery[];
  /** Types that the sort values have over all shards; absent: those of the sort. */
  readonly valueTypes?: readonly SortValueType[];
  readonly highlight?: Highlighter | undefined;
  readonly collapse?: Collapse | undefined;
  /** What is shown of how scores came about. */
  readonly explain?: ((document: SearchDocument) => HitExplanation) | undefined;
  /** What is shown of nested objects that queries found. */
  readonly inner?: readonly InnerHits[];
  /** What queries add to the fields. */
  readonly shown?: readonly AddShown[];
  /** Of the aggregation. @default false */
  readonly isTopHits?: boolean;
}

/** What a search cannot ask for without stored fields. @throws {EsError} 400 */
function checkWithoutStored(body: JsonObject, isInner: boolean): void {
  const source = body["_source"];
  const problems: string[] = [];
  if (source !== undefined && source !== false && !isInner)
    problems.push("[stored_fields] cannot be disabled if [_source] is requested");
  if (body["fields"] !== undefined)
    problems.push("[stored_fields] cannot be disabled when using the [fields] option");
  if (problems.length > 0) throw validationFailed(...problems);
}

/** Elasticsearch's `SequenceNumbers.UNASSIGNED_SEQ_NO`. */
const unassignedSeqNo = -2;

/**
 * Compiles what a hit shows (`_source`, `fields`, `docvalue_fields`, `stored_fields`, `version`, …)
 * once for a search.
 */
export function compileHit(
  body: JsonObject,
  options: HitOptions,
  context: SearchContext,
): (candidate: Candidate) => SearchHit {
  const { sort, hasScore, named } = options;
  const stored = storedFields(body["stored_fields"]);
  const scripts = compileScriptFields(body["script_fields"], context);
  const showsSource =
    (stored === undefined && scripts === undefined) ||
    stored?.includes("_source") === true ||
    body["_source"] !== undefined;
  const kept = keptSource(context.mappings);
  const { sourceParts } = context.mappings;
  const isEnabled = sourceParts?.isEnabled !== false;
  const isInner = context.nestedPath !== undefined;
  if (!isEnabled && isSelection(body["_source"])) {
    throw shardFailure(
      context.index,
      "illegal_argument_exception",
      `unable to fetch fields from _source field: _source is disabled in the mappings for index [${context.index}]`,
    );
  }
  const wanted = compileSourceFilter(
    showsSource ? body["_source"] : false,
    context.mappings.hiddenFields,
  );
  const hidesId = stored?.includes("_none_") === true;
  if (hidesId && options.isTopHits !== true) checkWithoutStored(body, isInner);
  // Fields of an aggregation and highlights are made of sources, which bring it along.
  const showsId = !hidesId || body["fields"] !== undefined || body["highlight"] !== undefined;
  const fetched = compileFetchFields(body["fields"], context);
  const adders = [
    compileStoredFields(stored, context),
    compileDocvalueFields(body, context),
    scripts,
    ...(options.shown ?? []),
  ].filter((add) => add !== undefined);
  const showsVersion = isTrue(body["version"]);
  const showsSeqNo = isTrue(body["seq_no_primary_term"]);
  const showsNamedScores =
    context.showsNamedScores === true || isTrue(body["include_named_queries_score"]);
  const types = options.valueTypes ?? sort.keys.map((key) => key.valueType);

  return (candidate) => {
    const { document } = candidate;
    const root = rootOf(document);
    const object = isNested(document) ? nestedPlace(document) : undefined;
    const source = hidesId
      ? undefined
      : object === undefined
        ? sourceOf(document.source, kept, wanted)
        : isEnabled && isNested(document)
          ? wantedWithin(document, kept, wanted)
          : undefined;
    // Members stand in the order in which Elasticsearch writes them.
    const hit: { -readonly [Name in keyof SearchHit]?: SearchHit[Name] } = {
      _index: document.index,
    };
    if (showsId || object !== undefined) hit._id = document.id;
    if (object !== undefined) hit._nested = object.place;
    if (showsVersion) hit._version = document.version;
    if (showsSeqNo) {
      hit._seq_no = document.seqNo;
      hit._primary_term = document.primaryTerm;
    } else if (context.asksSeqNo === true) {
      hit._seq_no = unassignedSeqNo;
      hit._primary_term = 0;
    }
    hit._score = hasScore ? floatJson(candidate.score) : null;
    if (root.ignored !== undefined && showsId && object === undefined) hit._ignored = root.ignored;
    if (root.routing !== undefined && showsId) hit._routing = root.routing;
    if (source !== undefined) hit._source = source;
    const values: FieldValues = {};
    for (const add of adders) add(document, values);
    // What `fields` shows of a field stands in place of its doc values.
    if (fetched !== undefined) {
      const { fields, ignored } = fetched(document);
      Object.assign(values, fields);
      if (Object.keys(ignored).length > 0) hit.ignored_field_values = ignored;
    }
    const { collapse } = options;
    const group = collapse?.read(document);
    if (collapse !== undefined && group !== undefined)
      values[collapse.field] ??= [collapse.show(group)];
    if (Object.keys(values).length > 0) hit.fields = values;
    const highlighted = options.highlight?.(document);
    if (highlighted !== undefined) hit.highlight = highlighted;
    if (sort.isExplicit)
      hit.sort = sort.keys.map((key, at) => showSortValue(key, candidate.values[at], types[at]));
    if (options.explain !== undefined) Object.assign(hit, options.explain(document));
    if (named.length > 0) addMatched(hit, candidate, named, showsNamedScores);
    const { inner = [] } = options;
    if (inner.length > 0)
      hit.inner_hits = Object.fromEntries(inner.map((each) => [each.name, each.read(document)]));
    return hit as SearchHit;
  };
}

/** What a nested object shows, and where it is: its place within that of the object around it. */
function nestedPlace(document: NestedDocument): {
  readonly place: unknown;
  readonly source: unknown;
} {
  let around: SearchDocument = document.parent;
  let place: NestedPlace = { field: document.path, offset: document.offset };
  while (isNested(around)) {
    const { path, offset, parent } = around;
    const inner: NestedPlace = { ...place, field: place.field.slice(path.length + 1) };
    place = { field: path, offset, _nested: inner };
    around = parent;
  }
  return { place, source: document.object };
}

/** What is wanted of a nested object; filters name its fields by their full names. */
function wantedWithin(document: NestedDocument, kept: SourceFilter, wanted: SourceFilter): unknown {
  const { path, source } = document;
  const shown = kept(source);
  if (memberAt(shown, path) === undefined)
    throw notSupported("a hit of a nested object that the source does not keep");
  const part = wanted(shown);
  return part === undefined ? undefined : (memberAt(part, path) ?? {});
}

function memberAt(source: unknown, path: string): unknown {
  let member = source;
  for (const name of path.split(".")) member = isObject(member) ? member[name] : undefined;
  return member;
}

/** Where a nested object is. */
interface NestedPlace {
  readonly field: string;
  readonly offset: number;
  readonly _nested?: NestedPlace;
}

function isNested(document: SearchDocument): document is NestedDocument {
  return "object" in document;
}

/** True for a `_source` that names parts. */
function isSelection(value: unknown): boolean {
  return value !== undefined && typeof value !== "boolean";
}

function sourceOf(source: unknown, kept: SourceFilter, wanted: SourceFilter): unknown {
  const shown = kept(source);
  return shown === undefined ? undefined : wanted(shown);
}

function isTrue(value: unknown): boolean {
  return value === true || value === "true";
}

function addMatched(
  hit: { matched_queries?: SearchHit["matched_queries"] },
  { document }: Candidate,
  named: readonly NamedQuery[],
  showsScores: boolean,
): void {
  // Of several with one name the last one counts.
  const matched = [...new Map(named.map((each) => [each.name, each])).values()]
    .map(({ name, query }) => ({ name, score: query.score(document) }))
    .filter(({ score }) => score !== NO_MATCH);
  if (matched.length === 0) return;
  hit.matched_queries = showsScores
    ? Object.fromEntries(matched.map(({ name, score }) => [name, floatJson(score)]))
    : matched.map(({ name }) => name);
}

/** A long among doubles of other shards is shown as a double. */
function showSortValue(key: SortKey, value: SortValue, type: SortValueType | undefined): unknown {
  if (key.kind === "score" && typeof value === "number") return floatJson(value);
  if (type === "double" && key.valueType === "long" && value !== undefined)
    return doubleJson(Number(value));
  return key.show(value);
}

function storedFields(value: unknown): string[] | undefined {
  if (value === undefined) return undefined;
  const list = Array.isArray(value) ? (value as readonly unknown[]) : [value];
  if (list.includes("_none_") && list.length > 1) {
    throw illegalArgument("cannot combine _none_ with other fields");
  }
  return list.map(textOf);
}
