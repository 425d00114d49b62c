/** `_analyze`: what an analyzer, or a chain of its parts, makes of texts. */
import { AnalysisRegistry, noAnalysisSettings } from "../analysis/analysis.ts";
import { pipeline } from "../analysis/pipeline.ts";
import { PartSettings } from "../analysis/settings.ts";
import type { Token, Tokens } from "../analysis/token.ts";
import type { TokenFilter } from "../analysis/token-filters.ts";
import { EsError, illegalArgument } from "../es-error.ts";
import { toText, toTexts } from "../json/coerce.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject, type JsonObject, jsonText, textOf } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { checkMembers, checkTogether, listOf, hasParts } from "./analyze-body.ts";
import { readTarget } from "../store/write-target.ts";
import { flattenSettings } from "../store/index-settings.ts";
import type { IndexState } from "../store/index-state.ts";

/** `_analyze`, with and without an index. */
export const analyzeRoutes: readonly Route[] = routesOf(
  "indices.analyze",
  "required",
  ["GET,POST /_analyze", "GET,POST /{index}/_analyze"],
  analyze,
);

/** Gap between the positions of two texts. */
const valueGap = 100;

/** Whole values have no gap, and no more have parts that are explained one by one. */
function gapOf(body: JsonObject, index: IndexState | undefined): number {
  if (body["normalizer"] !== undefined) return 0;
  const field =
    body["field"] === undefined ? undefined : index?.mappings.find(textOf(body["field"]));
  return field?.type === "keyword" && body["analyzer"] === undefined ? 0 : valueGap;
}

/** Default of `index.analyze.max_token_count`. */
const defaultMaxTokens = 10_000;

const globalAnalysis = new AnalysisRegistry(noAnalysisSettings);

function analyze(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body);
  if (body === undefined)
    throw new EsError(400, "parse_exception", "request body or source parameter is required");
  checkMembers(body);
  const name = request.pathParameters["index"] ?? request.query.text("index");
  const texts = toTexts(body["text"]);
  checkTogether(body, texts, name !== undefined);
  cluster.beginAction();
  const index = name === undefined ? undefined : readTarget(cluster, name);
  const chain = chainOf(body, index);
  const limit = Number(index?.settings.text("index.analyze.max_token_count") ?? defaultMaxTokens);
  if (body["explain"] !== undefined && textOf(body["explain"]) === "true") {
    const gap = chain.analyzer === undefined ? 0 : gapOf(body, index);
    return jsonReply({ detail: explain(chain, texts, body, { limit, gap }) });
  }
  const gap = gapOf(body, index);
  const tokens = joined(texts, (text) => runAll(chain, text), limit, gap).map((one) => shown(one));
  return jsonReply({ tokens });
}

/** A step of analysis that has a name. */
interface Named<T> {
  readonly name: string;
  readonly run: T;
}

/** Either a whole analyzer, or its parts. */
interface Chain {
  readonly analyzer: Named<(text: string) => readonly Token[]> | undefined;
  readonly parts: Parts | undefined;
}

interface Parts {
  readonly charFilters: readonly Named<
    (text: string) => { readonly text: string; readonly correct: (offset: number) => number }
  >[];
  readonly tokenizer: Named<(text: string) => readonly Token[]>;
  readonly filters: readonly Named<TokenFilter>[];
}

function chainOf(body: JsonObject, index: IndexState | undefined): Chain {
  const analysis = index?.mappings.analysis ?? globalAnalysis;
  const { tokenizer, normalizer } = body;
  if (tokenizer !== undefined || hasParts(body, "filter") || hasParts(body, "char_filter"))
    return { analyzer: undefined, parts: partsOf(body, analysis, index !== undefined) };
  if (normalizer !== undefined) return named(analysis, "normalizer", textOf(normalizer));
  const { analyzer, field } = body;
  if (analyzer !== undefined) {
    const name = textOf(analyzer);
    const isKnown = name === "default" || analysis.analyzer(name) !== undefined;
    if (isKnown) return named(analysis, "analyzer", name);
    throw illegalArgument(
      `failed to find ${index === undefined ? "global " : ""}analyzer [${name}]`,
    );
  }
  if (field === undefined) return named(analysis, "analyzer", "default");
  if (index === undefined)
    throw illegalArgument("analysis based on a specific field requires an index");
  return fieldChain(analysis, index, textOf(field));
}

