/** `_synonyms`: sets of synonyms, and the analyzers that read them. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { type EsReply, type EsRequest, jsonReply } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { type Route, routesOf } from "../rest/route.ts";
import { suggestion } from "../search/problem.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import type { IndexState } from "../store/index-state.ts";
import type { SynonymRule } from "../store/synonym-sets.ts";

/** `_synonyms` and `_reload_search_analyzers`. */
export const synonymRoutes: readonly Route[] = [
  ...routesOf("synonyms.get_synonyms_sets", "none", ["GET /_synonyms"], list),
  ...routesOf("synonyms.put_synonym", "required", ["PUT /_synonyms/{id}"], put),
  ...routesOf("synonyms.get_synonym", "none", ["GET /_synonyms/{id}"], get),
  ...routesOf("synonyms.delete_synonym", "none", ["DELETE /_synonyms/{id}"], remove),
  ...routesOf(
    "synonyms.put_synonym_rule",
    "required",
    ["PUT /_synonyms/{set_id}/{rule_id}"],
    putRule,
  ),
  ...routesOf("synonyms.get_synonym_rule", "none", ["GET /_synonyms/{set_id}/{rule_id}"], getRule),
  ...routesOf(
    "synonyms.delete_synonym_rule",
    "none",
    ["DELETE /_synonyms/{set_id}/{rule_id}"],
    removeRule,
  ),
  ...routesOf(
    "indices.reload_search_analyzers",
    "none",
    ["GET,POST /{index}/_reload_search_analyzers"],
    reload,
  ),
];

/** Rules of a set at most. */
const maxRules = 10_000;

function notFound(reason: string): EsError {
  return new EsError(404, "resource_not_found_exception", reason);
}

function rulesOf(cluster: Cluster, name: string): readonly SynonymRule[] {
  const rules = cluster.objects.synonymSets.rules(name);
  if (rules === undefined) throw notFound(`synonyms set [${name}] not found`);
  return rules;
}

/** A part of a list. @throws {EsError} 400 for numbers that cannot be */
function page<T>({ query }: EsRequest, all: readonly T[]): readonly T[] {
  const from = query.integer("from") ?? 0;
  const size = query.integer("size") ?? 10;
  if (from < 0) throw illegalArgument(`[from] must be a positive integer but was [${from}]`);
  if (size < 0) throw illegalArgument(`[size] must be a positive integer but was [${size}]`);
  return all.slice(from, from + size);
}

function list(request: EsRequest, cluster: Cluster): EsReply {
  const { synonymSets } = cluster.objects;
  const names = synonymSets.names();
  const results = page(request, names).map((name) => {
    return { synonyms_set: name, count: synonymSets.rules(name)?.length ?? 0 };
  });
  return jsonReply({ count: names.length, results });
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const after = request.query.text("search_after");
  page(request, []); // the numbers are looked at first
  const rules = rulesOf(cluster, request.pathParameters["id"] ?? "");
  const later = after === undefined ? rules : rules.filter(({ id }) => id > after);
  return jsonReply({ count: rules.length, synonyms_set: page(request, later) });
}

function put(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["id"] ?? "";
  refuseStale(request);
  const isAppended = request.query.flag("append", false);
  const body = parseObjectBody(request.body) ?? {};
  refuseOthers("synonyms_set", body, ["synonyms_set"]);
  const given = body["synonyms_set"];
  if (given === undefined) throw illegalArgument("Required [synonyms_set]");
  const entries = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const rules = entries.map((entry) => readRule(entry, undefined, cluster));
  const { synonymSets } = cluster.objects;
  const known = isAppended ? (synonymSets.rules(name) ?? []) : [];
  const all = [...known, ...rules];
  if (new Set(all.map(({ id }) => id)).size > maxRules)
    throw illegalArgument(
      `The number of synonyms rules in a synonym set cannot exceed ${maxRules}`,
    );
  const isNew = !synonymSets.has(name);
  synonymSets.put(name, all);
  return changed(isNew ? "created" : "updated", name, cluster);
}

/** Analyzers always see a change at once. */
function refuseStale({ query }: EsRequest): void {
  if (!query.flag("refresh", true)) throw notSupported("[refresh=false] of synonyms");
}

function refuseOthers(what: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (known.includes(key)) continue;
    const reason = `[${what}] unknown field [${key}]${suggestion(key, known)}`;
    throw xContentParseException(reason).at(body, key, "key");
  }
}

