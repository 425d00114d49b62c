import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import { analyzeStandard } from "../analysis/analyzer.ts";
import type { Cluster } from "../store/cluster.ts";
import { readTarget } from "../store/document-write.ts";
import { toTexts } from "../json/coerce.ts";

/**
 * `_analyze`: the analyzers `standard`, `keyword`, `whitespace` and `simple`; fields by their type.
 */
export const analyzeRoutes: readonly Route[] = routesOf(
  "indices.analyze",
  "required",
  ["GET,POST /_analyze", "GET,POST /{index}/_analyze"],
  analyze,
);

const members: ReadonlySet<string> = new Set(
  "analyzer text field tokenizer filter char_filter normalizer explain attributes".split(" "),
);

/** Gap between the positions of two values of one field. */
const valueGap = 100;

function analyze(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  for (const name of Object.keys(body)) {
    if (!members.has(name))
      throw new EsError(
        400,
        "x_content_parse_exception",
        `[analyze_request] unknown field [${name}]`,
      ).at(body, name, "key");
  }
  const given = body["text"];
  if (given === undefined) throw validationFailed("text is missing");
  for (const name of ["tokenizer", "filter", "char_filter", "normalizer", "explain"]) {
    if (body[name] !== undefined && body[name] !== false)
      throw illegalArgument(`[${name}] of _analyze is not supported by mock-es`);
  }
  const name = request.pathParameters["index"] ?? request.query.text("index");
  const texts = toTexts(given);
  const analyzer = chooseAnalyzer(cluster, name, body["analyzer"], body["field"]);
  const tokens: estypes.IndicesAnalyzeAnalyzeToken[] = [];
  let offset = 0;
  let position = 0;
  for (const text of texts) {
    let last = -1;
    for (const token of analyzer(text)) {
      tokens.push({
        token: token.token,
        start_offset: token.start + offset,
        end_offset: token.end + offset,
        type: token.type,
        position: token.position + position,
      });
      last = token.position;
    }
    offset += text.length + 1;
    position += last + 1 + valueGap;
  }
  const value: estypes.IndicesAnalyzeResponse = { tokens };
  return jsonReply(value);
}

interface PlainToken {
  readonly token: string;
  readonly start: number;
  readonly end: number;
  readonly type: string;
  readonly position: number;
}

type Analyzer = (text: string) => readonly PlainToken[];

const analyzers: Readonly<Record<string, Analyzer>> = {
  standard: standardTokens,
  default: standardTokens,
  keyword: (text) => [{ token: text, start: 0, end: text.length, type: "word", position: 0 }],
  whitespace: (text) => match(text, /\S+/g, false),
  simple: (text) => match(text, /\p{L}+/gu, true),
};

function chooseAnalyzer(
  cluster: Cluster,
  indexName: string | undefined,
  name: unknown,
  field: unknown,
): Analyzer {
  const index = indexName === undefined ? undefined : readTarget(cluster, indexName);
  let wanted = typeof name === "string" ? name : "standard";
  if (typeof field === "string") {
    if (index === undefined)
      throw illegalArgument("analysis based on a specific field requires an index");
    const node = index.mappings.node(field);
    if (node?.type === "keyword") wanted = "keyword";
    else if (node !== undefined && node.type !== "text" && node.type !== "match_only_text") {
      throw illegalArgument(
        `Can't process field [${field}], Analysis requests are only supported on tokenized fields`,
      );
    } else if (typeof node?.parameters["analyzer"] === "string")
      wanted = node.parameters["analyzer"];
  }
  const analyzer = Object.hasOwn(analyzers, wanted) ? analyzers[wanted] : undefined;
  if (analyzer !== undefined) return analyzer;
  if (index?.mappings.analyzers.has(wanted) === true || knownElsewhere.has(wanted)) {
    throw illegalArgument(`the analyzer [${wanted}] is not supported by mock-es`);
  }
  throw illegalArgument(
    index === undefined
      ? `failed to find global analyzer [${wanted}]`
      : `failed to find analyzer [${wanted}]`,
  );
}

const knownElsewhere: ReadonlySet<string> = new Set([
  "stop",
  "pattern",
  "fingerprint",
  "english",
  "french",
  "german",
  "spanish",
  "cjk",
]);

function standardTokens(text: string): PlainToken[] {
  return analyzeStandard(text).map((token) => ({
    token: token.term,
    start: token.start,
    end: token.end,
    type: token.type,
    position: token.position,
  }));
}

function match(text: string, pattern: RegExp, foldsCase: boolean): PlainToken[] {
  return [...text.matchAll(pattern)].map((found, position) => ({
    token: foldsCase ? found[0].toLowerCase() : found[0],
    start: found.index,
    end: found.index + found[0].length,
    type: "word",
    position,
  }));
}
