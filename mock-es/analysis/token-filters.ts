/** Token filters by their type: they change, drop or add terms. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { lowerCase, upperCase } from "../text/java-case.ts";
import { javaPattern, wholePattern } from "../text/java-pattern.ts";
import { foldToAscii } from "./ascii-folding.ts";
import { replaceAsJava } from "../text/java-replacement.ts";
import { edgeGramFilter, gramFilter, shingleFilter } from "./gram-filters.ts";
import { cjkBigrams } from "./cjk-bigrams.ts";
import { porterStem } from "./porter-stemmer.ts";
import { noSettings, type PartSettings } from "./settings.ts";
import { normalizeGerman } from "./stemmers/german.ts";
import { capitalized, namedStemmer, snowballStemmer } from "./stemmers/stemmers.ts";
import { stopWords } from "./stop-words.ts";
import { synonymFilter } from "./synonyms.ts";
import type { Token } from "./token.ts";
import { wordDelimiter } from "./word-delimiter.ts";

/** Changes the terms of a text. */
export type TokenFilter = (tokens: readonly Token[]) => readonly Token[];

/** What a filter may need of the analyzer that it is part of. */
export interface FilterSurroundings {
  /** Splits a text as the tokenizer and the filters before this one do. */
  readonly analyze: (text: string) => readonly Token[];
  /** Another filter, by its name. */
  readonly filter: (name: string) => TokenFilter;
  /** Rules of a set of synonyms; `undefined`: there is no such set. Absent: there are none. */
  readonly synonymsOf?: (set: string) => readonly string[] | undefined;
}

type Factory = (settings: PartSettings, surroundings: FilterSurroundings) => TokenFilter;

const eachTerm =
  (change: (term: string) => string): TokenFilter =>
  (tokens) =>
    tokens.map((token) => {
      const term = change(token.term);
      return term === token.term ? token : { ...token, term };
    });

/** Changes terms that are not marked as keywords. */
const eachWord =
  (change: (term: string) => string): TokenFilter =>
  (tokens) =>
    tokens.map((token) =>
      token.isKeyword === true ? token : { ...token, term: change(token.term) },
    );

const keep = (accepts: (token: Token) => boolean): TokenFilter =>
  leavingPlaces((tokens) => tokens.filter(accepts));

const leaving = new WeakSet<TokenFilter>();

/** Marks a filter that drops terms and leaves their places free, also behind the last term. */
export function leavingPlaces(filter: TokenFilter): TokenFilter {
  leaving.add(filter);
  return filter;
}

/** True for a filter that drops terms and leaves their places free. */
export function leavesPlaces(filter: TokenFilter): boolean {
  return leaving.has(filter);
}

/** ASCII in full width, and katakana in half width. */
const otherWidth = /[\uff01-\uff5e\uff65-\uff9f]+/g;

