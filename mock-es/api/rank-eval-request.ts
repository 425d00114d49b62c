/** The body of `_rank_eval`. */
import { EsError, illegalArgument, parsingException, xContentParseException } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { parseShape, parseShapeAt, type Shape } from "../json/object-parser.ts";
import { type RankMetric, rankMetrics } from "../search/rank-metrics.ts";
import { findUnreadable } from "../search/shard-search.ts";

/** A document with its rating. */
export interface RatedDocument {
  readonly index: string;
  readonly id: string;
  readonly rating: number;
}

/** A search with the documents that are rated for it. */
export interface RatedRequest {
  readonly id: string;
  readonly ratings: readonly RatedDocument[];
  /** The search; `undefined` for one that is made of a template. */
  readonly search: JsonObject | undefined;
  readonly params: JsonObject;
  readonly templateId: string | undefined;
  /** Parts of the source that are shown. */
  readonly summaryFields: readonly string[];
}

interface NamedTemplate {
  readonly id: string;
  readonly template: JsonObject;
}

/** All of the body. */
export interface RankEvaluation {
  readonly requests: readonly RatedRequest[];
  readonly metric: RankMetric;
  /** Templates as they stand in the body, by their ids. */
  readonly templates: ReadonlyMap<string, JsonObject>;
}

/** Reads the body. @throws {EsError} 400 in the server's words */
export function readRankEvaluation(body: JsonObject): RankEvaluation {
  const evaluation = parseShape(whole, body);
  const most = body["max_concurrent_searches"];
  if (most !== undefined && Number(most) < 1)
    throw illegalArgument("maxConcurrentSearchRequests must be positive");
  return evaluation;
}

const ratedDocument: Shape<RatedDocument> = {
  name: "rated_document",
  members: {
    _index: { kind: "string", isRequired: true },
    _id: { kind: "string", isRequired: true },
    rating: { kind: "int", isRequired: true },
  },
  build: ({ _index, _id, rating }) => ({
    index: textOf(_index),
    id: textOf(_id),
    rating: Number(rating),
  }),
};

const ratedRequest: Shape<Omit<RatedRequest, "summaryFields">> = {
  name: "request",
  members: {
    id: { kind: "string", isRequired: true },
    ratings: {
      kind: "objects",
      isRequired: true,
      read: (value, holder, key) => parseShapeAt(ratedDocument, value, holder, key),
    },
    request: { kind: "object", read: readSearch },
    params: { kind: "object" },
    template_id: { kind: "string" },
    summary_fields: { kind: "strings", isSetLater: true },
  },
  build: (values) => {
    const search = values["request"] as JsonObject | undefined;
    const params = (values["params"] as JsonObject | undefined) ?? {};
    const templateId = values["template_id"] as string | undefined;
    const hasParams = Object.keys(params).length > 0;
    if (search !== undefined && (hasParams || templateId !== undefined)) {
      throw illegalArgument(
        "Ambiguous rated request: Set both, verbatim test request and test request template parameters.",
      );
    }
    if (search === undefined && !hasParams) {
      throw illegalArgument(
        "Need to set at least test request or test request template parameters.",
      );
    }
    if (hasParams && templateId === undefined) {
      throw illegalArgument(
        "If template parameters are supplied need to set id of template to apply them to too.",
      );
    }
    if (search !== undefined) checkRatedSearch(search);
    const id = textOf(values["id"]);
    const ratings = [values["ratings"]].flat() as readonly RatedDocument[];
    checkOnce(id, ratings);
    return { id, ratings, search, params, templateId };
  },
};

/** The search must be readable before anything is run. */
function readSearch(value: unknown): unknown {
  const problem = isObject(value) ? findUnreadable(value) : undefined;
  if (problem !== undefined) throw problem;
  return value;
}

