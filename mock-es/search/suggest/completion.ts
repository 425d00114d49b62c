/** Completions: the inputs of `completion` fields that begin with a prefix, or nearly so. */
import { builtInAnalysis } from "../../analysis/analysis.ts";
import { standardAnalyzer } from "../../analysis/built-in-analyzers.ts";
import type { Analyzer } from "../../analysis/token.ts";
import { EsError, illegalArgument, notSupported, xContentParseException } from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { createAutomaton } from "../../text/automaton.ts";
import { parseRegexp } from "../../text/regexp-syntax.ts";
import { editDistance } from "../../text/edit-distance.ts";
import type { MappedField, SearchContext, SearchDocument } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { collectRaw } from "../fields/reader.ts";
import { shardFailure } from "../problem.ts";
import { inShard } from "../queries/shard-problem.ts";
import {
  type ContextMapping,
  contextMappings,
  contextsOf,
  meetContexts,
  readWantedContexts,
} from "./contexts.ts";
import { editsOf } from "../queries/fuzzy.ts";
import { checkKnown } from "../known-members.ts";

/** How far from a prefix inputs may be. */
interface Fuzzy {
  /** 0, 1 or 2. */
  readonly edits: number;
  /** Bytes that have to be equal. */
  readonly prefixLength: number;
  /** Shorter prefixes have to be met exactly, in bytes. */
  readonly minLength: number;
}

/** A `completion` suggester as it was asked for. */
export interface CompletionRequest {
  readonly kind: "completion";
  readonly field: string;
  readonly analyzer: string | undefined;
  readonly size: number;
  /** Inputs that a shard looks at. */
  readonly shardSize: number;
  readonly skipsDuplicates: boolean;
  readonly fuzzy: Fuzzy | undefined;
  /** The prefix is a regular expression. */
  readonly isRegex: boolean;
  /** `contexts` as they are asked for. */
  readonly contexts: unknown;
}

/** An input that was found. */
export interface Completion {
  readonly text: string;
  readonly score: number;
  readonly document: SearchDocument;
  /** The contexts of its document that were asked for. */
  readonly contexts?: ReadonlyMap<string, readonly string[]>;
}

const members = "field contexts skip_duplicates regex fuzzy analyzer size shard_size".split(" ");

/** Reads the body of a suggester. @throws {EsError} 400 in the server's words */
export function readCompletion(body: JsonObject): CompletionRequest {
  checkKnown("completion", body, members);
  const { field, analyzer, regex } = body;
  if (regex !== undefined) throw notSupported("[regex] of the suggester [completion]");
  if (field === undefined || field === "")
    throw new EsError(400, "parse_exception", "the required field option [field] is missing");
  if (typeof field !== "string") {
    const reason = `[completion] field doesn't support values of type: ${tokenOf(field)}`;
    throw xContentParseException(reason).at(body, "field");
  }
  const size = positive(body, "size", 5);
  return {
    kind: "completion",
    field,
    analyzer: analyzer === undefined ? undefined : textOf(analyzer),
    size,
    shardSize: body["shard_size"] === undefined ? Math.max(size, 5) : whole(body, "shard_size"),
    skipsDuplicates: readFlag(body),
    fuzzy: readFuzzy(body),
    isRegex: false,
    contexts: body["contexts"],
  };
}

function memberProblem(body: JsonObject, key: string, cause: EsError): EsError {
  return xContentParseException(`[completion] failed to parse field [${key}]`, {
    caused_by: cause.toCause(),
  }).at(body, key);
}

function whole(body: JsonObject, key: string): number {
  const value = textOf(body[key]);
  if (/^[-+]?\d+$/.test(value)) return Number(value);
  const reason = `For input string: "${value}"`;
  throw memberProblem(body, key, new EsError(400, "number_format_exception", reason));
}

function positive(body: JsonObject, key: string, fallback: number): number {
  if (body[key] === undefined) return fallback;
  const value = whole(body, key);
  if (value > 0) return value;
  throw memberProblem(body, key, illegalArgument(`${key} must be positive`));
}

function readFlag(body: JsonObject): boolean {
  const value = textOf(body["skip_duplicates"] ?? false);
  if (value === "true" || value === "false") return value === "true";
  const reason = `Failed to parse value [${value}] as only [true] or [false] are allowed.`;
  throw memberProblem(body, "skip_duplicates", illegalArgument(reason));
}

const fuzzyMembers =
  "fuzziness transpositions min_length prefix_length unicode_aware max_determinized_states";