function fieldChain(analysis: AnalysisRegistry, index: IndexState, field: string): Chain {
  const found = index.mappings.find(field);
  const target =
    found?.type === "alias" ? index.mappings.find(textOf(found.parameters["path"])) : found;
  if (target === undefined) return named(analysis, "analyzer", "default");
  const { type, parameters } = target;
  if (type === "keyword") {
    const normalizer = parameters["normalizer"];
    return normalizer === undefined
      ? named(analysis, "analyzer", "keyword")
      : named(analysis, "normalizer", textOf(normalizer));
  }
  if (type === "text" || type === "match_only_text")
    return named(analysis, "analyzer", textOf(parameters["analyzer"] ?? "default"));
  throw illegalArgument(
    `Can't process field [${field}], Analysis requests are only supported on tokenized fields`,
  );
}

function named(analysis: AnalysisRegistry, kind: "analyzer" | "normalizer", name: string): Chain {
  const parts = analysis.partsOf(kind, name);
  if (parts !== undefined) {
    const { tokenizer, filters, charFilters } = parts;
    const body = { tokenizer, filter: filters, char_filter: charFilters };
    return { analyzer: undefined, parts: partsOf(body, analysis, true) };
  }
  const found =
    kind === "normalizer"
      ? analysis.normalizer(name)
      : (analysis.analyzer(name) ?? analysis.analyzer("standard"));
  if (found === undefined) throw illegalArgument(`failed to find ${kind} under [${name}]`);
  const run = (text: string): Tokens => found.analyze(text);
  const isOwn = name === "default" && analysis !== globalAnalysis;
  return { analyzer: { name: isOwn ? name : found.name, run }, parts: undefined };
}

/** Parts that a body names or defines. */
function partsOf(body: JsonObject, analysis: AnalysisRegistry, hasIndex: boolean): Parts {
  const where = hasIndex ? "" : "global ";
  const tokenizer = onePart(
    body["tokenizer"] ?? "keyword",
    "tokenizer",
    where,
    (name) => analysis.tokenizer(name),
    (type, settings) => analysis.tokenizerOf(type, settings, false),
  );
  const charFilters = listOf(body["char_filter"]).map((entry) =>
    onePart(
      entry,
      "char_filter",
      where,
      (name) => analysis.charFilter(name),
      (type, settings) => analysis.charFilterOf(type, settings, false),
    ),
  );
  const filters: Named<TokenFilter>[] = [];
  for (const entry of listOf(body["filter"])) {
    const before = { charFilters: [], tokenizer, filters: [...filters] };
    const run = (text: string): readonly Token[] => runParts(before, text);
    if (!isObject(entry) && analysis.lacksSettings(toText(entry)))
      throw illegalArgument("Analysis settings required - can't instantiate analysis factory");
    filters.push(
      onePart(
        entry,
        "filter",
        where,
        (name) => analysis.filter(name, run),
        (type, settings) => analysis.filterOf(type, settings, run, false),
      ),
    );
  }
  return { charFilters, tokenizer, filters };
}

function onePart<T>(
  entry: unknown,
  kind: string,
  where: string,
  find: (name: string) => T | undefined,
  build: (type: string, settings: PartSettings) => T | undefined,
): Named<T> {
  if (!isObject(entry)) {
    const name = toText(entry);
    const run = find(name);
    if (run === undefined) throw illegalArgument(`failed to find ${where}${kind} under [${name}]`);
    return { name, run };
  }
  const { type } = entry;
  if (type === undefined || type === null)
    throw illegalArgument(`Missing [type] setting for anonymous ${kind}: ${jsonText(entry)}`);
  const name = `__anonymous__${textOf(type)}`;
  const settings = new Map<string, string | readonly string[]>();
  for (const [key, value] of flattenSettings(entry, ""))
    if (value !== null) settings.set(key, value);
  const run = build(textOf(type), new PartSettings(name, settings));
  if (run === undefined)
    throw illegalArgument(`failed to find global ${kind} under [${textOf(type)}]`);
  return { name, run };
}

