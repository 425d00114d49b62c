/** The analyzers of languages, as Lucene 10 puts them together. */
import { pipeline } from "./pipeline.ts";
import { noSettings, PartSettings } from "./settings.ts";
import { stopWords } from "./stop-words.ts";
import type { Analyzer } from "./token.ts";
import {
  createTokenFilter,
  leavingPlaces,
  plainFilter,
  type TokenFilter,
} from "./token-filters.ts";
import { createTokenizer } from "./tokenizers.ts";

/** The filters of an analyzer, around its stop words and the words that are not stemmed. */
interface Chain {
  readonly before: readonly TokenFilter[];
  readonly after: readonly TokenFilter[];
}

const lowercase = plainFilter("lowercase");

function filterWith(
  type: string,
  values: Readonly<Record<string, string | readonly string[]>>,
): TokenFilter {
  const settings = new PartSettings(type, new Map(Object.entries(values)));
  const surroundings = { analyze: () => [], filter: plainFilter };
  return createTokenFilter(type, settings, surroundings) ?? plainFilter(type);
}

function stemmed(language: string): Chain {
  return { before: [lowercase], after: [filterWith("stemmer", { language })] };
}

function elided(articles: string, language: string): Chain {
  const elision = filterWith("elision", {
    articles: articles.split(" "),
    articles_case: "true",
  });
  return { before: [elision, lowercase], after: [filterWith("stemmer", { language })] };
}

const french = "l m t qu n s j d c jusqu quoiqu lorsqu puisqu";
const italian = "c l all dall dell nell sull coll pell gl agl dagl degl negl sugl un m t s v d";
const possessive = filterWith("stemmer", { language: "possessive_english" });

const chains: Readonly<Record<string, () => Chain>> = {
  danish: () => stemmed("danish"),
  dutch: () => {
    const rules = ["fiets => fiets", "bromfiets => bromfiets", "ei => eier", "kind => kinder"];
    const override = filterWith("stemmer_override", { rules });
    return { before: [lowercase], after: [override, filterWith("stemmer", { language: "dutch" })] };
  },
  english: () => ({ before: [possessive, lowercase], after: [plainFilter("porter_stem")] }),
  finnish: () => stemmed("finnish"),
  french: () => elided(french, "light_french"),
  german: () => ({
    before: [lowercase],
    after: [
      plainFilter("german_normalization"),
      filterWith("stemmer", { language: "light_german" }),
    ],
  }),
  hungarian: () => stemmed("hungarian"),
  italian: () => elided(italian, "light_italian"),
  norwegian: () => stemmed("norwegian"),
  portuguese: () => stemmed("light_portuguese"),
  romanian: () => stemmed("romanian"),
  russian: () => stemmed("russian"),
  spanish: () => stemmed("light_spanish"),
  swedish: () => stemmed("swedish"),
  turkish: () => ({
    before: [plainFilter("apostrophe"), filterWith("lowercase", { language: "turkish" })],
    after: [filterWith("stemmer", { language: "turkish" })],
  }),
  snowball: () => ({
    before: [possessive, lowercase],
    after: [filterWith("snowball", { language: "English" })],
  }),
};

/** The analyzer of a language; `undefined` for one that is not here. */
export function languageAnalyzer(name: string, settings: PartSettings): Analyzer | undefined {
  const create = Object.hasOwn(chains, name) ? chains[name] : undefined;
  const tokenizer = createTokenizer("standard", noSettings);
  if (create === undefined || tokenizer === undefined) return undefined;
  if (name === "snowball" && settings.has("language")) return undefined;
  const { before, after } = create();
  const filters = [
    ...before,
    withoutStopWords(settings, name),
    excluding(settings.list("stem_exclusion") ?? []),
    ...after,
  ];
  let run: Analyzer["analyze"] | undefined;
  return { name, analyze: (text) => (run ??= pipeline(tokenizer, filters, []))(text) };
}

/** Stop words are looked up when a text is analysed: naming an analyzer alone is no fault. */
function withoutStopWords(settings: PartSettings, name: string): TokenFilter {
  const given = settings.list("stopwords");
  let wanted: ReadonlySet<string> | undefined;
  return leavingPlaces((tokens) => {
    const words = (wanted ??= new Set(stopWords(given, name === "snowball" ? "english" : name)));
    return tokens.filter(({ term }) => !words.has(term));
  });
}

function excluding(words: readonly string[]): TokenFilter {
  const excluded = new Set(words);
  return (tokens) =>
    tokens.map((token) => (excluded.has(token.term) ? { ...token, isKeyword: true } : token));
}
