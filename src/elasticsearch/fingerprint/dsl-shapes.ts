/** The query DSL, as far as a fingerprint must know it: where names stand and what has no order. */
import type { Buffer } from "node:buffer";

import { RecentNames } from "../body/recent-names.ts";

/** How the elements of an array are written. */
export type ListOrder =
  /** Each different element once, sorted: values and names, of which any number may stand there. */
  | "set"
  /** All, sorted: clauses whose order means nothing. */
  | "bag"
  /** All, in their order. */
  | "sequence";

/** What is known of one kind of value in a body. */
export interface Shape {
  /** Strings, numbers and literals stay; else they become `?`. */
  readonly keepsScalars: boolean;
  readonly order: ListOrder;
  /** A single element means the same as an array of one, and is written so. */
  readonly isList: boolean;
  /** Keys of objects are chosen freely and go: `{"errors": …}` as a named filter. */
  readonly dropsKeys: boolean;
  /** The member with the key `bytes[start, end)`, UTF-8. */
  member(bytes: Buffer, start: number, end: number): ShapeMember;
}

/** A member of an object. */
export interface ShapeMember {
  readonly key: string;
  /** The key as it stands in a form, with a colon. */
  readonly keyForm: string;
  /** Undefined: the member is left out. */
  readonly shape: Shape | undefined;
}

interface ShapeSpec {
  readonly scalars?: "kept";
  readonly order?: ListOrder;
  readonly single?: "list";
  readonly keys?: "dropped";
  /** Key → name of a shape; `-` leaves the member out. */
  readonly members?: Readonly<Record<string, string>>;
  /** Shape of all other members; `value` unless said. */
  readonly rest?: string;
}

/** Members of a search and of everything that is configured like one. */
const searchMembers = {
  query: "query",
  post_filter: "query",
  filter: "clauses",
  index_filter: "query",
  aggs: "aggregations",
  aggregations: "aggregations",
  sort: "sort",
  _source: "names",
  fields: "names",
  field: "name",
  docvalue_fields: "names",
  stored_fields: "names",
  highlight: "highlight",
  knn: "knn",
  retriever: "retriever",
  rescore: "rescore",
  collapse: "collapse",
  suggest: "suggest",
  runtime_mappings: "runtimeFields",
  inner_hits: "search",
  // Pages of one query have one fingerprint.
  from: "-",
  search_after: "-",
} as const;

/** Beside a field there may be values: its format, patterns of what to take. */
const namesMembers = { format: "value", include: "value", exclude: "value" } as const;

