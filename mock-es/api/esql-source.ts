/** Rows of indices, for FROM. */
import { refuseViews } from "../store/index-view.ts";
import { EsError } from "../es-error.ts";
import { jsonText, textOf } from "../json/json-value.ts";
import type { Source } from "../esql/plan/query.ts";
import type { Analysis, Attribute } from "../esql/plan/analysis.ts";
import type { Command } from "../esql/syntax/syntax.ts";
import type { DataType } from "../esql/values/types.ts";
import { type Cell, cellOf, compareScalars, type Row, type Scalar } from "../esql/values/value.ts";
import { pointText } from "../esql/values/point.ts";
import type { SearchContext } from "../search/fields/document.ts";
import { type Field, isObjectType, resolveField } from "../search/fields/field.ts";
import { pointValues, toGeoPoint } from "../search/fields/geo-point.ts";
import { collectGiven, createReader } from "../search/fields/reader.ts";
import { keptSource } from "../search/fetch/source-filter.ts";
import { compileQuery } from "../search/queries/query.ts";
import type { Cluster } from "../store/cluster.ts";
import {
  type ResolvedIndex,
  resolveTargets,
  searchIndexOptions,
} from "../store/index-expression.ts";
import { invalidIndexName } from "../store/index-name.ts";
import type { IndexState } from "../store/index-state.ts";
import type { StoredDocument } from "../store/stored-document.ts";
import { type Match, matchingDocuments, surroundings } from "./search-run.ts";
import { limitsOf, scopeOf } from "./search-scope.ts";

type From = Extract<Command, { kind: "from" }>;

/** Reads the values of one column from a document. */
type CellReader = (document: StoredDocument) => Cell;

const types: Readonly<Record<string, DataType>> = {
  byte: "integer",
  short: "integer",
  integer: "integer",
  long: "long",
  unsigned_long: "unsigned_long",
  double: "double",
  float: "double",
  half_float: "double",
  scaled_float: "double",
  keyword: "keyword",
  constant_keyword: "keyword",
  wildcard: "keyword",
  text: "text",
  match_only_text: "text",
  date: "datetime",
  date_nanos: "date_nanos",
  boolean: "boolean",
  ip: "ip",
  geo_point: "geo_point",
};

/** Types of numbers that are kept with fewer digits than the language has. */
const roundedTypes: ReadonlySet<string> = new Set(["float", "half_float", "scaled_float"]);

/**
 * Opens the indices that a command names.
 *
 * @param filter a query that documents have to fit; `undefined` for none
 */
export function openSource(
  cluster: Cluster,
  command: From,
  analysis: Analysis,
  filter: unknown,
): Source {
  const targets = targetsOf(cluster, command, analysis);
  const indices = targets.map(({ index }) => index);
  refuseViews(cluster, indices, "ES|QL and SQL");
  const columns = [...fieldColumns(indices), ...metadataColumns(command, analysis)];
  const hidden: Attribute = { name: "", type: "integer", isHidden: true };
  let found: readonly Match[] | undefined;
  const matches = (): readonly Match[] =>
    (found ??= [
      ...matchingDocuments(cluster, scopeOf(cluster, targets), filter ?? { match_all: {} }),
    ]);
  return {
    columns: [...columns, hidden],
    rows() {
      const readers = new Map(indices.map((index) => [index, readersOf(index, columns)]));
      return matches().map(({ shard, document }, at): Row => [
        ...(readers.get(shard.state) ?? []).map((read) => read(document)),
        at,
      ]);
    },
    search: (query) => searcher(cluster, indices, matches, query),
  };
}

