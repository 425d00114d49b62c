/** The suggester `phrase`: whole texts whose words are corrected so that they follow each other. */
import type { Analyzer, Token } from "../../analysis/token.ts";
import { notSupported } from "../../es-error.ts";
import { floatJson } from "../../json/java-number.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { SearchContext } from "../fields/document.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { shardFailure } from "../problem.ts";
import { type Correction, findCorrections, type WordChoice } from "./corrections.ts";
import type { PhraseRequest } from "./phrase-request.ts";
import {
  type Dictionary,
  dictionaryOf,
  nearTerms,
  numeric,
  readDistance,
  readSort,
  type SpellChecker,
} from "./spell-checker.ts";
import { type Candidate, WordScorer } from "./word-scorer.ts";

/** A corrected text. */
export interface PhraseOption {
  readonly text: string;
  readonly highlighted?: string;
  /** A value that `JSON.stringify` writes as a float. */
  readonly score: unknown;
}

/** The corrections of a shard. */
export interface PhraseEntry {
  /** What a correction must score more than. */
  readonly cutoff: number;
  readonly corrections: readonly {
    readonly text: string;
    readonly highlighted?: string;
    readonly score: number;
  }[];
}

/** Java's `Double.MIN_VALUE`: what a score must exceed that nothing else bounds. */
const leastScore = Number.MIN_VALUE;

/** Where candidates come from. */
interface Generator {
  readonly checker: SpellChecker;
  readonly size: number;
  readonly dictionary: Dictionary;
  readonly before: Analyzer | undefined;
  readonly after: Analyzer | undefined;
}

/** Corrects a text with the terms of a shard. @throws {EsError} the refusal of the shard */
export function correctPhrase(
  text: string,
  request: PhraseRequest,
  context: SearchContext,
): PhraseEntry {
  const field = fieldOf(request.field, context);
  const analyzer =
    (request.analyzer === undefined
      ? undefined
      : context.mappings.analysis?.analyzer(request.analyzer)) ??
    (field === undefined ? undefined : searchAnalyzerOf(field));
  const gramSize = request.gramSize ?? analyzer?.shingles?.max ?? 1;
  const generators = generatorsOf(request, analyzer, context);
  const words = field === undefined ? undefined : dictionaryOf(context, field);
  const [first] = generators;
  if (words === undefined || words.terms.size === 0 || first === undefined || !analyzer)
    return { cutoff: leastScore, corrections: [] };
  const { separator, realWordLikelihood, smoothing } = request;
  const scorer = new WordScorer(words, smoothing, separator, realWordLikelihood);
  const choices = choicesOf(analyzer.analyze(text), request, first, context);
  if (choices.length === 0 || choices.length >= request.tokenLimit)
    return { cutoff: leastScore, corrections: [] };
  for (const choice of choices) {
    for (const generator of generators) draw(choice, generator, request.realWordLikelihood);
    choice.others = choice.others.slice(0, request.shardSize);
  }
  const { cutoff, corrections } = findCorrections(choices, scorer, gramSize, request);
  return { cutoff, corrections: corrections.map((each) => shown(each, request)) };
}

function fieldOf(name: string, context: SearchContext): Field | undefined {
  const field = resolveField(context, name);
  if (field === undefined || field.kind === "text" || field.kind === "keyword") return field;
  if (["long", "double", "date"].includes(field.kind)) return undefined; // they have no terms
  throw notSupported(`the suggester [phrase] on a field of type [${field.type}]`);
}

/** The generators of a request whose fields hold anything. */
function generatorsOf(
  request: PhraseRequest,
  analyzer: Analyzer | undefined,
  context: SearchContext,
): Generator[] {
  const refuse = (reason: string): Error =>
    shardFailure(context.index, "illegal_argument_exception", reason);
  let given = request.generators;
  if (given.length === 0) {
    const shingles = analyzer?.shingles;
    if (shingles !== undefined && !shingles.hasUnigrams && request.requiresUnigrams)
      throw refuse(
        `The default candidate generator for phrase suggest can't operate on field: [${request.field}] since it doesn't emit unigrams. If this is intentional try to set the candidate generator field explicitly`,
      );
    given = [{ field: request.field }];
  }
  return given.flatMap((settings) => {
    const named = (key: string): Analyzer | undefined => {
      const name = settings[key];
      if (name === undefined || name === null) return undefined;
      const found = context.mappings.analysis?.analyzer(textOf(name));
      if (found === undefined) throw refuse(`Analyzer [${textOf(name)}] doesn't exists`);
      return found;
    };
    const checker = checkerOf(settings, refuse);
    const [before, after] = [named("pre_filter"), named("post_filter")];
    const field = fieldOf(textOf(settings["field"]), context);
    const dictionary = field === undefined ? undefined : dictionaryOf(context, field);
    if (dictionary === undefined || dictionary.terms.size === 0) return [];
    return [{ checker, size: numeric(settings, "size", 5), dictionary, before, after }];
  });
}

const modes = ["missing", "popular", "always"] as const;

function checkerOf(settings: JsonObject, refuse: (reason: string) => Error): SpellChecker {
  const given = textOf(settings["suggest_mode"] ?? "missing");
  const mode = modes.find((one) => one === given.toLowerCase());
  if (mode === undefined) throw refuse(`Illegal suggest mode ${given}`);
  try {
    readSort(settings); // checked by the server, and of no effect on candidates
    return {
      mode,
      maxEdits: numeric(settings, "max_edits", 2),
      prefixLength: numeric(settings, "prefix_length", 1),
      minWordLength: numeric(settings, "min_word_length", 4),
      maxInspections: numeric(settings, "max_inspections", 5),
      minDocFreq: Math.fround(numeric(settings, "min_doc_freq", 0)),
      maxTermFreq: numeric(settings, "max_term_freq", 0.01),
      accuracy: numeric(settings, "accuracy", 0.5),
      distance: readDistance(settings),
    };
  } catch (error) {
    throw error instanceof Error && "reason" in error ? refuse(String(error.reason)) : error;
  }
}

