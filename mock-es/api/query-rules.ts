/** `_query_rules`: rulesets, their rules, and which of them fit. */
import { EsError, illegalArgument, xContentParseException } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { type EsReply, type EsRequest, jsonReply } from "../rest/es-request.ts";
import { type Route, routesOf } from "../rest/route.ts";
import { suggestion } from "../search/problem.ts";
import { criteriaTypes, fittingRules, type QueryRule } from "../search/query-rules.ts";
import type { Cluster } from "../store/cluster.ts";

const set = "/_query_rules/{ruleset_id}";

/** `_query_rules`. */
export const queryRuleRoutes: readonly Route[] = [
  ...routesOf("query_rules.list_rulesets", "none", ["GET /_query_rules"], list),
  ...routesOf("query_rules.put_ruleset", "required", [`PUT ${set}`], put),
  ...routesOf("query_rules.get_ruleset", "none", [`GET ${set}`], get),
  ...routesOf("query_rules.delete_ruleset", "none", [`DELETE ${set}`], remove),
  ...routesOf("query_rules.test", "required", [`POST ${set}/_test`], test),
  ...routesOf("query_rules.put_rule", "required", [`PUT ${set}/_rule/{rule_id}`], putRule),
  ...routesOf("query_rules.get_rule", "none", [`GET ${set}/_rule/{rule_id}`], getRule),
  ...routesOf("query_rules.delete_rule", "none", [`DELETE ${set}/_rule/{rule_id}`], removeRule),
];

/** Rules of a ruleset at most. */
const maxRules = 100;

function notFound(reason: string): EsError {
  return new EsError(404, "resource_not_found_exception", reason);
}

function rulesOf(request: EsRequest, cluster: Cluster): readonly QueryRule[] {
  const id = request.pathParameters["ruleset_id"] ?? "";
  const rules = cluster.objects.queryRulesets.get(id);
  if (rules === undefined) throw notFound(id);
  return rules;
}

function list(request: EsRequest, cluster: Cluster): EsReply {
  const rulesets = [...cluster.objects.queryRulesets].sort(([a], [b]) => (a < b ? -1 : 1));
  const from = request.query.integer("from") ?? 0;
  const size = request.query.integer("size") ?? 20;
  const results = rulesets.slice(from, from + size).map(([id, rules]) => ({
    ruleset_id: id,
    rule_total_count: rules.length,
    rule_criteria_types_counts: countsOf(
      rules.flatMap(({ criteria }) => criteria.map(({ type }) => textOf(type))),
    ),
    rule_type_counts: countsOf(rules.map(({ type }) => type)),
  }));
  return jsonReply({ count: rulesets.length, results });
}

function countsOf(names: readonly string[]): JsonObject {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return Object.fromEntries(counts);
}

function put(request: EsRequest, cluster: Cluster): EsReply {
  const id = request.pathParameters["ruleset_id"] ?? "";
  const body = parseObjectBody(request.body) ?? {};
  refuseOthers("query_ruleset", body, ["rules"]);
  const given = body["rules"];
  if (given === undefined) throw illegalArgument("Required [rules]");
  const entries = Array.isArray(given) ? (given as readonly unknown[]) : [given];
  const rules = entries.map((entry) => readRule(isObject(entry) ? entry : {}, undefined));
  if (rules.length === 0) throw illegalArgument("rules cannot be empty");
  if (rules.length > maxRules)
    throw illegalArgument(
      `The number of rules in a ruleset cannot exceed [${maxRules}]. This maximum can be set by changing the [xpack.applications.rules.max_rules_per_ruleset] setting.`,
    );
  return stored(id, rules, cluster);
}

function stored(id: string, rules: readonly QueryRule[], cluster: Cluster): EsReply {
  const { queryRulesets } = cluster.objects;
  const isNew = !queryRulesets.has(id);
  queryRulesets.set(id, rules);
  return jsonReply({ result: isNew ? "created" : "updated" }, isNew ? 201 : 200);
}

function refuseOthers(what: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (known.includes(key)) continue;
    const reason = `[${what}] unknown field [${key}]${suggestion(key, known)}`;
    throw xContentParseException(reason).at(body, key, "key");
  }
}