function targetsOf(cluster: Cluster, command: From, analysis: Analysis): ResolvedIndex[] {
  const wrong = command.indices.split(",").find((name) => name.startsWith("-_"));
  if (wrong !== undefined) throw invalidIndexName(wrong.slice(1), "must not start with '_'.");
  const unknown = `Unknown index [${command.indices}]`;
  try {
    const targets = resolveTargets(cluster, command.indices, searchIndexOptions);
    checkFields(cluster, targets);
    if (targets.length > 0) return targets;
  } catch (error) {
    if (!(error instanceof EsError) || ![403, 404].includes(error.status)) throw error;
    const isAnyThere = command.indices.split(",").some((name) => isThere(cluster, name));
    if (isAnyThere) throw error;
  }
  analysis.fail(command, unknown);
  analysis.check();
  return [];
}

/** @throws {EsError} 403 to who may not see which fields there are */
function checkFields(cluster: Cluster, targets: readonly ResolvedIndex[]): void {
  const names = targets.flatMap(({ index, names: led }) => led ?? [index.name]);
  cluster.access?.check(names, "indices:data/read/field_caps[n]");
}

function isThere(cluster: Cluster, name: string): boolean {
  try {
    return resolveTargets(cluster, name, searchIndexOptions).length > 0;
  } catch {
    return false;
  }
}

/** Fields of all indices by name; those of several types, or of other ones, are `unsupported`. */
export function fieldColumns(indices: readonly IndexState[]): Attribute[] {
  const found = new Map<string, Set<string>>();
  const readAnew = new Set<string>();
  const unindexed = new Set<string>();
  for (const index of indices) {
    const mappings = index.mappings.searched(index.name);
    for (const name of mappings.fieldNames?.() ?? []) {
      const node = mappings.find(name);
      if (node === undefined || isObjectType(node.type) || isNested(index.mappings, name)) continue;
      const target = node.type === "alias" ? mappings.find(textOf(node.parameters["path"])) : node;
      const type = target?.type ?? "unknown";
      if (roundedTypes.has(type) || target?.parameters["normalizer"] !== undefined)
        readAnew.add(name);
      if (target?.parameters["index"] === false) unindexed.add(name);
      const known = found.get(name);
      if (known === undefined) found.set(name, new Set([type]));
      else known.add(type);
    }
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, mapped]): Attribute => {
      const own = new Set(
        [...mapped].map((type) => (Object.hasOwn(types, type) ? types[type] : undefined)),
      );
      const [type] = own;
      return own.size === 1 && type !== undefined
        ? {
            name,
            type,
            field: name,
            isReadAnew: readAnew.has(name),
            isUnindexed: unindexed.has(name),
          }
        : { name, type: "unsupported", originalTypes: [...mapped].sort() };
    });
}

/** Fields of nested objects are of documents of their own, which FROM does not read. */
function isNested(mappings: IndexState["mappings"], name: string): boolean {
  for (let dot = name.lastIndexOf("."); dot > 0; dot = name.lastIndexOf(".", dot - 1))
    if (mappings.find(name.slice(0, dot))?.type === "nested") return true;
  return false;
}

/** Metadata that can be asked for behind FROM. */
const metadataNames: ReadonlySet<string> = new Set(
  "_index _id _version _score _source _ignored _index_mode _tier _tsid _size".split(" "),
);

const metadataTypes: Readonly<Record<string, DataType>> = {
  _id: "keyword",
  _index: "keyword",
  _version: "long",
  _ignored: "keyword",
  _source: "_source",
};

function metadataColumns(command: From, analysis: Analysis): Attribute[] {
  for (const { name, start } of command.metadata) {
    if (metadataNames.has(name)) continue;
    analysis.fail(command, `unresolved metadata fields: [?${name}]`);
    analysis.fail({ start }, `Unresolved metadata pattern [${name}]`);
    analysis.check();
  }
  return command.metadata.map((at): Attribute => {
    const type = metadataTypes[at.name];
    if (type === undefined) throw analysis.unsupported(at, `the metadata field [${at.name}]`);
    return { name: at.name, type };
  });
}