/** @throws {EsError} 400 for parts that a rated search must not have */
export function checkRatedSearch(search: JsonObject): void {
  const refuse = (what: string): EsError =>
    illegalArgument(`Query in rated requests should not ${what}.`);
  if (search["suggest"] !== undefined) throw refuse("contain a suggest section");
  if (search["aggs"] !== undefined || search["aggregations"] !== undefined)
    throw refuse("contain aggregations");
  if (search["highlight"] !== undefined) throw refuse("contain a highlighter section");
  if (String(search["explain"]) === "true") throw refuse("use explain");
  if (String(search["profile"]) === "true") throw refuse("use profile");
}

function checkOnce(id: string, ratings: readonly RatedDocument[]): void {
  const seen = new Set<string>();
  for (const { index, id: document } of ratings) {
    const key = `{"_index":${JSON.stringify(index)},"_id":${JSON.stringify(document)}}`;
    if (seen.has(key)) {
      throw illegalArgument(
        `Found duplicate rated document key [${key}] in evaluation request [${id}]`,
      );
    }
    seen.add(key);
  }
}

function readRequest(value: unknown, holder: JsonObject, key: string): RatedRequest {
  const request = parseShapeAt(ratedRequest, value, holder, key);
  const fields = isObject(value) ? value["summary_fields"] : undefined;
  const summaryFields = fields === undefined ? [] : [fields].flat().map(textOf);
  return { ...request, summaryFields };
}

function readMetric(value: unknown): RankMetric {
  const metric = value as JsonObject;
  const [name, second] = Object.keys(metric);
  const expected = (wanted: string, found: string): EsError =>
    parsingException(
      `Failed to parse object: expecting token of type [${wanted}] but found [${found}]`,
    );
  if (name === undefined) throw expected("FIELD_NAME", "END_OBJECT").at(metric, undefined, "end");
  const shape = rankMetrics.get(name);
  if (shape === undefined) {
    const reason = `unknown field [${name}]`;
    throw new EsError(400, "named_object_not_found_exception", reason)
      .at(metric, name, "key")
      .standingAt(metric, name, "key");
  }
  const read = parseShapeAt(shape, metric[name], metric, name);
  if (second === undefined) return read;
  throw expected("END_OBJECT", "FIELD_NAME")
    .at(metric, second, "key")
    .standingAt(metric, second, "key");
}

const scriptWithId: Shape<NamedTemplate> = {
  name: "script_with_id",
  members: {
    id: { kind: "string", isRequired: true },
    template: { kind: "object", isRequired: true, read: readTemplate },
  },
  build: ({ id, template }) => ({ id: textOf(id), template: template as JsonObject }),
};

const scriptMembers = ["id", "source", "lang", "params", "options"];

function readTemplate(value: unknown): unknown {
  const template = value as JsonObject;
  for (const key of Object.keys(template)) {
    if (scriptMembers.includes(key)) continue;
    throw xContentParseException(`[script] unknown field [${key}]`).at(template, key, "key");
  }
  return template;
}

const whole: Shape<RankEvaluation> = {
  name: "rank_eval",
  members: {
    requests: { kind: "objects", isRequired: true, read: readRequest },
    metric: { kind: "object", isRequired: true, read: readMetric },
    templates: {
      kind: "objects",
      read: (value, holder, key) => parseShapeAt(scriptWithId, value, holder, key),
    },
    max_concurrent_searches: { kind: "int", isSetLater: true },
  },
  build: (values) => {
    const requests = [values["requests"]].flat() as readonly RatedRequest[];
    if (requests.length === 0) {
      throw illegalArgument(
        "Cannot evaluate ranking if no search requests with rated results are provided. Seen: []",
      );
    }
    const given = [values["templates"] ?? []].flat() as unknown as readonly NamedTemplate[];
    const templates = new Map(given.map(({ id, template }) => [id, template]));
    const bare = requests.find(({ search }) => search === undefined);
    if (templates.size === 0 && bare !== undefined) {
      const reason = `Cannot evaluate ranking if neither template nor evaluation request is provided. Seen for request id: ${bare.id}`;
      throw new EsError(400, "illegal_state_exception", reason);
    }
    return { requests, metric: values["metric"] as RankMetric, templates };
  },
};
