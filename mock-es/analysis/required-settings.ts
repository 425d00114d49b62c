/** Settings that parts of analyzers cannot be without, and what they may be. */
import { type EsError, illegalArgument, notSupported } from "../es-error.ts";
import type { PartSettings } from "./settings.ts";

/** Greatest differences between lengths that an index allows. */
export interface GramLimits {
  /** `index.max_ngram_diff`. */
  readonly ngram: number;
  /** `index.max_shingle_diff`. */
  readonly shingle: number;
}

/** The limits of an index that sets none. */
export const defaultGramLimits: GramLimits = { ngram: 1, shingle: 3 };

/** Token filters that are not there by their names alone. */
export const needsSettings: ReadonlySet<string> = new Set(
  `condition dictionary_decompounder hyphenation_decompounder keep keep_types keyword_marker
  pattern_capture pattern_replace predicate_token_filter stemmer_override synonym
  synonym_graph`.split(/\s+/),
);

/** What each filter asks for: settings of which one must be there, and the error without. */
const required: Readonly<Record<string, readonly [settings: string, error: string]>> = {
  elision: ["articles", "elision filter requires [articles] or [articles_path] setting"],
  keep: ["keep_words", "keep requires either `keep_words` or `keep_words_path` to be configured"],
  keep_types: ["types", "keep_types requires `types` to be configured"],
  keyword_marker: [
    "keywords keywords_pattern",
    "keyword filter requires either `keywords`, `keywords_path`, or `keywords_pattern` to be configured",
  ],
  stemmer_override: [
    "rules",
    "stemmer override filter requires either `rules` or `rules_path` to be configured",
  ],
  truncate: ["length", "length parameter must be provided"],
};

/**
 * Checks the settings of a filter that has some.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkFilterSettings(
  type: string,
  settings: PartSettings,
  limits: GramLimits,
): void {
  refuseFiles(settings);
  const [names, error] = (Object.hasOwn(required, type) ? required[type] : undefined) ?? [];
  if (error !== undefined && names?.split(" ").some((name) => settings.has(name)) !== true)
    throw illegalArgument(error);
  if (type === "pattern_capture" && !settings.has("patterns"))
    throw illegalArgument(
      `required setting 'patterns' is missing for token filter [${settings.name}]`,
    );
  if (type === "length") checkLengths(settings);
  if (type === "ngram") checkGrams(settings, limits);
  if (type === "shingle") checkShingles(settings, limits);
}

/**
 * Checks the settings of a tokenizer.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkTokenizerSettings(
  type: string,
  settings: PartSettings,
  limits: GramLimits,
): void {
  refuseFiles(settings);
  if (type === "ngram") checkGrams(settings, limits);
}

/** There are no files of a node here. */
function refuseFiles(settings: PartSettings): void {
  const [path] = settings.names().filter((name) => name.endsWith("_path"));
  if (path !== undefined) throw notSupported(`[${path}] in the settings of [${settings.name}]`);
}

function checkLengths(settings: PartSettings): void {
  const least = settings.number("min", 0);
  if (least < 0) throw illegalArgument("minimum length must be greater than or equal to zero");
  if (settings.number("max", Infinity) < least)
    throw illegalArgument("maximum length must not be greater than minimum length");
}

function checkGrams(settings: PartSettings, { ngram }: GramLimits): void {
  const difference = settings.number("max_gram", 2) - settings.number("min_gram", 1);
  if (difference > ngram)
    throw tooFar(
      "The difference between max_gram and min_gram in NGram Tokenizer",
      ngram,
      difference,
      "max_ngram_diff",
    );
}

function checkShingles(settings: PartSettings, { shingle }: GramLimits): void {
  const own = settings.number("max_shingle_size", 2) - settings.number("min_shingle_size", 2);
  const difference = own + (settings.flag("output_unigrams", true) ? 1 : 0);
  if (difference > shingle)
    throw tooFar(
      "In Shingle TokenFilter the difference between max_shingle_size and min_shingle_size (and +1 if outputting unigrams)",
      shingle,
      difference,
      "max_shingle_diff",
    );
}

function tooFar(what: string, limit: number, given: number, setting: string): EsError {
  return illegalArgument(
    `${what} must be less than or equal to: [${limit}] but was [${given}]. This limit can be set by changing the [index.${setting}] index level setting.`,
  );
}
