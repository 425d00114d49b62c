/** `_rank_eval`: how well searches rank documents that were rated. */
import { EsError, illegalArgument, notSupported, xContentParseException } from "../es-error.ts";
import { parseJson, parseObjectBody } from "../json/json-body.ts";
import { doubleJson } from "../json/java-number.ts";
import { isObject, type JsonObject, jsonText } from "../json/json-value.ts";
import { completeError } from "../rest/error-completion.ts";
import { type EsReply, type EsRequest, jsonTextReply } from "../rest/es-request.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { compileTemplate } from "../script/template.ts";
import { CompensatedSum } from "../search/aggregations/numbers.ts";
import type { RankMetric } from "../search/rank-metrics.ts";
import { findUnreadable } from "../search/shard-search.ts";
import type { Cluster } from "../store/cluster.ts";
import { resolveTargets, searchIndexOptions } from "../store/index-expression.ts";
import { inHashOrder } from "../text/hash-order.ts";
import { checkRatedSearch, type RatedRequest, readRankEvaluation } from "./rank-eval-request.ts";
import { unreadable } from "./multi-search.ts";
import { readSearchType } from "./search.ts";
import { search } from "./search-run.ts";
import { scopeOf } from "./search-scope.ts";
import { templateSource } from "./search-templates.ts";

/** `_rank_eval`. */
export const rankEvalRoutes: readonly Route[] = routesOf(
  "rank_eval",
  "required",
  ["GET,POST /_rank_eval", "GET,POST /{index}/_rank_eval"],
  rankEval,
  ({ body }) => {
    readRankEvaluation(parseObjectBody(body) ?? {});
  },
);

function rankEval(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  const options = readIndexOptions(query, searchIndexOptions);
  const isDfs = readSearchType(query.text("search_type"));
  const { requests, metric, templates } = readRankEvaluation(parseObjectBody(request.body) ?? {});
  const expression = request.pathParameters["index"];
  if (metric.k < 0)
    throw illegalArgument(`[size] parameter cannot be negative, found [${metric.k}]`);
  const searches = requests.map((rated) => searchOf(cluster, rated, templates));
  const ranked = new Map<string, { readonly score: number; readonly text: string }>();
  const failures = new Map<string, string>();
  for (const [at, rated] of requests.entries()) {
    const body = { ...searches[at], size: metric.k };
    try {
      const scope = scopeOf(cluster, resolveTargets(cluster, expression, options));
      ranked.set(rated.id, rank(rated, search(cluster, scope, body, { isDfs }).hits, metric));
    } catch (error) {
      if (!(error instanceof EsError)) throw error;
      if (unreadable.has(error.type)) throw unreadableRequest(rated, error);
      const failure = completeError(error, cluster, jsonText(body)).toBody().error;
      failures.set(rated.id, jsonText({ error: failure }));
    }
  }
  const sum = new CompensatedSum();
  for (const { score } of ranked.values()) sum.add(score);
  const score = jsonText(doubleJson(sum.value / ranked.size));
  const details = objectText(new Map([...ranked].map(([id, { text }]) => [id, text])));
  return jsonTextReply(
    `{"metric_score":${score},"details":${details},"failures":${objectText(failures)}}`,
  );
}

/** What cannot be read of one search refuses all. */
function unreadableRequest({ search: own }: RatedRequest, error: EsError): EsError {
  if (own === undefined) return error;
  const request = xContentParseException("[request] failed to parse field [request]");
  const whole = xContentParseException("[rank_eval] failed to parse field [requests]");
  return whole.around(request.around(error.place === undefined ? error.at(own) : error));
}

/** The search of a request, without its size; of the source only what is to be summed up. */
function searchOf(
  cluster: Cluster,
  { search: own, templateId, params, summaryFields }: RatedRequest,
  templates: ReadonlyMap<string, JsonObject>,
): JsonObject {
  const _source = summaryFields.length === 0 ? false : summaryFields;
  if (own !== undefined) return { ...own, _source };
  const template = templates.get(templateId ?? "");
  if (template === undefined) throw notSupported(`a [template_id] without its template`);
  const text = compileTemplate(templateSource(cluster, template) ?? "")(params);
  const made = parseJson(text);
  if (!isObject(made)) throw notSupported("a template that makes no object");
  const problem = findUnreadable(made);
  if (problem !== undefined) throw completeError(problem, cluster, text);
  checkRatedSearch(made);
  return { ...made, _source };
}

function rank(
  { ratings }: RatedRequest,
  hits: readonly string[],
  metric: RankMetric,
): { readonly score: number; readonly text: string } {
  const known = new Map(ratings.map(({ index, id, rating }) => [keyOf(index, id), rating]));
  const places = hits.map((text) => JSON.parse(text) as { _index: string; _id: string });
  const found = places.map(({ _index, _id }) => known.get(keyOf(_index, _id)));
  const { score, details } = metric.evaluate(found, [...known.values()]);
  const unrated = places
    .filter((_place, at) => found[at] === undefined)
    .map(({ _index, _id }) => ({ _index, _id }));
  const shown = hits.map((text, at) => `{"hit":${text},"rating":${found[at] ?? "null"}}`);
  const parts = [
    `"metric_score":${jsonText(doubleJson(score))}`,
    `"unrated_docs":${jsonText(unrated)}`,
    `"hits":[${shown.join(",")}]`,
    `"metric_details":${jsonText(details)}`,
  ];
  return { score, text: `{${parts.join(",")}}` };
}

function keyOf(index: string, id: string): string {
  return `${index}\0${id}`;
}

/** An object of members whose values are JSON already. */
function objectText(members: ReadonlyMap<string, string>): string {
  const texts = inHashOrder([...members.keys()]).map((key) => {
    return `${JSON.stringify(key)}:${members.get(key) ?? ""}`;
  });
  return `{${texts.join(",")}}`;
}