function readRule(body: JsonObject, given: string | undefined): QueryRule {
  refuseOthers("query_rule", body, ["rule_id", "type", "criteria", "actions", "priority"]);
  const id = given ?? (body["rule_id"] === undefined ? undefined : textOf(body["rule_id"]));
  for (const name of ["type", "criteria", "actions"])
    if (body[name] === undefined) throw illegalArgument(`Required [${name}]`);
  if (id === undefined || id === "")
    throw illegalArgument("ruleId cannot be null or blank when creating a query rule");
  const type = textOf(body["type"]).toLowerCase();
  if (type !== "pinned" && type !== "exclude")
    throw illegalArgument(`No enum constant for query rule type [${type}]`);
  const { criteria: list, priority } = body;
  const criteria = (Array.isArray(list) ? (list as readonly unknown[]) : [list]).map(readCriterion);
  const actions = body["actions"];
  if (criteria.length === 0) throw illegalArgument("criteria cannot be null or empty");
  if (!isObject(actions)) throw illegalArgument("actions cannot be null or empty");
  if (!Array.isArray(actions["ids"]) && !Array.isArray(actions["docs"]))
    throw illegalArgument(`${type} query rule actions must contain either ids or docs`);
  return {
    rule_id: id,
    type,
    criteria,
    actions,
    ...(priority === undefined ? {} : { priority: Number(priority) }),
  };
}

function readCriterion(given: unknown): JsonObject {
  const criterion = isObject(given) ? given : {};
  refuseOthers("query_rule_criteria", criterion, ["type", "metadata", "values"]);
  const type = textOf(criterion["type"] ?? "");
  if (!criteriaTypes.includes(type))
    throw illegalArgument(`Unknown query rule criteria type [${type}]`);
  if (
    type !== "always" &&
    (criterion["metadata"] === undefined || criterion["values"] === undefined)
  )
    throw illegalArgument("metadata and values are required");
  return criterion;
}

function get(request: EsRequest, cluster: Cluster): EsReply {
  const rules = rulesOf(request, cluster);
  return jsonReply({ ruleset_id: request.pathParameters["ruleset_id"] ?? "", rules });
}

function remove(request: EsRequest, cluster: Cluster): EsReply {
  rulesOf(request, cluster);
  cluster.objects.queryRulesets.delete(request.pathParameters["ruleset_id"] ?? "");
  return jsonReply({ acknowledged: true });
}

function putRule(request: EsRequest, cluster: Cluster): EsReply {
  const { ruleset_id: id = "", rule_id: ruleId = "" } = request.pathParameters;
  const rule = readRule(parseObjectBody(request.body) ?? {}, ruleId);
  const rules = cluster.objects.queryRulesets.get(id) ?? [];
  const isNew = !rules.some((each) => each.rule_id === ruleId);
  const all = isNew
    ? [...rules, rule]
    : rules.map((each) => (each.rule_id === ruleId ? rule : each));
  cluster.objects.queryRulesets.set(id, all);
  return jsonReply({ result: isNew ? "created" : "updated" }, isNew ? 201 : 200);
}

function ruleOf(request: EsRequest, cluster: Cluster): QueryRule {
  const { ruleset_id: id = "", rule_id: ruleId = "" } = request.pathParameters;
  const rule = rulesOf(request, cluster).find((each) => each.rule_id === ruleId);
  if (rule === undefined) throw notFound(`rule id ${ruleId} not found in query ruleset ${id}`);
  return rule;
}

function getRule(request: EsRequest, cluster: Cluster): EsReply {
  return jsonReply(ruleOf(request, cluster));
}

function removeRule(request: EsRequest, cluster: Cluster): EsReply {
  const rule = ruleOf(request, cluster);
  const id = request.pathParameters["ruleset_id"] ?? "";
  const left = rulesOf(request, cluster).filter((each) => each !== rule);
  // A ruleset without rules is none.
  if (left.length === 0) cluster.objects.queryRulesets.delete(id);
  else cluster.objects.queryRulesets.set(id, left);
  return jsonReply({ acknowledged: true });
}

function test(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  const criteria = body["match_criteria"];
  if (!isObject(criteria)) throw illegalArgument("Required [match_criteria]");
  const id = request.pathParameters["ruleset_id"] ?? "";
  const rules = fittingRules(rulesOf(request, cluster), criteria);
  return jsonReply({
    total_matched_rules: rules.length,
    matched_rules: rules.map((rule) => ({ ruleset_id: id, rule_id: rule.rule_id })),
  });
}
