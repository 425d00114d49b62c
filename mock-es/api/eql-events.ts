/** What EQL reads: the fields of indices, their events in order, and the values in them. */
import type { Binding } from "../eql/condition.ts";
import { compareOrdinals, type Ordinal } from "../eql/sequences.ts";
import type { Constant } from "../eql/syntax.ts";
import { type EqlField, type EqlFields, typeOfField } from "../eql/values.ts";
import { EsError, notSupported } from "../es-error.ts";
import { isObject, textOf } from "../json/json-value.ts";
import type { SearchContext } from "../search/fields/document.ts";
import { resolveField } from "../search/fields/field.ts";
import { createReader } from "../search/fields/reader.ts";
import type { IndexedValue } from "../search/fields/value.ts";
import { shardFailure } from "../search/problem.ts";
import { compileQuery } from "../search/queries/query.ts";
import { checkRuntimeFields, withRuntimeFields } from "../search/runtime-fields.ts";
import { contextOf } from "../search/shard-search.ts";
import type { Cluster } from "../store/cluster.ts";
import type { StoredDocument } from "../store/stored-document.ts";
import { ipText } from "../values/ip-address.ts";
import { matchingDocuments, surroundings } from "./search-run.ts";
import type { ScopeShard, SearchScope } from "./search-scope.ts";

/** An event. */
export interface EqlEvent {
  readonly document: StoredDocument;
  readonly shard: ScopeShard;
  readonly ordinal: Ordinal;
}

/** The fields of a request that order events. */
export interface OrderFields {
  readonly timestamp: string;
  readonly tiebreaker: string | undefined;
}

/** Shards with the runtime fields of a request. */
export function withRequestFields(
  cluster: Cluster,
  scope: SearchScope,
  given: unknown,
): SearchScope {
  if (given === undefined) return scope;
  if (!isObject(given)) throw notSupported(`[runtime_mappings: ${textOf(given)}] in EQL`);
  const { nowMs, findScript } = surroundings(cluster);
  const shards = scope.shards.map((shard) => {
    const { index } = shard;
    const refuse = (reason: string): Error =>
      shardFailure(index, "mapper_parsing_exception", reason);
    checkRuntimeFields(given, refuse, false);
    const around = { index, nowMs, refuse, ...(findScript && { findScript }) };
    return { ...shard, mappings: withRuntimeFields(shard.mappings, given, around) };
  });
  return { ...scope, shards };
}

/** The fields of all shards together. */
export function eqlFields({ shards }: SearchScope): EqlFields {
  const mappings = [...new Map(shards.map((shard) => [shard.state, shard.mappings])).values()];
  const names = new Set(mappings.flatMap((each) => [...(each.fieldNames?.() ?? [])]));
  const find = (name: string): EqlField | "conflict" | undefined => {
    const found = mappings.flatMap((each) => {
      const node = each.find(name);
      const path = node?.type === "alias" ? textOf(node.parameters["path"]) : name;
      const target = path === name ? node : each.find(path);
      return target === undefined ? [] : [{ type: target.type, path, mappings: each }];
    });
    const [first] = found;
    if (first === undefined) return undefined;
    if (found.some(({ type }) => type !== first.type)) return "conflict";
    const { path, type } = first;
    const nested = nestedAround(first.mappings, path);
    const isText = type === "text" || type === "match_only_text";
    const exact = isText ? keywordOf(names, first.mappings, path) : path;
    return { type, exact, nested };
  };
  const isValue = (name: string): boolean => {
    const found = find(name);
    return found !== undefined && found !== "conflict" && typeOfField(found.type) !== undefined;
  };
  return { find, names: [...names].filter(isValue) };
}

function nestedAround(mappings: ScopeShard["mappings"], name: string): string | undefined {
  for (let dot = name.indexOf("."); dot > 0; dot = name.indexOf(".", dot + 1))
    if (mappings.find(name.slice(0, dot))?.type === "nested") return name.slice(0, dot);
  return undefined;
}

