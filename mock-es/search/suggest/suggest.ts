/** The `suggest` section of a search: completions of prefixes, corrected terms and phrases. */
import { EsError, illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { compileHit, type SearchHit } from "../fetch/hit.ts";
import { shardFailure } from "../problem.ts";
import { byRelevance } from "../sort/sort.ts";
import { bestCompletions, type Completion, completeShard, readCompletion } from "./completion.ts";
import { type CompletionRequest } from "./completion.ts";
import { correctPhrase, mergePhrases, type PhraseEntry, type PhraseOption } from "./phrase.ts";
import { type PhraseRequest, readPhraseRequest } from "./phrase-request.ts";
import { correctShard, mergeEntries, readTermRequest } from "./term.ts";
import type { TermEntry, TermOption, TermRequest } from "./term.ts";

/** One named suggestion of a body. */
interface Suggestion {
  readonly name: string;
  readonly text: string | undefined;
  readonly prefix: string | undefined;
  readonly request: CompletionRequest | PhraseRequest | TermRequest;
}

/** What one shard suggests, by the name of the suggestion. */
export type ShardSuggestions = ReadonlyMap<string, Completion[] | PhraseEntry | TermEntry[]>;

/** An option of a completion: a hit, with the text that was found. */
export interface CompletionOption {
  readonly text: string;
  readonly hit: SearchHit;
  readonly contexts?: Readonly<Record<string, readonly string[]>>;
}

/** A piece of the text, with what is suggested for it. */
export interface SuggestEntry {
  readonly text: string;
  /** In UTF-16 units. */
  readonly offset: number;
  readonly length: number;
  readonly options: readonly (CompletionOption | PhraseOption | TermOption)[];
}

/** All suggestions of a search, by their names as they are answered. */
export type SuggestResult = ReadonlyMap<string, readonly SuggestEntry[]>;

/** True for a search that only suggests, which runs no query. */
export function isSuggestOnly(body: JsonObject): boolean {
  const members = ["query", "knn", "aggs", "aggregations", "retriever"];
  return body["suggest"] !== undefined && members.every((member) => body[member] === undefined);
}

/**
 * What a shard suggests.
 *
 * @throws {EsError} what is wrong with the section, or the refusal of the shard
 */
export function suggestShard(
  body: JsonObject,
  context: SearchContext,
  documents: Iterable<SearchDocument>,
): ShardSuggestions {
  const found = new Map<string, Completion[] | PhraseEntry | TermEntry[]>();
  for (const { name, text, prefix, request } of readSuggestions(body["suggest"])) {
    const refuse = (reason: string): EsError =>
      shardFailure(context.index, "illegal_argument_exception", reason);
    const { analyzer, field, shardSize } = request;
    if (context.mappings.find(field) === undefined)
      throw refuse(`no mapping found for field [${field}]`);
    if (analyzer !== undefined && context.mappings.analysis?.analyzer(analyzer) === undefined)
      throw refuse(`analyzer [${analyzer}] doesn't exists`);
    if (shardSize <= 0) throw refuse(`ShardSize must be positive but was: ${shardSize}`);
    if (text === undefined) throw refuse("The required text option is missing");
    found.set(
      name,
      request.kind === "completion"
        ? completeShard(prefix ?? text, request, context, documents)
        : request.kind === "term"
          ? correctShard(text, request, context)
          : correctPhrase(text, request, context),
    );
  }
  return found;
}

/** A shard that could run the search. */
interface SuggestingShard {
  readonly context: SearchContext;
  readonly suggestions: ShardSuggestions;
}

/** Puts what the shards suggest together. */
export function mergeSuggestions(
  body: JsonObject,
  shards: readonly SuggestingShard[],
  typedKeys: boolean,
): SuggestResult {
  const result = new Map<string, readonly SuggestEntry[]>();
  const sorted = readSuggestions(body["suggest"]).sort((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, text = "", request } of sorted) {
    const key = typedKeys ? `${request.kind}#${name}` : name;
    if (request.kind === "term") {
      const lists = shards.map(({ suggestions }) => (suggestions.get(name) ?? []) as TermEntry[]);
      result.set(key, mergeEntries(lists, request));
      continue;
    }
    if (request.kind === "phrase") {
      const entries = shards.map(({ suggestions }) => suggestions.get(name) as PhraseEntry);
      const options = shards.length === 0 ? [] : mergePhrases(entries, request);
      result.set(key, [{ text, offset: 0, length: text.length, options }]);
      continue;
    }
    const all = shards.map(({ suggestions }) => (suggestions.get(name) ?? []) as Completion[]);
    const options = bestCompletions(all, request).map((each) => {
      const { text: found, document, score, shard, contexts } = each;
      const context = shards[shard]?.context;
      const candidate = { document, score, ordinal: 0, values: [], shard };
      const show = { sort: byRelevance, hasScore: true, named: [] };
      return context === undefined
        ? []
        : [
            {
              text: found,
              hit: compileHit(body, show, context)(candidate),
              ...(contexts === undefined ? {} : { contexts: Object.fromEntries(contexts) }),
            },
          ];
    });
    result.set(key, [{ text, offset: 0, length: text.length, options: options.flat() }]);
  }
  return result;
}

function readSuggestions(suggest: unknown): Suggestion[] {
  if (!isObject(suggest)) return [];
  const { text: common } = suggest;
  return Object.entries(suggest).flatMap(([name, given]) => {
    if (isObject(given)) return [readSuggestion(name, given, common)];
    const token = tokenOf(given);
    if (token === "START_ARRAY" || token === "VALUE_NULL")
      throw parsingException(`unexpected token [${token}] after [${name}]`).at(suggest, name);
    if (name === "text") return [];
    throw illegalArgument(`[suggest] does not support [${name}]`);
  });
}

function readSuggestion(name: string, given: JsonObject, common: unknown): Suggestion {
  let request: Suggestion["request"] | undefined;
  for (const [key, value] of Object.entries(given)) {
    if (!isObject(value)) {
      if (!["text", "prefix", "regex"].includes(key))
        throw parsingException(`suggestion does not support [${key}]`).at(given, key);
    } else if (key === "completion") request = readCompletion(value);
    else if (key === "term") request = readTermRequest(value);
    else if (key === "phrase") request = readPhraseRequest(value);
    else {
      const reason = `unknown field [${key}]`;
      throw new EsError(400, "named_object_not_found_exception", reason).at(given, key);
    }
  }
  if (request === undefined) throw new EsError(400, "parse_exception", "missing suggestion object");
  const own = given["text"] ?? given["prefix"];
  const regex = given["regex"] ?? undefined;
  if (regex !== undefined && request.kind !== "completion")
    throw notSupported(`[regex] of the suggester [${request.kind}]`);
  if (regex !== undefined && request.kind === "completion") request = { ...request, isRegex: true };
  const text = own ?? regex ?? common;
  const prefix = regex ?? given["prefix"] ?? text;
  const optional = (value: unknown): string | undefined =>
    value === undefined || value === null ? undefined : textOf(value);
  return { name, text: optional(text), prefix: optional(prefix), request };
}