const factories: Readonly<Record<string, Factory>> = {
  lowercase: lowercase,
  uppercase: () => eachTerm(upperCase),
  asciifolding: folding,
  trim: () => eachTerm((term) => term.trim()),
  reverse: () => eachTerm((term) => Array.from(term).toReversed().join("")),
  truncate: (settings) => {
    const most = settings.number("length", 10);
    if (most < 1) throw illegalArgument("length parameter must be provided");
    return eachTerm((term) => term.slice(0, most));
  },
  length: (settings) => {
    const least = settings.number("min", 0);
    const most = settings.number("max", 2_147_483_647);
    return keep(({ term }) => term.length >= least && term.length <= most);
  },
  limit: limit,
  stop: stop,
  unique: unique,
  remove_duplicates: removeDuplicates,
  porter_stem: () => eachWord(porterStem),
  stemmer: stemmer,
  stemmer_override: stemmerOverride,
  snowball: snowball,
  dutch_stem: () => stemming(snowballStemmer("Dutch"), "Dutch"),
  french_stem: () => stemming(snowballStemmer("French"), "French"),
  russian_stem: () => stemming(snowballStemmer("Russian"), "Russian"),
  german_normalization: () => eachTerm(normalizeGerman),
  cjk_bigram: cjkBigrams,
  keyword_marker: keywordMarker,
  keyword_repeat: keywordRepeat,
  apostrophe: () => eachTerm((term) => term.replace(/['’].*$/s, "")),
  elision: elision,
  // It changes terms of the tokenizer of the same name only.
  classic: () => (tokens) => tokens,
  decimal_digit: () => eachTerm(decimalDigits),
  cjk_width: () =>
    eachTerm((term) => term.replaceAll(otherWidth, (part) => part.normalize("NFKC"))),
  pattern_replace: patternReplace,
  pattern_capture: patternCapture,
  ngram: gramFilter,
  nGram: () => renamed("nGram", "ngram"),
  edge_ngram: edgeGramFilter,
  edgeNGram: () => renamed("edgeNGram", "edge_ngram"),
  shingle: shingleFilter,
  fingerprint: fingerprint,
  keep: keepWords,
  keep_types: keepTypes,
  common_grams: () => {
    throw notSupported("the token filter [common_grams]");
  },
  flatten_graph: () => (tokens) => tokens,
  word_delimiter: (settings) => wordDelimiter(settings, false),
  word_delimiter_graph: (settings) => wordDelimiter(settings, true),
  synonym: (settings, { analyze, synonymsOf }) =>
    synonymFilter(settings, false, analyze, synonymsOf),
  synonym_graph: (settings, { analyze, synonymsOf }) =>
    synonymFilter(settings, true, analyze, synonymsOf),
  multiplexer: multiplexer,
};

/** Filters of Elasticsearch that are refused by name, not as unknown ones. */
const notComputed: ReadonlySet<string> = new Set(
  `arabic_normalization arabic_stem bengali_normalization brazilian_stem condition czech_stem
  delimited_payload dictionary_decompounder german_stem
  hindi_normalization hunspell hyphenation_decompounder indic_normalization kstem min_hash
  persian_normalization persian_stem phonetic predicate_token_filter
  scandinavian_folding scandinavian_normalization serbian_normalization sorani_normalization
  dutch_kp lovins icu_folding icu_normalizer`.split(/\s+/),
);

/** Builds a filter of a type; `undefined` when there is none. @throws {EsError} */
export function createTokenFilter(
  type: string,
  settings: PartSettings,
  surroundings: FilterSurroundings,
): TokenFilter | undefined {
  if (Object.hasOwn(factories, type)) return factories[type]?.(settings, surroundings);
  if (notComputed.has(type)) return refuse(`the token filter [${type}]`);
  return undefined;
}

/** A name of before version 7. @throws {EsError} 400 with the name of today */
function renamed(name: string, now: string): never {
  throw illegalArgument(
    `The [${name}] token filter name was deprecated in 6.4 and cannot be used in new indices. Please change the filter name to [${now}] instead.`,
  );
}

/** A filter that is refused when it is used: naming it alone is no fault. */
function refuse(what: string): TokenFilter {
  return () => {
    throw notSupported(what);
  };
}

function lowercase(settings: PartSettings): TokenFilter {
  const language = settings.text("language");
  if (language === undefined) return eachTerm(lowerCase);
  const locale = { turkish: "tr", greek: "el", irish: "ga" }[language.toLowerCase()];
  if (locale === undefined)
    throw illegalArgument(`language [${language}] not support for lower case`);
  return eachTerm((term) => term.toLocaleLowerCase(locale));
}

function folding(settings: PartSettings): TokenFilter {
  if (!settings.flag("preserve_original", false)) return eachTerm(foldToAscii);
  return (tokens) =>
    tokens.flatMap((token) => {
      const term = foldToAscii(token.term);
      return term === token.term ? [token] : [{ ...token, term }, token];
    });
}

function limit(settings: PartSettings): TokenFilter {
  const most = settings.number("max_token_count", 1);
  if (most < 1) throw illegalArgument("maxTokenCount must be greater than zero");
  return (tokens) => tokens.slice(0, most);
}

function stop(settings: PartSettings): TokenFilter {
  const ignoreCase = settings.flag("ignore_case", false);
  const words = stopWords(settings.list("stopwords"));
  const wanted = new Set(ignoreCase ? words.map((word) => word.toLowerCase()) : words);
  const removesTrailing = settings.flag("remove_trailing", true);
  return leavingPlaces((tokens) =>
    tokens.filter((token, at) => {
      const term = ignoreCase ? token.term.toLowerCase() : token.term;
      return !wanted.has(term) || (!removesTrailing && at === tokens.length - 1);
    }),
  );
}

function unique(settings: PartSettings): TokenFilter {
  if (settings.flag("only_on_same_position", false)) return removeDuplicates();
  return (tokens) => {
    const seen = new Set<string>();
    return tokens.filter(({ term }) => !seen.has(term) && seen.add(term));
  };
}

function removeDuplicates(): TokenFilter {
  return (tokens) => {
    const seen = new Set<string>();
    return tokens.filter(({ term, position }) => {
      const key = `${position} ${term}`;
      return !seen.has(key) && seen.add(key);
    });
  };
}

function stemmer(settings: PartSettings): TokenFilter {
  const name = settings.text("language") ?? settings.text("name") ?? "porter";
  if (/^possessive_?english$/i.test(name))
    return eachTerm((term) => term.replace(/['’＇][sS]$/, ""));
  return stemming(namedStemmer(name), name);
}

function snowball(settings: PartSettings): TokenFilter {
  const name = settings.text("language") ?? settings.text("name") ?? "English";
  return stemming(snowballStemmer(capitalized(name)), name);
}

/** A filter of a stemmer, which is refused when it is used, where there is none. */
function stemming(found: ReturnType<typeof namedStemmer>, name: string): TokenFilter {
  if (typeof found === "function") return eachWord(found);
  if (found === "refused") return refuse(`the stemmer [${name}]`);
  return () => {
    throw illegalArgument(`Invalid stemmer class specified: ${capitalized(name)}`);
  };
}

function stemmerOverride(settings: PartSettings): TokenFilter {
  const table = new Map<string, string>();
  for (const rule of settings.list("rules") ?? []) {
    const [from = "", to] = rule.split("=>").map((side) => side.trim());
    if (to === undefined) throw illegalArgument(`Invalid Keyword override Rule:${rule}`);
    for (const word of from.split(",")) table.set(word.trim(), to);
  }
  return (tokens) =>
    tokens.map((token) => {
      const term = table.get(token.term);
      return term === undefined ? token : { ...token, term, isKeyword: true };
    });
}

function keywordMarker(settings: PartSettings): TokenFilter {
  const pattern = settings.text("keywords_pattern");
  const regExp = pattern === undefined ? undefined : wholePattern(pattern);
  const ignoreCase = settings.flag("ignore_case", false);
  const words = new Set(
    (settings.list("keywords") ?? []).map((word) => (ignoreCase ? word.toLowerCase() : word)),
  );
  return (tokens) =>
    tokens.map((token) => {
      const term = ignoreCase ? token.term.toLowerCase() : token.term;
      const isKeyword = words.has(term) || regExp?.test(token.term) === true;
      return isKeyword ? { ...token, isKeyword } : token;
    });
}

function keywordRepeat(): TokenFilter {
  return (tokens) => tokens.flatMap((token) => [{ ...token, isKeyword: true }, token]);
}

function elision(settings: PartSettings): TokenFilter {
  const articles =
    settings.list("articles") ?? "l m t qu n s j d c jusqu quoiqu lorsqu puisqu".split(" ");
  const ignoreCase = settings.flag("articles_case", false);
  const wanted = new Set(articles.map((article) => (ignoreCase ? article.toLowerCase() : article)));
  return eachTerm((term) => {
    const found = /^([^'’]+)['’](.+)$/s.exec(term);
    if (found === null) return term;
    const [, article = "", rest = ""] = found;
    return wanted.has(ignoreCase ? article.toLowerCase() : article) ? rest : term;
  });
}

/** Digits of any script as those of ASCII. */
function decimalDigits(term: string): string {
  return term.replaceAll(/\p{Nd}/gu, (digit) => {
    const code = digit.codePointAt(0) ?? 0;
    let zero = code;
    while (/\p{Nd}/u.test(String.fromCodePoint(zero - 1)) && code - zero < 9) zero--;
    return String(code - zero);
  });
}

function patternReplace(settings: PartSettings): TokenFilter {
  const pattern = settings.text("pattern");
  if (pattern === undefined)
    throw illegalArgument(
      `pattern is missing for [${settings.name}] token filter of type 'pattern_replace'`,
    );
  const replacesAll = settings.flag("all", true);
  const regExp = javaPattern(pattern, replacesAll ? "g" : "", settings.text("flags") ?? "");
  const replacement = settings.text("replacement") ?? "";
  return eachTerm((term) => replaceAsJava(term, regExp, replacement));
}

function patternCapture(settings: PartSettings): TokenFilter {
  const patterns = (settings.list("patterns") ?? []).map((pattern) => javaPattern(pattern, "g"));
  const keepsOriginal = settings.flag("preserve_original", true);
  return (tokens) =>
    tokens.flatMap((token) => {
      const terms = patterns.flatMap((pattern) =>
        [...token.term.matchAll(pattern)].flatMap((found) => found.slice(1)),
      );
      const captured = terms.filter((term) => term !== undefined && term !== "");
      const all = keepsOriginal || captured.length === 0 ? [token.term, ...captured] : captured;
      return [...new Set(all)].map((term) => ({ ...token, term }));
    });
}

function fingerprint(settings: PartSettings): TokenFilter {
  const separator = settings.text("separator") ?? " ";
  const most = settings.number("max_output_size", 255);
  return (tokens) => {
    const [first] = tokens;
    if (first === undefined) return [];
    const term = [...new Set(tokens.map((token) => token.term))].sort().join(separator);
    const end = tokens.at(-1)?.end ?? first.end;
    if (term.length > most) return [];
    return [{ term, start: 0, end, position: 0, type: "fingerprint" }];
  };
}

function keepWords(settings: PartSettings): TokenFilter {
  const ignoreCase = settings.flag("keep_words_case", false);
  const words = new Set(
    (settings.list("keep_words") ?? []).map((word) => (ignoreCase ? word.toLowerCase() : word)),
  );
  return keep(({ term }) => words.has(ignoreCase ? term.toLowerCase() : term));
}

function keepTypes(settings: PartSettings): TokenFilter {
  const types = new Set(settings.list("types") ?? []);
  const excludes = settings.text("mode") === "exclude";
  return keep(({ type }) => types.has(type) !== excludes);
}

/** Runs each term through several chains of filters, and gives what all of them make of it. */
function multiplexer(settings: PartSettings, { filter }: FilterSurroundings): TokenFilter {
  const chains = (settings.list("filters") ?? []).map((names) =>
    names.split(",").map((name) => filter(name.trim())),
  );
  const keepsOriginal = settings.flag("preserve_original", true);
  return (tokens) =>
    tokens.flatMap((token) => {
      const made = chains.flatMap((chain) =>
        chain.reduce<readonly Token[]>((terms, next) => next(terms), [token]),
      );
      const all = keepsOriginal ? [token, ...made] : made;
      const seen = new Set<string>();
      return all.filter(({ term }) => !seen.has(term) && seen.add(term));
    });
}

/** A filter without settings, by its type. */
export function plainFilter(type: string): TokenFilter {
  const surroundings: FilterSurroundings = {
    analyze: () => [],
    filter: (name) => plainFilter(name),
  };
  const found = createTokenFilter(type, noSettings, surroundings);
  if (found === undefined) throw illegalArgument(`failed to find filter under [${type}]`);
  return found;
}