const specs: Readonly<Record<string, ShapeSpec>> = {
  value: {},
  name: { scalars: "kept", rest: "fieldReference" },
  names: { scalars: "kept", single: "list", rest: "names", members: namesMembers },
  fieldReference: { members: { field: "name" } },

  search: { members: searchMembers },
  request: {
    members: {
      ...searchMembers,
      id: "name",
      index: "names",
      source: "reindexSource",
      dest: "reindexSource",
      script: "script",
      docs: "documents",
      vertices: "graphVertices",
      connections: "graph",
    },
  },
  language: { members: { query: "text", filter: "query" }, rest: "-" },
  text: { scalars: "kept" },
  reindexSource: { members: { ...searchMembers, index: "names" } },
  documents: { members: { _index: "name", _source: "names", stored_fields: "names" } },
  graph: { members: { query: "query", vertices: "graphVertices", connections: "graph" } },
  graphVertices: { order: "bag", members: { field: "name" } },

  sort: { scalars: "kept", order: "sequence", single: "list", rest: "sortField" },
  sortField: {
    scalars: "kept",
    rest: "value",
    members: { order: "name", nested: "sortNested", nested_path: "name", mode: "name" },
  },
  sortNested: { members: { path: "name", filter: "query", nested: "sortNested" } },
  highlight: { members: { fields: "highlightFields", highlight_query: "query" } },
  highlightFields: { rest: "highlightField" },
  highlightField: { members: { highlight_query: "query", matched_fields: "names" } },
  collapse: { members: { field: "name", inner_hits: "search", collapse: "collapse" } },
  rescore: { order: "sequence", single: "list", members: { query: "rescoreQuery" } },
  rescoreQuery: { members: { rescore_query: "query" } },
  knn: { order: "bag", single: "list", members: { ...searchMembers, filter: "clauses" } },
  suggest: { rest: "suggester" },
  suggester: { rest: "suggesterType", members: { text: "value", prefix: "value", regex: "value" } },
  suggesterType: { members: { field: "name", direct_generator: "graphVertices" } },
  runtimeFields: { rest: "runtimeField" },
  runtimeField: {
    members: {
      type: "name",
      target_index: "name",
      input_field: "name",
      target_field: "name",
      fetch_fields: "names",
    },
  },
  script: { members: { id: "name" } },

  retriever: { order: "sequence", rest: "retrieverType" },
  retrieverType: {
    members: {
      ...searchMembers,
      retrievers: "retrieverList",
      docs: "documents",
      type: "name",
    },
  },
  retrieverList: { order: "sequence", rest: "retrieverType", members: { retriever: "retriever" } },

  clauses: { order: "bag", single: "list", rest: "queryType", members: queryTypes() },
  clauseSequence: { order: "sequence", rest: "queryType", members: queryTypes() },
  namedClauses: { order: "bag", keys: "dropped", rest: "query" },
  query: { rest: "queryType", members: queryTypes() },
  /** A query that is not in the table: any clause may hold queries and names of fields. */
  queryType: { members: { query: "query", filter: "clauses", field: "name", fields: "names" } },
  bool: {
    members: { must: "clauses", filter: "clauses", should: "clauses", must_not: "clauses" },
  },
  compound: {
    members: {
      query: "query",
      filter: "query",
      positive: "query",
      negative: "query",
      organic: "query",
      queries: "clauses",
      functions: "scoreFunctions",
      field: "name",
      path: "name",
      type: "name",
      parent_type: "name",
      inner_hits: "search",
      docs: "documents",
      gauss: "fieldMap",
      linear: "fieldMap",
      exp: "fieldMap",
      field_value_factor: "fieldReference",
      random_score: "fieldReference",
      script: "script",
    },
  },
  scoreFunctions: {
    order: "sequence",
    members: {
      filter: "query",
      gauss: "fieldMap",
      linear: "fieldMap",
      exp: "fieldMap",
      field_value_factor: "fieldReference",
      random_score: "fieldReference",
    },
  },
  span: {
    members: {
      query: "query",
      match: "query",
      include: "query",
      exclude: "query",
      big: "query",
      little: "query",
      clauses: "clauseSequence",
      field: "name",
    },
  },
  spanOr: { members: { clauses: "clauses" } },
  /** `{field: value}` or `{field: {parameters}}`: keys are fields, never parameters. */
  fieldMap: { rest: "value" },
  terms: { rest: "termsLookup" },
  termsLookup: { members: { index: "name", path: "name", minimum_should_match_field: "name" } },
  shapes: { rest: "indexedShape" },
  indexedShape: { members: { indexed_shape: "termsLookup" } },
  intervals: { rest: "intervalRule" },
  intervalRule: { order: "sequence", rest: "intervalRule", members: { use_field: "name" } },
  textQuery: {
    members: { fields: "names", default_field: "name", type: "name", field: "name" },
  },
  moreLikeThis: { members: { fields: "names", like: "documents", unlike: "documents" } },
  percolate: { members: { field: "name", index: "name" } },
  vector: { members: { field: "name", filter: "clauses", inner_hits: "search" } },

  aggregations: { rest: "aggregation" },
  aggregation: {
    rest: "aggregationType",
    members: {
      aggs: "aggregations",
      aggregations: "aggregations",
      filter: "query",
      filters: "filtersAggregation",
      adjacency_matrix: "filtersAggregation",
      top_hits: "search",
      meta: "value",
    },
  },
  filtersAggregation: { members: { filters: "namedClauses" } },
  aggregationType: {
    members: {
      field: "name",
      fields: "names",
      path: "name",
      type: "name",
      buckets_path: "paths",
      sort: "sort",
      filter: "query",
      background_filter: "query",
      sources: "compositeSources",
      terms: "aggregationOperands",
      metrics: "aggregationOperands",
      value: "aggregationType",
      weight: "aggregationType",
      a: "aggregationType",
      b: "aggregationType",
      after: "-",
    },
  },
  paths: { scalars: "kept", rest: "name" },
  compositeSources: { order: "sequence", rest: "compositeSource" },
  compositeSource: { rest: "aggregationType" },
  aggregationOperands: { order: "sequence", members: { field: "name" } },
};