/** One choice for each word of the text, without candidates but for synonyms. */
function choicesOf(
  tokens: readonly Token[],
  request: PhraseRequest,
  generator: Generator,
  context: SearchContext,
): WordChoice[] {
  const choices: WordChoice[] = [];
  let last = -1;
  let hasUnigram = false;
  for (const { term, type, position } of tokens) {
    const isAtLast = position === last;
    last = position;
    if (request.requiresUnigrams && type === "shingle") continue;
    hasUnigram = true;
    const count = countOf(filteredTerm(term, generator), generator);
    const current = choices.at(-1);
    if (isAtLast && type === "SYNONYM" && current !== undefined) {
      if (count.documents > 0)
        current.others = [
          ...current.others,
          candidate(term, request.realWordLikelihood, count, generator, false),
        ];
    } else choices.push({ given: candidate(term, 1, count, generator, true), others: [] });
  }
  if (request.requiresUnigrams && !hasUnigram && tokens.length > 0)
    throw shardFailure(
      context.index,
      "illegal_argument_exception",
      "At least one unigram is required but all tokens were ngrams",
    );
  return choices;
}

/** The last term that `pre_filter` makes of one. */
function filteredTerm(term: string, { before }: Generator): string {
  return before === undefined ? term : (before.analyze(term).at(-1)?.term ?? term);
}

function countOf(term: string, { dictionary }: Generator): Candidate["count"] {
  return dictionary.terms.get(term) ?? { documents: 0, occurrences: 0 };
}

function candidate(
  term: string,
  likeness: number,
  count: Candidate["count"],
  generator: Generator,
  isGiven: boolean,
): Candidate {
  const { occurrences } = generator.dictionary;
  const score = likeness * ((count.occurrences + 1) / (occurrences + 1));
  return { term, likeness, count, score, isGiven };
}

/** Base of the logarithm by which frequent words want more frequent corrections. */
const logBase = 5;

/** Adds what a generator finds near a word, the strongest first. */
function draw(choice: WordChoice, generator: Generator, realWordLikelihood: number): void {
  const { checker, dictionary, size, after } = generator;
  let { minDocFreq } = checker;
  if (checker.mode !== "always") {
    const frequency = choice.given.count.documents;
    const plateau = Math.trunc(minDocFreq >= 1 ? minDocFreq : minDocFreq * dictionary.documents);
    const growth = Math.log10(frequency - plateau) * (1 / Math.log10(logBase)) + 1;
    const least = frequency > 0 ? Math.max(0, Math.round(frequency * growth) || 0) : 0;
    minDocFreq = Math.max(minDocFreq, least);
  }
  const term = filteredTerm(choice.given.term, generator);
  const found: Candidate[] = [];
  for (const near of nearTerms(term, { ...checker, minDocFreq }, size, dictionary)) {
    const own = candidate(near.text, near.score, countOf(near.text, generator), generator, false);
    if (after === undefined) found.push(own);
    else {
      let last = -1;
      for (const { term: made, position } of after.analyze(near.text)) {
        const isSame = position > last && made === near.text;
        last = position;
        found.push({ ...own, term: made, likeness: isSame ? own.likeness : realWordLikelihood });
      }
    }
  }
  const merged = new Map<string, Candidate>();
  for (const each of [...found, ...choice.others])
    if (!merged.has(each.term)) merged.set(each.term, each);
  choice.others = [...merged.values()].sort(
    (a, b) => b.score - a.score || (a.term < b.term ? -1 : 1),
  );
}

function shown(
  { words, score }: Correction,
  { tags }: PhraseRequest,
): {
  readonly text: string;
  readonly highlighted?: string;
  readonly score: number;
} {
  const text = words.map(({ term }) => term).join(" ");
  if (tags === undefined) return { text, score };
  const marked = words.map(({ term, isGiven }, at) => {
    if (isGiven) return term;
    const before = words[at - 1]?.isGiven === false ? "" : tags.before;
    const after = words[at + 1]?.isGiven === false ? "" : tags.after;
    return `${before}${term}${after}`;
  });
  return { text, highlighted: marked.join(" "), score };
}

/** Puts the corrections of all shards together: a text has the best of its scores. */
export function mergePhrases(
  shards: readonly PhraseEntry[],
  request: PhraseRequest,
): PhraseOption[] {
  const cutoff = Math.max(...shards.map((shard) => shard.cutoff));
  const merged = new Map<string, PhraseEntry["corrections"][number]>();
  for (const { corrections, cutoff: own } of shards) {
    for (const each of corrections) {
      const score = Math.fround(each.score);
      const known = merged.get(each.text);
      if (score <= own || (known !== undefined && known.score >= score)) continue;
      merged.set(each.text, { ...(known ?? each), score });
    }
  }
  const all = [...merged.values()].filter(({ score }) => score > cutoff);
  // What one shard answers stands in the order of its scores, which are more exact.
  if (shards.length > 1) all.sort((a, b) => b.score - a.score || (a.text < b.text ? -1 : 1));
  return all
    .slice(0, request.size)
    .map(({ score, ...option }) => ({ ...option, score: floatJson(score) }));
}
