/** The analyzers that come with the server. */
import { notSupported } from "../es-error.ts";
import { languageAnalyzer } from "./language-analyzers.ts";
import { pipeline } from "./pipeline.ts";
import { noSettings, type PartSettings } from "./settings.ts";
import { analyzeStandard, standardTokens } from "./standard-tokenizer.ts";
import { stopWords } from "./stop-words.ts";
import type { Analyzer } from "./token.ts";
import {
  createTokenFilter,
  leavingPlaces,
  plainFilter,
  type TokenFilter,
} from "./token-filters.ts";
import { createTokenizer, tokenLength, type Tokenizer } from "./tokenizers.ts";

/** The `standard` analyzer. */
export const standardAnalyzer: Analyzer = { name: "standard", analyze: analyzeStandard };

/** The `keyword` analyzer: the whole text is one term. */
export const keywordAnalyzer: Analyzer = {
  name: "keyword",
  analyze: (text) => [{ term: text, start: 0, end: text.length, position: 0, type: "word" }],
  positionGap: 0,
};

/** The `whitespace` analyzer. */
export const whitespaceAnalyzer: Analyzer = built(
  "whitespace",
  createTokenizer("whitespace", noSettings),
  [],
);

/** Stop words of the analyzer `cjk`. */
const cjkStopWords =
  "a and are as at be but by for if in into is it no not of on or s such t that the their then there these they this to was will with www".split(
    " ",
  );

/** Analyzers of languages; those that are not here are refused when they are used. */
const languages =
  "arabic armenian basque bengali brazilian bulgarian catalan chinese cjk czech danish dutch estonian finnish french galician german greek hindi hungarian indonesian irish italian latvian lithuanian norwegian persian portuguese romanian russian serbian sorani spanish swedish thai turkish".split(
    " ",
  );

/** An analyzer that comes with the server; `undefined` when there is none of that name. */
export function builtInAnalyzer(name: string, settings: PartSettings): Analyzer | undefined {
  switch (name) {
    case "standard":
      return standardWith(settings);
    case "default":
      return settings === noSettings ? undefined : standardWith(settings);
    case "keyword":
      return keywordAnalyzer;
    case "simple":
      return built(name, createTokenizer("lowercase", noSettings), []);
    case "whitespace":
      return whitespaceAnalyzer;
    case "stop": {
      const words = settings.list("stopwords");
      return built(name, createTokenizer("lowercase", noSettings), [stopFilter(words)]);
    }
    case "pattern":
      return patternAnalyzer(settings);
    case "fingerprint":
      return fingerprintAnalyzer(settings);
    case "cjk":
      return built(name, createTokenizer("standard", noSettings), [
        plainFilter("cjk_width"),
        plainFilter("lowercase"),
        plainFilter("cjk_bigram"),
        stopFilter(settings.list("stopwords") ?? cjkStopWords),
      ]);
    default: {
      const found = languageAnalyzer(name, settings);
      if (found !== undefined) return found;
      return languages.includes(name) || name === "snowball" ? refused(name) : undefined;
    }
  }
}

function built(
  name: string,
  tokenizer: Tokenizer | undefined,
  filters: readonly TokenFilter[],
): Analyzer {
  if (tokenizer === undefined) throw new Error(`the analyzer ${name} has no tokenizer`);
  return { name, analyze: pipeline(tokenizer, filters, []) };
}

function standardWith(settings: PartSettings): Analyzer {
  const words = settings.list("stopwords");
  const hasLength = settings.has("max_token_length");
  if (words === undefined && !hasLength) return standardAnalyzer;
  const most = tokenLength(settings);
  const filters = [plainFilter("lowercase"), ...(words === undefined ? [] : [stopFilter(words)])];
  return built("standard", (text) => standardTokens(text, most), filters);
}

function stopFilter(words: readonly string[] | undefined): TokenFilter {
  const wanted = new Set(stopWords(words));
  return leavingPlaces((tokens) => tokens.filter(({ term }) => !wanted.has(term)));
}

function patternAnalyzer(settings: PartSettings): Analyzer {
  const filters: TokenFilter[] = [];
  if (settings.flag("lowercase", true)) filters.push(plainFilter("lowercase"));
  const words = settings.list("stopwords");
  if (words !== undefined) filters.push(stopFilter(words));
  return built("pattern", createTokenizer("pattern", settings), filters);
}

function fingerprintAnalyzer(settings: PartSettings): Analyzer {
  const words = settings.list("stopwords");
  const joined = createTokenFilter("fingerprint", settings, {
    analyze: () => [],
    filter: plainFilter,
  });
  return built("fingerprint", createTokenizer("standard", noSettings), [
    plainFilter("lowercase"),
    plainFilter("asciifolding"),
    ...(words === undefined ? [] : [stopFilter(words)]),
    ...(joined === undefined ? [] : [joined]),
  ]);
}

/** An analyzer that exists but is not here: texts that it would analyse cannot be searched. */
function refused(name: string): Analyzer {
  return {
    name,
    analyze: () => {
      throw notSupported(`the analyzer [${name}]`);
    },
  };
}