export function readersOf(index: IndexState, columns: readonly Attribute[]): CellReader[] {
  const context: SearchContext = {
    mappings: index.mappings.searched(index.name),
    index: index.name,
    nowMs: 0,
    corpus: undefined,
    isScored: false,
    nestedPath: undefined,
    limits: index.settings.searchLimits,
  };
  return columns.map((column): CellReader => {
    if (column.name === "_source" && column.type === "_source") {
      const kept = keptSource(index.mappings);
      return (document) => {
        const source = kept(document.source);
        return source === undefined ? null : jsonText(source);
      };
    }
    if (column.type === "unsupported") return () => null;
    const field = resolveField(context, column.name);
    return field === undefined
      ? () => null
      : cellReader(field, column.type, keywordOf(index.mappings, context, field));
  });
}

/** The keyword field from which the values of a text field are read, where there is one. */
function keywordOf(
  mappings: IndexState["mappings"],
  context: SearchContext,
  { name, type, parameters }: Field,
): Field | undefined {
  if (type !== "text") return undefined;
  const serves = (keyword: string): Field | undefined => {
    const found = mappings.find(keyword)?.type === "keyword";
    const field = found ? resolveField(context, keyword) : undefined;
    if (field === undefined || field.parameters["normalizer"] !== undefined) return undefined;
    return field.hasDocValues || field.parameters["store"] === true ? field : undefined;
  };
  if (parameters["store"] !== true)
    for (const part of mappings.find(name)?.fields.keys() ?? []) {
      const found = serves(`${name}.${part}`);
      if (found !== undefined) return found;
    }
  return serves(name.slice(0, Math.max(name.lastIndexOf("."), 0)));
}

function cellReader(field: Field, type: DataType, keyword: Field | undefined): CellReader {
  if (type === "geo_point") return pointReader(field);
  const read = createReader(field);
  const isText = type === "text" || !field.hasDocValues;
  return (document) => {
    const values = read(document).map((value) => scalarOf(type, value));
    if (values.length < 2) return values[0] ?? null;
    // Of a keyword that leaves out what is too long, nothing is read where it left something out.
    const isWhole = values.every(
      (value) => (value as string).length <= (keyword?.ignoreAbove ?? 0),
    );
    if (type === "text" && keyword !== undefined && isWhole)
      return cellOf([...new Set(values.sort((a, b) => compareScalars("keyword", a, b)))]);
    if (isText && field.name !== "_id") return cellOf(values);
    const sorted = values.sort((a, b) => compareScalars(type, a, b));
    // Keywords and addresses are kept once each, in their order.
    return cellOf(type === "keyword" || type === "ip" ? [...new Set(sorted)] : sorted);
  };
}

/** A value of the index as the language has it. */
function scalarOf(type: DataType, value: string | number | bigint): Scalar {
  switch (type) {
    case "boolean":
      return value === 1;
    case "long":
    case "unsigned_long":
    case "date_nanos":
      return BigInt(value);
    default:
      return value;
  }
}

function pointReader(field: Field): CellReader {
  return (document) => {
    const points: string[] = [];
    for (const { path } of field.places) {
      const given: unknown[] = [];
      collectGiven(document.source, path, 0, given);
      for (const value of given.flatMap(pointValues)) {
        const { lon, lat } = toGeoPoint(value);
        points.push(pointText(lon, lat));
      }
    }
    return cellOf(points);
  };
}

function searcher(
  cluster: Cluster,
  indices: readonly IndexState[],
  matches: () => readonly Match[],
  query: Record<string, unknown>,
): (document: number) => boolean {
  const context = surroundings(cluster);
  const scores = new Map(
    indices.map((index) => [
      index,
      compileQuery(query, index.mappings.searched(index.name), {
        index: index.name,
        nowMs: context.nowMs,
        limits: limitsOf(cluster, index),
      }),
    ]),
  );
  return (at) => {
    const match = matches()[at];
    if (match === undefined) return false;
    return (scores.get(match.shard.state)?.(match.document) ?? -1) >= 0;
  };
}