/** The one keyword of a text. */
function keywordOf(
  names: ReadonlySet<string>,
  mappings: ScopeShard["mappings"],
  text: string,
): string | undefined {
  const parts = [...names].filter((name) => {
    if (!name.startsWith(`${text}.`)) return false;
    const field = mappings.find(name);
    return field?.type === "keyword" && field.parameters["normalizer"] === undefined;
  });
  return parts.length === 1 ? parts[0] : undefined;
}

/** Reads the values of a field, as conditions compare them and keys show them. */
export function valueReader(
  context: SearchContext,
  name: string,
): (document: StoredDocument) => readonly Constant[] {
  const field = resolveField(context, name);
  if (field === undefined) return () => [];
  const read = createReader(field);
  const show = (value: IndexedValue): Constant => {
    if (field.kind === "boolean") return value === 1;
    if (field.kind === "ip") return ipText(String(value));
    if (typeof value !== "bigint") return value;
    throw notSupported(`the number [${value}] in EQL`);
  };
  return (document) => read(document).map(show);
}

/** How conditions are asked of the documents of a shard. */
export function bindShard(cluster: Cluster, shard: ScopeShard): Binding<StoredDocument> {
  const context = contextOf(shard, surroundings(cluster), 0);
  const { nowMs } = surroundings(cluster);
  const { index, mappings, limits } = shard;
  return {
    query(query) {
      const options = { index, nowMs, ...(limits === undefined ? {} : { limits }) };
      const score = compileQuery(query, mappings, options);
      return (document) => score(document) >= 0;
    },
    values: (field) => valueReader(context, field),
  };
}

/** All events that fit a filter, in their order. */
export function readEvents(
  cluster: Cluster,
  scope: SearchScope,
  order: OrderFields,
  filter: unknown,
): EqlEvent[] {
  const readers = new Map(
    scope.shards.map((shard) => {
      const context = contextOf(shard, surroundings(cluster), 0);
      return [shard, orderReader(context, order)] as const;
    }),
  );
  const found = matchingDocuments(cluster, scope, filter ?? { match_all: {} });
  return [...found]
    .flatMap(({ document, shard }, place): EqlEvent[] => {
      const read = readers.get(shard);
      return read === undefined ? [] : [{ document, shard, ordinal: read(document, place) }];
    })
    .sort((a, b) => compareOrdinals(a.ordinal, b.ordinal));
}

/** Nanoseconds of a millisecond. */
const nsPerMs = 1_000_000n;
/** Before all others: of an event without a time. */
const noTime = -(2n ** 80n);

function orderReader(
  context: SearchContext,
  { timestamp, tiebreaker }: OrderFields,
): (document: StoredDocument, place: number) => Ordinal {
  const field = resolveField(context, timestamp);
  if (field !== undefined && field.kind !== "date")
    throw notSupported(`the field [${timestamp}] of type [${field.type}] as the time of events`);
  const times = field === undefined ? undefined : createReader(field);
  const factor = field?.type === "date_nanos" ? 1n : nsPerMs;
  const ties = tiebreaker === undefined ? undefined : valueReader(context, tiebreaker);
  return (document, place) => {
    const [time] = times?.(document) ?? [];
    const value = time === undefined ? noTime : BigInt(time) * factor;
    return { timestamp: value, tiebreaker: ties?.(document)[0] ?? null, place };
  };
}

/**
 * 404 for indices that are not there.
 *
 * @param expression as the request names them
 */
export function unknownIndex(expression: string): EsError {
  const cause = {
    type: "verification_exception",
    reason: `Found 1 problem\nline -1:-1: Unknown index [${expression}]`,
  };
  return new EsError(404, "index_not_found_exception", `no such index [${expression}]`, {
    root_cause: [cause],
    index_uuid: "_na_",
    index: expression,
    caused_by: cause,
  });
}
