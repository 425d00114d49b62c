/** The analyzers that a mapping may name: built-in ones, and those that an index defines. */
import { illegalArgument } from "../es-error.ts";
import { builtInAnalyzer, keywordAnalyzer } from "./built-in-analyzers.ts";
import { type CharFilter, createCharFilter } from "./char-filters.ts";
import { pipeline } from "./pipeline.ts";
import {
  checkFilterSettings,
  checkTokenizerSettings,
  defaultGramLimits,
  type GramLimits,
  needsSettings,
} from "./required-settings.ts";
import { noSettings, PartSettings } from "./settings.ts";
import type { Analyzer, Shingles, Token, Tokens } from "./token.ts";
import {
  createTokenFilter,
  type FilterSurroundings,
  plainFilter,
  type TokenFilter,
} from "./token-filters.ts";
import { createTokenizer, type Tokenizer } from "./tokenizers.ts";

/** Analyzers and normalizers of an index. */
export interface Analysis {
  analyzer(name: string): Analyzer | undefined;
  normalizer(name: string): Analyzer | undefined;
}

/** Token filters that change a term without making several of it. */
const normalizing: ReadonlySet<string> = new Set(
  "lowercase uppercase asciifolding trim elision decimal_digit cjk_width pattern_replace arabic_normalization bengali_normalization german_normalization hindi_normalization indic_normalization persian_normalization scandinavian_folding scandinavian_normalization serbian_normalization sorani_normalization".split(
    " ",
  ),
);

/** Parts of analyzers by the kind that settings name them with. */
export type PartKind = "analyzer" | "normalizer" | "tokenizer" | "filter" | "char_filter";

/** What the settings of an index say of analysis: settings by kind and name. */
export type AnalysisSettings = Readonly<
  Record<PartKind, ReadonlyMap<string, ReadonlyMap<string, string | readonly string[]>>>
>;

const noParts: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map();

/** Settings without any analysis. */
export const noAnalysisSettings: AnalysisSettings = {
  analyzer: noParts,
  normalizer: noParts,
  tokenizer: noParts,
  filter: noParts,
  char_filter: noParts,
};

/** Names of the parts of an analyzer. */
export interface AnalyzerParts {
  readonly tokenizer: string;
  readonly filters: readonly string[];
  readonly charFilters: readonly string[];
}

/** Builds analyzers and their parts from settings. */
export class AnalysisRegistry implements Analysis {
  readonly #settings: AnalysisSettings;
  readonly #analyzers = new Map<string, Analyzer>();
  readonly #normalizers = new Map<string, Analyzer>();

  readonly #limits: GramLimits;

  readonly #synonymsOf: (set: string) => readonly string[] | undefined;

  /** @param synonymsOf rules of a set of synonyms; the same list while they are the same */
  constructor(
    settings: AnalysisSettings,
    limits = defaultGramLimits,
    synonymsOf: (set: string) => readonly string[] | undefined = () => undefined,
  ) {
    this.#settings = settings;
    this.#limits = limits;
    this.#synonymsOf = synonymsOf;
  }

