/** `has_child`, `has_parent` and `parent_id`: queries across the relations of a join field. */
import { illegalArgument, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { joinFieldOf, type JoinField, joinShard, type Joined } from "../fields/join-field.ts";
import { wholeNumber } from "../search-body.ts";
import { booleanSetting } from "./clause.ts";
import {
  boostOf,
  type Compile,
  type CompiledQuery,
  matchNone,
  NO_MATCH,
} from "./compiled-query.ts";
import { boosted } from "./compound-queries.ts";
import { addInnerHits } from "./inner-hits.ts";
import { queryShardRefusal, requireExpensive } from "./shard-problem.ts";
import { exactQuery } from "./term-query.ts";

function checkMembers(name: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (known.includes(key) || ["boost", "_name", "ignore_unmapped"].includes(key)) continue;
    throw parsingException(`[${name}] query does not support [${key}]`).at(body, key);
  }
}

function required(name: string, body: JsonObject, key: string): unknown {
  const value = body[key];
  if (value === undefined) throw illegalArgument(`[${name}] requires '${key}' field`);
  return value;
}

/**
 * The join field of an index that has a relation.
 *
 * @param role how the relation takes part
 * @returns `undefined` when there is none and the query says that it does not matter
 */
function fieldFor(
  query: string,
  relation: string,
  role: "child" | "parent",
  body: JsonObject,
  context: SearchContext,
): JoinField | undefined {
  const field = joinFieldOf(context.mappings);
  const isLenient = booleanSetting(body, "ignore_unmapped", false);
  if (field === undefined) {
    if (isLenient) return undefined;
    const reason =
      query === "parent_id"
        ? "[parent_id] no join field found for index [" + context.index + "]"
        : `[${query}] no join field has been configured`;
    throw queryShardRefusal(context, reason);
  }
  const isKnown =
    role === "child"
      ? field.parentOf.has(relation)
      : [...field.parentOf.values()].includes(relation);
  if (isKnown) return field;
  if (isLenient) return undefined;
  const reason =
    query === "parent_id"
      ? `[parent_id] no relation found for child [${relation}]`
      : `[${query}] join field [${field.name}] doesn't hold [${relation}] as a ${role}`;
  throw queryShardRefusal(context, reason);
}

const childMembers = ["type", "query", "score_mode", "min_children", "max_children", "inner_hits"];

/** `has_child`: parents of which enough children match. */
export function parseHasChild(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  requireExpensive(context, "[joining] queries");
  checkMembers("has_child", body, childMembers);
  const query = required("has_child", body, "query");
  const child = textOf(required("has_child", body, "type"));
  const mode = textOf(body["score_mode"] ?? "none").toLowerCase();
  if (!["none", "avg", "sum", "max", "min"].includes(mode))
    throw illegalArgument(`No score mode for child query [${mode}] found`);
  const least = wholeNumber("min_children", body["min_children"] ?? 1);
  const most = wholeNumber("max_children", body["max_children"] ?? maxChildren);
  if (least < 0) throw illegalArgument("[has_child] requires non-negative 'min_children' field");
  if (most < 0) throw illegalArgument("[has_child] requires non-negative 'max_children' field");
  if (most < least) throw illegalArgument("[has_child] 'max_children' is less than 'min_children'");
  const boost = boostOf("has_child", body);
  const field = fieldFor("has_child", child, "child", body, context);
  if (field === undefined) return matchNone;
  const isScored = context.isScored && mode !== "none";
  const inner = compile(query, { ...context, isScored, onNamed: undefined, onInner: undefined });
  const joined = once(() => joinShard(field, child, context));
  if (isObject(body["inner_hits"])) {
    const members = (document: SearchDocument) => joined().children.get(document) ?? [];
    addInnerHits(body["inner_hits"], child, query, context, compile, members);
  }
  const score = (document: SearchDocument): number => {
    const found = (joined().children.get(document) ?? [])
      .map(inner.score)
      .filter((each) => each !== NO_MATCH);
    if (found.length === 0 || found.length < least || found.length > most) return NO_MATCH;
    return combined(mode, found);
  };
  return boosted({ score, isConstant: mode === "none" }, boost);
}

/** `Integer.MAX_VALUE`. */
const maxChildren = 2_147_483_647;

function combined(mode: string, scores: readonly number[]): number {
  if (mode === "none") return 1;
  if (mode === "max") return Math.max(...scores);
  if (mode === "min") return Math.min(...scores);
  const sum = Math.fround(scores.reduce((total, score) => total + score, 0));
  return mode === "sum" ? sum : Math.fround(sum / scores.length);
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

/** `has_parent`: children whose parent matches. */
export function parseHasParent(
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): CompiledQuery {
  requireExpensive(context, "[joining] queries");
  checkMembers("has_parent", body, ["parent_type", "query", "score", "inner_hits"]);
  const query = required("has_parent", body, "query");
  const parent = textOf(required("has_parent", body, "parent_type"));
  const takesScore = booleanSetting(body, "score", false);
  const boost = boostOf("has_parent", body);
  const field = fieldFor("has_parent", parent, "parent", body, context);
  if (field === undefined) return matchNone;
  const isScored = context.isScored && takesScore;
  const inner = compile(query, { ...context, isScored, onNamed: undefined, onInner: undefined });
  const children = [...field.parentOf].filter(([, each]) => each === parent);
  const joined = once((): readonly Joined[] =>
    children.map(([child]) => joinShard(field, child, context)),
  );
  const parentOf = (document: SearchDocument): SearchDocument | undefined => {
    for (const { parents } of joined()) {
      const found = parents.get(document);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  if (isObject(body["inner_hits"])) {
    const members = (document: SearchDocument): readonly SearchDocument[] => {
      const found = parentOf(document);
      return found === undefined ? [] : [found];
    };
    addInnerHits(body["inner_hits"], parent, query, context, compile, members);
  }
  const score = (document: SearchDocument): number => {
    const above = parentOf(document);
    const found = above === undefined ? NO_MATCH : inner.score(above);
    return found === NO_MATCH || takesScore ? found : 1;
  };
  return boosted({ score, isConstant: !takesScore }, boost);
}

/** `parent_id`: the children of one parent. */
export function parseParentId(body: JsonObject, context: SearchContext): CompiledQuery {
  requireExpensive(context, "[joining] queries");
  checkMembers("parent_id", body, ["type", "id"]);
  const child = textOf(required("parent_id", body, "type"));
  const id = textOf(required("parent_id", body, "id"));
  const boost = boostOf("parent_id", body);
  const field = fieldFor("parent_id", child, "child", body, context);
  const parent = field?.parentOf.get(child);
  if (field === undefined || parent === undefined) return matchNone;
  const ids = resolveField(context, `${field.name}#${parent}`);
  const { score } = exactQuery(context, ids, id, 1);
  return boosted(
    {
      score: (document) => (field.read(document)?.name === child ? score(document) : NO_MATCH),
      isConstant: false,
    },
    boost,
  );
}