/** Query type → shape of what it holds. */
function queryTypes(): Record<string, string> {
  const types: Record<string, string> = {
    bool: "bool",
    intervals: "intervals",
    terms: "terms",
    terms_set: "terms",
    more_like_this: "moreLikeThis",
    percolate: "percolate",
    span_or: "spanOr",
  };
  const add = (shape: string, names: string): void => {
    for (const name of names.split(" ")) types[name] = shape;
  };
  add("fieldMap", "term match match_phrase match_phrase_prefix match_bool_prefix prefix wildcard");
  add("fieldMap", "regexp fuzzy range geo_distance geo_bounding_box geo_polygon geo_grid common");
  add("fieldMap", "span_term text_expansion weighted_tokens");
  add("shapes", "geo_shape shape");
  add("compound", "constant_score dis_max boosting function_score script_score script nested");
  add("compound", "has_child has_parent parent_id pinned rule rule_query exists distance_feature");
  add("compound", "rank_feature semantic");
  add("span", "span_near span_not span_first span_containing span_within span_multi");
  add("span", "field_masking_span span_field_masking");
  add("textQuery", "multi_match combined_fields query_string simple_query_string");
  add("vector", "knn sparse_vector");
  add("value", "match_all match_none ids wrapper");
  return types;
}

const bareKey = /^[\w.@*-]+$/;

class LinkedShape implements Shape {
  readonly keepsScalars: boolean;
  readonly order: ListOrder;
  readonly isList: boolean;
  readonly dropsKeys: boolean;
  readonly #members = new Map<string, Shape | undefined>();
  /** Spares a string for each key: the same ones come again and again. */
  readonly #recent = new RecentNames<ShapeMember>();
  #rest: Shape | undefined = undefined;

  constructor({ scalars, order, single, keys }: ShapeSpec) {
    this.keepsScalars = scalars === "kept";
    this.order = order ?? "set";
    this.isList = single === "list";
    this.dropsKeys = keys === "dropped";
  }

  link({ members, rest }: ShapeSpec, shapes: ReadonlyMap<string, Shape>): void {
    const find = (name: string): Shape | undefined =>
      name === "-" ? undefined : found(shapes, name);
    this.#rest = find(rest ?? "value");
    for (const [key, name] of Object.entries(members ?? {})) this.#members.set(key, find(name));
  }

  member(bytes: Buffer, start: number, end: number): ShapeMember {
    const recent = this.#recent.find(bytes, start, end);
    if (recent !== undefined) return recent.value;
    const key = bytes.toString("utf8", start, end);
    const shape = this.#members.has(key) ? this.#members.get(key) : this.#rest;
    const member = { key, keyForm: `${bareKey.test(key) ? key : JSON.stringify(key)}:`, shape };
    this.#recent.set(bytes, start, end, member);
    return member;
  }
}

function found(shapes: ReadonlyMap<string, Shape>, name: string): Shape {
  const shape = shapes.get(name);
  if (shape === undefined) throw new Error(`the query DSL has no shape ${name}`);
  return shape;
}

const linked = new Map(Object.entries(specs).map(([name, spec]) => [name, new LinkedShape(spec)]));
for (const [name, spec] of Object.entries(specs)) linked.get(name)?.link(spec, linked);

/** Body of a request in the query DSL. */
export const requestShape: Shape = found(linked, "request");
/** Body of an ES|QL, SQL or EQL request: the text of the query, and a filter in the query DSL. */
export const languageShape: Shape = found(linked, "language");