function readFuzzy(body: JsonObject): Fuzzy | undefined {
  const { fuzzy } = body;
  if (fuzzy === undefined) return undefined;
  if (typeof fuzzy === "boolean") return fuzzy ? { edits: 1, ...defaultFuzzy } : undefined;
  if (!isObject(fuzzy)) {
    const reason = `[completion] fuzzy doesn't support values of type: ${tokenOf(fuzzy)}`;
    throw xContentParseException(reason).at(body, "fuzzy");
  }
  for (const key of Object.keys(fuzzy)) {
    if (!fuzzyMembers.split(" ").includes(key))
      throw notSupported(`[${key}] of [fuzzy] of the suggester [completion]`);
  }
  if (fuzzy["transpositions"] === false || textOf(fuzzy["unicode_aware"] ?? false) === "true")
    throw notSupported("[fuzzy] without transpositions, or with [unicode_aware]");
  // The server reads AUTO as the distance of a term of five characters.
  const fuzziness = textOf(fuzzy["fuzziness"] ?? "AUTO");
  if (!/^(?:[012]|AUTO(?::\d+,\d+)?)$/i.test(fuzziness))
    throw notSupported(`[fuzziness] [${fuzziness}] of [fuzzy]`);
  const edits = editsOf(fuzziness, "xxxxx");
  const natural = (key: "min_length" | "prefix_length", fallback: number): number => {
    const value = Number(fuzzy[key] ?? fallback);
    if (Number.isInteger(value) && value >= 0) return value;
    throw notSupported(`[${key}] [${textOf(fuzzy[key])}] of [fuzzy]`);
  };
  return {
    edits,
    minLength: natural("min_length", defaultFuzzy.minLength),
    prefixLength: natural("prefix_length", defaultFuzzy.prefixLength),
  };
}

const defaultFuzzy = { minLength: 3, prefixLength: 1 };

/** An input of a document that meets the prefix. */
interface Match extends Completion {
  /** What the analyzer makes of the input: bytes, one character each. */
  readonly key: string;
}

/**
 * The best inputs of a shard, one for each document.
 *
 * @throws {EsError} the shard's refusal of a field that completes nothing
 */
