import { cursorKinds, type CursorKind } from "../cursor-digest.ts";
import { inside, Shape, shape } from "../shape.ts";
import { code } from "./request-codes.ts";
import type { LookupFact, NameKind, NameUse } from "./request-facts.ts";

/** Parts of requests that occur in several of them. */

export const lookupKinds: readonly LookupFact["kind"][] = [
  "terms",
  "more_like_this",
  "indexed_shape",
  "percolate",
  "pinned",
  "runtime_field",
];

interface NameRole {
  readonly kind: NameKind;
  readonly use: NameUse;
}

/** By code less `code.name`. */
export const nameRoles: NameRole[] = [];

/**
 * The shape of names, each a value or in a list.
 *
 * @param inner shape of the members of an object whose members have such names
 */
export function named(kind: NameKind, use: NameUse, inner?: Shape): Shape {
  let role = nameRoles.findIndex((known) => known.kind === kind && known.use === use);
  if (role < 0) role = nameRoles.push({ kind, use }) - 1;
  const names = shape(code.name + role);
  return inner === undefined ? names : names.named(inner);
}

export function cursor(kind: CursorKind): Shape {
  return shape(code.cursor + cursorKinds.indexOf(kind));
}

/**
 * A query, or anything with queries in it. Names that users choose (fields, filters, aggregations)
 * stand between the words of the language, so that nothing is passed over for its name: an object
 * with `index` and `id` is a lookup wherever it stands.
 */
export const query = new Shape(code.query);
const lookups = lookupKinds.map((_kind, at) => new Shape(code.lookup + at));
const moreLikeThis = new Shape(code.query);
const pinned = new Shape(code.query);
const wrapper = new Shape(code.query);
const queryMembers = {
  "index _index": shape(code.lookupIndex),
  "id _id": shape(code.lookupId),
  target_index: shape(code.targetIndex),
  more_like_this: moreLikeThis,
  pinned,
  indexed_shape: lookup("indexed_shape"),
  percolate: lookup("percolate"),
  wrapper,
};
for (const one of [query, moreLikeThis, pinned, wrapper, ...lookups])
  one.with(queryMembers).others(query);
moreLikeThis.with({ "like unlike": lookup("more_like_this") });
pinned.with({ docs: lookup("pinned") });
wrapper.with({ query: query.copy(code.wrapped) });

function lookup(kind: LookupFact["kind"]): Shape {
  return lookups[lookupKinds.indexOf(kind)] ?? query;
}

/** Body of an aggregation, and what stands in it. */
const aggregationBody = query.copy();
const aggregationField = query.copy(code.aggregationField).others(aggregationBody);
aggregationBody.with({ "field fields": aggregationField }).others(aggregationBody);
const aggregations = shape(code.aggregations);
const aggregation = shape(code.aggregation, {
  "aggs aggregations": aggregations,
  // They count documents and tell no values; their queries name fields, too.
  "filter filters adjacency_matrix meta": query,
}).named(aggregationBody);
aggregations.named(aggregation);

const suggestion = inside({
  "completion term phrase": query.copy().with({ field: shape(code.suggestionField) }),
}).others(query);

/** What a search body has beside queries. */
const searchMembers = {
  "aggs aggregations": aggregations,
  script_fields: shape(code.scriptFields).named(query),
  runtime_mappings: shape(code.runtimeFields).named(query),
  suggest: shape(code.suggestions).named(suggestion),
  indices_boost: named("index", "name", query),
  pit: inside({ id: cursor("point_in_time") }),
  size: shape(code.size),
  from: shape(code.from),
  search_after: shape(code.searchAfter),
};

/** The body of a search, and of all calls that take a query. */
export const searchBody = query.copy().with(searchMembers);

/** A search that is a stored template or a text of one. */
export const templateBody = inside({
  id: named("template", "read"),
  source: searchBody.copy(code.template),
});