  /**
   * Builds everything that the settings define, to find what is wrong with them.
   *
   * @throws {EsError} 400 for parts that do not exist, and settings that they cannot have
   */
  check(): void {
    for (const name of this.#settings.tokenizer.keys()) this.tokenizer(name);
    for (const name of this.#settings.char_filter.keys()) this.charFilter(name);
    for (const name of this.#settings.filter.keys()) this.filter(name, keywordTokens);
    for (const name of this.#settings.analyzer.keys()) this.analyzer(name);
    for (const name of this.#settings.normalizer.keys()) this.normalizer(name);
  }

  analyzer(name: string): Analyzer | undefined {
    let found = this.#analyzers.get(name);
    if (found === undefined) {
      found = this.#createAnalyzer(name);
      if (found !== undefined) this.#analyzers.set(name, found);
    }
    return found;
  }

  #createAnalyzer(name: string): Analyzer | undefined {
    const own = this.#part("analyzer", name);
    if (own === undefined) return builtInAnalyzer(name, noSettings);
    const type = own.text("type") ?? (own.has("tokenizer") ? "custom" : undefined);
    if (type === undefined)
      throw illegalArgument(
        `analyzer [${name}] must specify either an analyzer type, or a tokenizer`,
      );
    if (type !== "custom") {
      const found = builtInAnalyzer(type, own);
      if (found !== undefined) return { ...found, name };
      throw illegalArgument(`Unknown analyzer type [${type}] for [${name}]`);
    }
    const tokenizer = own.text("tokenizer");
    if (tokenizer === undefined)
      throw illegalArgument(`Custom Analyzer [${name}] must be configured with a tokenizer`);
    const chain = this.chain(
      tokenizer,
      own.list("filter") ?? [],
      own.list("char_filter") ?? [],
      `Custom Analyzer [${name}]`,
    );
    const gap = own.number("position_increment_gap", 100);
    const shingles = this.#shingles(own.list("filter") ?? []);
    return { name, analyze: chain, positionGap: gap, shingles };
  }

  /** What the first filter of a chain that joins terms makes. */
  #shingles(filters: readonly string[]): Shingles | undefined {
    for (const name of filters) {
      const own = this.#part("filter", name) ?? noSettings;
      if ((own.text("type") ?? name) !== "shingle") continue;
      const max = own.number("max_shingle_size", 2);
      return { max, hasUnigrams: own.flag("output_unigrams", true) };
    }
    return undefined;
  }

  normalizer(name: string): Analyzer | undefined {
    let found = this.#normalizers.get(name);
    if (found === undefined) {
      found = this.#createNormalizer(name);
      if (found !== undefined) this.#normalizers.set(name, found);
    }
    return found;
  }

  #createNormalizer(name: string): Analyzer | undefined {
    const own = this.#part("normalizer", name);
    if (own === undefined) {
      if (name !== "lowercase") return undefined;
      return { name, analyze: pipeline(keywordTokens, [plainFilter("lowercase")], []) };
    }
    const owner = `Custom normalizer [${name}]`;
    const filters = own.list("filter") ?? [];
    const charFilters = own.list("char_filter") ?? [];
    for (const filter of filters) {
      const type = this.#part("filter", filter)?.text("type") ?? filter;
      if (!normalizing.has(type)) throw illegalArgument(`${owner} may not use filter [${filter}]`);
    }
    for (const charFilter of charFilters) {
      const type = this.#part("char_filter", charFilter)?.text("type") ?? charFilter;
      if (type === "html_strip")
        throw illegalArgument(`${owner} may not use char filter [${charFilter}]`);
    }
    return { name, analyze: this.chain("keyword", filters, charFilters, owner) };
  }

  /**
   * A tokenizer with filters before and behind it.
   *
   * @param owner what error texts name
   * @throws {EsError} 400 for a part that does not exist
   */
  chain(
    tokenizerName: string,
    filterNames: readonly string[],
    charFilterNames: readonly string[],
    owner: string,
  ): (text: string) => Tokens {
    const tokenizer = this.tokenizer(tokenizerName);
    if (tokenizer === undefined)
      throw illegalArgument(`${owner} failed to find tokenizer under name [${tokenizerName}]`);
    const charFilters = charFilterNames.map((name) => {
      const found = this.charFilter(name);
      if (found !== undefined) return found;
      throw illegalArgument(`${owner} failed to find char_filter under name [${name}]`);
    });
    const filters: TokenFilter[] = [];
    for (const name of filterNames) {
      const before = [...filters];
      const analyze = pipeline(tokenizer, before, charFilters);
      const found = this.filter(name, analyze);
      if (found === undefined)
        throw illegalArgument(`${owner} failed to find filter under name [${name}]`);
      filters.push(found);
    }
    return pipeline(tokenizer, filters, charFilters);
  }

  tokenizer(name: string): Tokenizer | undefined {
    const own = this.#part("tokenizer", name);
    return this.tokenizerOf(own?.text("type") ?? name, own ?? noSettings, own !== undefined);
  }

  /** A tokenizer by its type. @throws {EsError} when `mustExist` and there is none */
  tokenizerOf(type: string, settings: PartSettings, mustExist: boolean): Tokenizer | undefined {
    if (settings !== noSettings) checkTokenizerSettings(type, settings, this.#limits);
    const found = createTokenizer(type, settings);
    if (found === undefined && mustExist)
      throw illegalArgument(`Unknown tokenizer type [${type}] for [${settings.name}]`);
    return found;
  }

  charFilter(name: string): CharFilter | undefined {
    const own = this.#part("char_filter", name);
    return this.charFilterOf(own?.text("type") ?? name, own ?? noSettings, own !== undefined);
  }

  /** A character filter by its type. @throws {EsError} when `mustExist` and there is none */
  charFilterOf(type: string, settings: PartSettings, mustExist: boolean): CharFilter | undefined {
    const found = createCharFilter(type, settings);
    if (found === undefined && mustExist)
      throw illegalArgument(`Unknown char_filter type [${type}] for [${settings.name}]`);
    return found;
  }

  /** A token filter by its name; `analyze` is what stands before it. */
  filter(name: string, analyze: (text: string) => readonly Token[]): TokenFilter | undefined {
    const own = this.#part("filter", name);
    if (own === undefined) return needsSettings.has(name) ? undefined : this.#named(name, analyze);
    return this.filterOf(own.text("type") ?? name, own, analyze, true);
  }

  /** True for a name of a token filter that is not there without settings. */
  lacksSettings(name: string): boolean {
    return needsSettings.has(name) && !this.#settings.filter.has(name);
  }

  #named(name: string, analyze: (text: string) => readonly Token[]): TokenFilter | undefined {
    const settings = name === "edge_ngram" ? oneLetter : noSettings;
    return this.filterOf(name, settings, analyze, false);
  }

  /** A token filter by its type. @throws {EsError} when `mustExist` and there is none */
  filterOf(
    type: string,
    settings: PartSettings,
    analyze: (text: string) => readonly Token[],
    mustExist: boolean,
  ): TokenFilter | undefined {
    if (settings !== noSettings) checkFilterSettings(type, settings, this.#limits);
    const surroundings: FilterSurroundings = {
      analyze,
      filter: (name) => this.filter(name, analyze) ?? plainFilter(name),
      synonymsOf: this.#synonymsOf,
    };
    const found = createTokenFilter(type, settings, surroundings);
    if (found === undefined && mustExist)
      throw illegalArgument(`Unknown filter type [${type}] for [${settings.name}]`);
    return found;
  }

  /** Names of the parts of an analyzer or normalizer that the settings put together from parts. */
  partsOf(kind: "analyzer" | "normalizer", name: string): AnalyzerParts | undefined {
    const own = this.#part(kind, name);
    const tokenizer = kind === "normalizer" ? "keyword" : own?.text("tokenizer");
    if (own === undefined || tokenizer === undefined) return undefined;
    const filters = own.list("filter") ?? [];
    return { tokenizer, filters, charFilters: own.list("char_filter") ?? [] };
  }

  #part(kind: PartKind, name: string): PartSettings | undefined {
    const values = this.#settings[kind].get(name);
    return values === undefined ? undefined : new PartSettings(name, values);
  }
}

/** What the filter `edge_ngram` takes when it is only named. */
const oneLetter = new PartSettings("edge_ngram", new Map([["max_gram", "1"]]));

function keywordTokens(text: string): readonly Token[] {
  return keywordAnalyzer.analyze(text);
}

/** Built-in analyzers only. */
export const builtInAnalysis: Analysis = new AnalysisRegistry(noAnalysisSettings);