export function completeShard(
  prefix: string,
  request: CompletionRequest,
  context: SearchContext,
  documents: Iterable<SearchDocument>,
): Completion[] {
  const { field: name, shardSize, skipsDuplicates, fuzzy } = request;
  const field = resolveField(context, name);
  if (field?.type !== "completion") {
    const reason = `Field [${name}] is not a completion suggest field`;
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  const mappings = contextMappings(field.parameters);
  const wantedContexts = inShard(context, () =>
    readWantedContexts(name, request.contexts, mappings),
  );
  if (mappings.length > 0 && fuzzy !== undefined)
    throw notSupported("[fuzzy] with [contexts] of the suggester [completion]");
  if (request.isRegex && fuzzy !== undefined) {
    const reason = "can not use 'fuzzy' options with 'regex";
    throw shardFailure(context.index, "illegal_argument_exception", reason);
  }
  const keyOf = createKeys(context, field, "analyzer");
  const meets = request.isRegex
    ? regexScore(prefix)
    : prefixScore(createKeys(context, field, "search_analyzer")(prefix), fuzzy);
  const limit = Number(field.parameters["max_input_length"] ?? 50);
  const matches: Match[] = [];
  for (const document of documents) {
    if ((document.write ?? 0) < field.sinceWrite) continue;
    for (const input of inputsOf(document, field.places, limit, mappings)) {
      const { text, weight, contexts } = input;
      const met = mappings.length === 0 ? undefined : meetContexts(wantedContexts, contexts);
      if (mappings.length > 0 && met === undefined) continue;
      const key = keyOf(text);
      const score = meets(key, weight);
      if (score === undefined) continue;
      const boosted = met === undefined ? score : Math.fround(score * met.boost);
      matches.push({
        text,
        key,
        score: boosted,
        document,
        ...(met === undefined ? {} : { contexts: met.contexts }),
      });
    }
  }
  matches.sort((a, b) => b.score - a.score || compare(a.key, b.key));
  const texts = new Set<string>();
  const seen = new Set<SearchDocument>();
  const found: Completion[] = [];
  let looked = 0;
  for (const [at, match] of matches.entries()) {
    if (looked >= shardSize) break;
    const other = matches[at + 1];
    const isAlike = other?.key === match.key && other.score === match.score;
    if (isAlike && other.document === match.document && !seen.has(match.document))
      throw notSupported(
        `a choice between inputs of a document that are analysed alike ([${match.text}])`,
      );
    if (skipsDuplicates && texts.has(match.text)) continue;
    looked++;
    texts.add(match.text);
    if (seen.has(match.document)) continue;
    seen.add(match.document);
    found.push(match);
  }
  return found.sort(byScore);
}

/** The best completions of all shards, with the number of the shard. */
export function bestCompletions(
  shards: readonly (readonly Completion[])[],
  { size, skipsDuplicates }: CompletionRequest,
): (Completion & { readonly shard: number })[] {
  const all = shards.flatMap((list, shard) =>
    list.slice(0, size).map((one) => ({ ...one, shard })),
  );
  all.sort(byScore);
  const seen = new Set<string>();
  const kept = all.filter(({ text }) => {
    if (!skipsDuplicates) return true;
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
  return kept.slice(0, size);
}

function byScore(a: Completion, b: Completion): number {
  return b.score - a.score || compare(a.text, b.text);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Stands between the terms of a key, and for places without a term (Lucene). */
const separator = "\u001f";
const hole = "\u001e";

function createKeys(
  context: SearchContext,
  { parameters }: Pick<MappedField, "parameters">,
  role: "analyzer" | "search_analyzer",
): (text: string) => string {
  const named = parameters[role] ?? parameters["analyzer"];
  const analysis = context.mappings.analysis ?? builtInAnalysis;
  const analyzer: Analyzer = analysis.analyzer(textOf(named ?? "simple")) ?? standardAnalyzer;
  const between = parameters["preserve_separators"] === false ? "" : separator;
  const keepsHoles = parameters["preserve_position_increments"] !== false;
  return (text) => {
    const parts: string[] = [];
    let last = -1;
    for (const { term, position } of analyzer.analyze(text)) {
      if (position === last)
        throw notSupported(`the analyzer [${analyzer.name}] of a completion: terms at one place`);
      if (keepsHoles) parts.push(...Array<string>(position - last - 1).fill(hole));
      parts.push(term);
      last = position;
    }
    return Buffer.from(parts.join(between)).toString("latin1");
  };
}

interface Input {
  readonly text: string;
  readonly weight: number;
  readonly contexts: ReadonlyMap<string, readonly string[]>;
}

/** The inputs of a document with their weights; of equal ones the heaviest. */
function inputsOf(
  { source }: SearchDocument,
  places: readonly { readonly path: readonly string[] }[],
  limit: number,
  mappings: readonly ContextMapping[],
): Iterable<Input> {
  const inputs = new Map<string, Input>();
  const raw: unknown[] = [];
  for (const { path } of places) collectRaw(source, path, 0, raw);
  for (const value of raw) {
    const [given, weight] = isObject(value)
      ? [value["input"], Number(textOf(value["weight"] ?? 1))]
      : [value, 1];
    const contexts =
      mappings.length === 0
        ? noContexts
        : contextsOf(mappings, isObject(value) ? value["contexts"] : undefined, source);
    for (const input of [given].flat()) {
      if (typeof input !== "string" || input === "") continue;
      const text = input.slice(0, limit);
      const known = inputs.get(text);
      if (known !== undefined && known.weight >= weight) continue;
      inputs.set(text, { text, weight, contexts });
    }
  }
  return inputs.values();
}

const noContexts: Input["contexts"] = new Map();

type Meets = (key: string, weight: number) => number | undefined;

function prefixScore(wanted: string, fuzzy: Fuzzy | undefined): Meets {
  if (wanted === "") return () => undefined;
  return (key, weight) => scoreOf(key, wanted, weight, fuzzy);
}

/** Inputs of which a beginning fits a regular expression. */
function regexScore(source: string): Meets {
  const bytes = Buffer.from(source).toString("latin1");
  const automaton = createAutomaton(parseRegexp(bytes, { hasOperators: true, ignoreCase: false }));
  if (automaton === undefined)
    throw notSupported("so long a [regex] of the suggester [completion]");
  return (key, weight) => {
    for (let end = 0; end <= key.length; end++)
      if (automaton.matches(key.slice(0, end))) return Math.fround(weight);
    return undefined;
  };
}

/** The score of an input; `undefined` for one that does not meet the prefix. */
function scoreOf(
  key: string,
  wanted: string,
  weight: number,
  fuzzy: Fuzzy | undefined,
): number | undefined {
  if (key === "") return undefined;
  if (fuzzy === undefined) return key.startsWith(wanted) ? Math.fround(weight) : undefined;
  const { edits, prefixLength, minLength } = fuzzy;
  const isExact = wanted.length <= prefixLength || wanted.length < minLength;
  const most = isExact ? 0 : edits;
  const exact = isExact ? wanted.length : prefixLength;
  if (!key.startsWith(wanted.slice(0, exact))) return undefined;
  const rest = wanted.slice(exact);
  // The shortest beginning that is near enough counts (Lucene's FuzzyCompletionQuery).
  const shortest = Math.max(exact, wanted.length - most);
  for (let end = shortest; end <= Math.min(key.length, wanted.length + most); end++) {
    if (editDistance(rest, key.slice(exact, end), true) > most) continue;
    let common = 0;
    while (common < end && key[common] === wanted[common]) common++;
    return Math.fround(common === 0 ? weight : Math.max(weight, 1) * common);
  }
  return undefined;
}