function runAll({ analyzer, parts }: Chain, text: string): Tokens {
  if (analyzer !== undefined) return analyzer.run(text);
  return parts === undefined ? [] : runParts(parts, text);
}

function runParts(parts: Parts, text: string): Tokens {
  const filters = parts.filters.map(({ run }) => run);
  const charFilters = parts.charFilters.map(({ run }) => run);
  return pipeline(parts.tokenizer.run, filters, charFilters)(text);
}

/** The tokens of several texts, one behind the other. */
function joined(
  texts: readonly string[],
  run: (text: string) => Tokens,
  limit: number,
  gap: number,
): Token[] {
  const tokens: Token[] = [];
  let offset = 0;
  let position = 0;
  for (const text of texts) {
    let last = -1;
    const found = run(text);
    for (const token of found) {
      last = token.position;
      tokens.push({
        ...token,
        start: token.start + offset,
        end: token.end + offset,
        position: token.position + position,
      });
      if (tokens.length > limit) {
        throw new EsError(
          400,
          "status_exception",
          `The number of tokens produced by calling _analyze has exceeded the allowed maximum of [${limit}]. This limit can be set by changing the [index.analyze.max_token_count] index level setting.`,
        );
      }
    }
    offset += text.length + 1;
    position += last + 1 + (found.trailing ?? 0) + gap;
  }
  return tokens;
}

function shown({ term, start, end, type, position, positionLength }: Token): object {
  return {
    token: term,
    start_offset: start,
    end_offset: end,
    type,
    position,
    ...(positionLength === undefined || positionLength === 1 ? {} : { positionLength }),
  };
}

function explain(
  { analyzer, parts }: Chain,
  texts: readonly string[],
  body: JsonObject,
  { limit, gap }: { readonly limit: number; readonly gap: number },
): object {
  const wanted = body["attributes"] === undefined ? undefined : toTexts(body["attributes"]);
  const list = (run: (text: string) => readonly Token[]): object[] =>
    joined(texts, run, limit, gap).map((token) => ({
      ...shown({ ...token, positionLength: 1 }),
      ...attributesOf(token, wanted),
    }));
  if (analyzer !== undefined) {
    const { name, run } = analyzer;
    return { custom_analyzer: false, analyzer: { name, tokens: list(run) } };
  }
  if (parts === undefined) return {};
  const { tokenizer, filters, charFilters } = parts;
  const upTo = (count: number): Parts => ({ ...parts, filters: filters.slice(0, count) });
  return {
    custom_analyzer: true,
    charfilters: charFilters.map(({ name }, at) => ({
      name,
      filtered_text: texts.map((text) => {
        let filtered = text;
        for (const { run } of charFilters.slice(0, at + 1)) filtered = run(filtered).text;
        return filtered;
      }),
    })),
    tokenizer: { name: tokenizer.name, tokens: list((text) => runParts(upTo(0), text)) },
    tokenfilters: filters.map(({ name }, at) => ({
      name,
      tokens: list((text) => runParts(upTo(at + 1), text)),
    })),
  };
}

function attributesOf(token: Token, wanted: readonly string[] | undefined): object {
  const bytes = [...Buffer.from(token.term)].map((byte) => byte.toString(16)).join(" ");
  const all: Record<string, unknown> = {
    bytes: `[${bytes}]`,
    ...(token.isKeyword === undefined ? {} : { keyword: token.isKeyword }),
    positionLength: token.positionLength ?? 1,
    termFrequency: 1,
  };
  if (wanted === undefined) return all;
  const names = wanted.map((name) => name.toLowerCase());
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => names.includes(name.toLowerCase())),
  );
}