/** Reads a rule. @throws {EsError} 400 for one that is none */
function readRule(entry: unknown, id: string | undefined, cluster: Cluster): SynonymRule {
  const rule = isObject(entry) ? entry : {};
  refuseOthers("synonym_rule", rule, id === undefined ? ["id", "synonyms"] : ["synonyms"]);
  if (rule["synonyms"] === undefined) throw illegalArgument("Required [synonyms]");
  const synonyms = textOf(rule["synonyms"]);
  if (synonyms.trim() === "") throw illegalArgument("[synonyms] field can't be empty");
  const sides = synonyms.split("=>");
  if (sides.length > 2)
    throw illegalArgument(
      `More than one explicit mapping specified in the same synonyms rule: [${synonyms}]`,
    );
  if (sides.some((side) => side.split(",").some((word) => word.trim() === "")))
    throw illegalArgument(`Incorrect syntax for [synonyms]: [${synonyms}]`);
  const given = rule["id"] === undefined ? cluster.identifiers.documentId() : textOf(rule["id"]);
  return { id: id ?? given, synonyms };
}

function putRule(request: EsRequest, cluster: Cluster): EsReply {
  refuseStale(request);
  const { set_id: name = "", rule_id: id = "" } = request.pathParameters;
  const rules = rulesOf(cluster, name);
  const rule = readRule(parseObjectBody(request.body) ?? {}, id, cluster);
  const isNew = !rules.some((each) => each.id === id);
  cluster.objects.synonymSets.put(name, [...rules, rule]);
  return changed(isNew ? "created" : "updated", name, cluster);
}

function ruleOf(request: EsRequest, cluster: Cluster): SynonymRule {
  const { set_id: name = "", rule_id: id = "" } = request.pathParameters;
  const rule = rulesOf(cluster, name).find((each) => each.id === id);
  if (rule === undefined)
    throw notFound(`synonym rule [${id}] not found on synonyms set [${name}]`);
  return rule;
}

function getRule(request: EsRequest, cluster: Cluster): EsReply {
  return jsonReply(ruleOf(request, cluster));
}

function removeRule(request: EsRequest, cluster: Cluster): EsReply {
  refuseStale(request);
  const { id } = ruleOf(request, cluster);
  const name = request.pathParameters["set_id"] ?? "";
  const left = rulesOf(cluster, name).filter((rule) => rule.id !== id);
  cluster.objects.synonymSets.put(name, left);
  return changed("deleted", name, cluster);
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  const name = request.pathParameters["id"] ?? "";
  rulesOf(cluster, name);
  const users = [...cluster.indices.values()].filter((index) => setsOf(index).includes(name));
  if (users.length > 0) {
    const names = users.map((index) => index.name).join(", ");
    throw illegalArgument(
      `synonyms set [${name}] cannot be deleted as it is used in the following indices: ${names}`,
    );
  }
  cluster.objects.synonymSets.delete(name);
  return jsonReply({ acknowledged: true });
}

/** The sets that the filters of an index name. */
function setsOf(index: IndexState): string[] {
  return [...index.settings.entries()]
    .filter(([key]) => /^index\.analysis\.filter\..+\.synonyms_set$/.test(key))
    .map(([, value]) => String(value));
}

/** The answer to a change: analyzers that are updateable have read the set anew. */
function changed(result: string, set: string, cluster: Cluster): EsReply {
  const indices = [...cluster.indices.values()].filter((index) => setsOf(index).includes(set));
  const details = reloadedOf(indices, cluster, set);
  const status = result === "created" ? 201 : 200;
  return jsonReply({ result, reload_analyzers_details: details }, status);
}

function reload(request: EsRequest, cluster: Cluster): EsReply {
  const { index = "" } = request.pathParameters;
  const resource = request.query.text("resource");
  const options = readIndexOptions(request.query, searchIndexOptions);
  return jsonReply(reloadedOf(resolveIndices(cluster, index, options), cluster, resource));
}

function reloadedOf(
  indices: readonly IndexState[],
  cluster: Cluster,
  set: string | undefined,
): JsonObject {
  const shards = indices.reduce((sum, { settings }) => sum + settings.shards, 0);
  const details = indices.flatMap((index) => {
    const analyzers = updateableAnalyzers(index, set);
    if (analyzers.length === 0) return [];
    const ids = [cluster.nodeId];
    return [{ index: index.name, reloaded_analyzers: analyzers, reloaded_node_ids: ids }];
  });
  return {
    _shards: { total: shards, successful: shards, failed: 0 },
    reload_details: details,
  };
}

/** Analyzers of an index with a filter that is updateable; of a set, where one is given. */
function updateableAnalyzers(index: IndexState, set: string | undefined): string[] {
  const settings = new Map(index.settings.entries());
  const isUpdateable = (filter: string): boolean => {
    const prefix = `index.analysis.filter.${filter}`;
    const own = settings.get(`${prefix}.synonyms_set`);
    return settings.get(`${prefix}.updateable`) === "true" && (set === undefined || own === set);
  };
  return [...settings].flatMap(([key, value]) => {
    const name = /^index\.analysis\.analyzer\.(.+)\.filter$/.exec(key)?.[1];
    const filters = typeof value === "string" ? value.split(",") : value;
    return name !== undefined && filters.some(isUpdateable) ? [name] : [];
  });
}
