/** Tokenizers by their type. */
import { illegalArgument, notSupported } from "../es-error.ts";
import { javaPattern } from "../text/java-pattern.ts";
import { characterClass } from "./character-class.ts";
import type { PartSettings } from "./settings.ts";
import { standardTokens } from "./standard-tokenizer.ts";
import { lowerCase } from "../text/java-case.ts";
import type { Token } from "./token.ts";

/** Splits a text. */
export type Tokenizer = (text: string) => readonly Token[];

type Factory = (settings: PartSettings) => Tokenizer;

const factories: Readonly<Record<string, Factory>> = {
  standard: (settings) => {
    const most = tokenLength(settings);
    return (text) => standardTokens(text, most);
  },
  keyword: () => wholeText,
  whitespace: (settings) => words(/\S+/gu, wordLength(settings)),
  letter: () => words(/\p{L}+/gu, 255),
  lowercase: () => (text) => lowered(words(/\p{L}+/gu, 255)(text)),
  ngram: grams,
  nGram: () => renamed("nGram", "ngram"),
  edge_ngram: edgeGrams,
  edgeNGram: () => renamed("edgeNGram", "edge_nGram"),
  pattern: byPattern,
  simple_pattern: (settings) => words(javaPattern(settings.text("pattern") ?? "", "g"), 255),
  simple_pattern_split: (settings) => split(javaPattern(settings.text("pattern") ?? "", "g")),
  char_group: byCharacters,
  path_hierarchy: paths,
  PathHierarchy: paths,
  uax_url_email: (settings) => urlsAndWords(tokenLength(settings)),
};

/** A name of before version 8. @throws {EsError} 400 with the name that the server tells */
function renamed(name: string, now: string): never {
  throw illegalArgument(
    `The [${name}] tokenizer name was deprecated in 7.6. Please use the tokenizer name to [${now}] for indices created in versions 8 or higher instead.`,
  );
}

/**
 * Builds a tokenizer of a type; `undefined` when there is none.
 *
 * @throws {EsError} 400 for settings that it cannot have
 */
export function createTokenizer(type: string, settings: PartSettings): Tokenizer | undefined {
  if (Object.hasOwn(factories, type)) return factories[type]?.(settings);
  if (type === "thai" || type === "classic") throw notSupported(`the tokenizer [${type}]`);
  return undefined;
}

/** The longest word that an index may ask for. */
const longestWord = 1_048_576;

/** `max_token_length` of a tokenizer by the rules of Unicode. @throws {EsError} */
export function tokenLength(settings: PartSettings): number {
  const most = settings.number("max_token_length", 255);
  if (most < 1) throw illegalArgument("maxTokenLength must be greater than zero");
  if (most > longestWord) throw illegalArgument(`maxTokenLength may not exceed ${longestWord}`);
  return most;
}

/** `max_token_length` of a tokenizer by classes of characters. @throws {EsError} */
function wordLength(settings: PartSettings): number {
  const most = settings.number("max_token_length", 255);
  if (most >= 1 && most <= longestWord) return most;
  throw illegalArgument(
    `maxTokenLen must be greater than 0 and less than ${longestWord} passed: ${most}`,
  );
}

function wholeText(text: string): Token[] {
  return [{ term: text, start: 0, end: text.length, position: 0, type: "word" }];
}

function word(term: string, start: number, position: number): Token {
  return { term, start, end: start + term.length, position, type: "word" };
}

/** Everything that a pattern finds; longer words are cut. */
function words(pattern: RegExp, maxLength: number): Tokenizer {
  return (text) => {
    const tokens: Token[] = [];
    for (const found of text.matchAll(pattern)) {
      const [term] = found;
      for (let at = 0; at < term.length; at += maxLength)
        tokens.push(word(term.slice(at, at + maxLength), found.index + at, tokens.length));
    }
    return tokens;
  };
}

/** Everything between what a pattern finds. */
function split(pattern: RegExp): Tokenizer {
  return (text) => {
    const tokens: Token[] = [];
    let start = 0;
    const add = (end: number): void => {
      if (end > start) tokens.push(word(text.slice(start, end), start, tokens.length));
    };
    for (const found of text.matchAll(pattern)) {
      add(found.index);
      start = found.index + found[0].length;
    }
    add(text.length);
    return tokens;
  };
}

function lowered(tokens: readonly Token[]): Token[] {
  return tokens.map((token) => ({ ...token, term: lowerCase(token.term) }));
}

/** Runs of the characters that `token_chars` names, or the whole text. */
function gramRuns(settings: PartSettings): (text: string) => { start: number; text: string }[] {
  const classes = settings.list("token_chars") ?? [];
  if (classes.length === 0) return (text) => [{ start: 0, text }];
  const custom = settings.text("custom_token_chars") ?? "";
  const parts = classes.map((name) => characterClass(name, custom));
  const pattern = new RegExp(`(?:${parts.join("|")})+`, "gu");
  return (text) =>
    [...text.matchAll(pattern)].map((found) => ({ start: found.index, text: found[0] }));
}

/** Least and most characters of a gram. @throws {EsError} */
function gramSizes(settings: PartSettings, least: number, most: number): [number, number] {
  const min = settings.number("min_gram", least);
  const max = settings.number("max_gram", most);
  if (min < 1) throw illegalArgument("minGram must be greater than zero");
  if (min > max) throw illegalArgument("minGram must not be greater than maxGram");
  return [min, max];
}

function grams(settings: PartSettings): Tokenizer {
  const [min, max] = gramSizes(settings, 1, 2);
  const runs = gramRuns(settings);
  return (text) => {
    const tokens: Token[] = [];
    for (const run of runs(text)) {
      const characters = Array.from(run.text);
      let start = run.start;
      for (let at = 0; at < characters.length; at++) {
        for (let size = min; size <= max && at + size <= characters.length; size++)
          tokens.push(word(characters.slice(at, at + size).join(""), start, tokens.length));
        start += characters[at]?.length ?? 0;
      }
    }
    return tokens;
  };
}

function edgeGrams(settings: PartSettings): Tokenizer {
  const [min, max] = gramSizes(settings, 1, 2);
  const runs = gramRuns(settings);
  return (text) => {
    const tokens: Token[] = [];
    for (const run of runs(text)) {
      const characters = Array.from(run.text);
      for (let size = min; size <= max && size <= characters.length; size++)
        tokens.push(word(characters.slice(0, size).join(""), run.start, tokens.length));
    }
    return tokens;
  };
}

function byPattern(settings: PartSettings): Tokenizer {
  const flags = settings.text("flags") ?? "";
  const pattern = javaPattern(settings.text("pattern") ?? "\\W+", "g", flags);
  const group = settings.number("group", -1);
  if (group < 0) return split(pattern);
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec("")?.length ?? 1;
  if (group >= groups)
    throw illegalArgument(
      `invalid group specified: pattern only has: ${groups - 1} capturing groups`,
    );
  return (text) => {
    const tokens: Token[] = [];
    for (const found of text.matchAll(pattern)) {
      const term = found[group];
      if (term === undefined || term === "") continue;
      const inner = group === 0 ? 0 : found[0].indexOf(term);
      tokens.push(word(term, found.index + inner, tokens.length));
    }
    return tokens;
  };
}

function byCharacters(settings: PartSettings): Tokenizer {
  const names = settings.list("tokenize_on_chars") ?? [];
  const parts = names.map((name) =>
    Array.from(name).length === 1 || name.startsWith("\\")
      ? escapeCharacter(name)
      : characterClass(name, ""),
  );
  if (parts.length === 0) return wholeText;
  return split(new RegExp(parts.join("|"), "gu"));
}

function escapeCharacter(name: string): string {
  if (name.startsWith("\\") && name.length > 1) return name;
  return name.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
}

/** `/a/b/c` becomes `/a`, `/a/b` and `/a/b/c`. */
function paths(settings: PartSettings): Tokenizer {
  const delimiter = settings.text("delimiter") ?? "/";
  const replacement = settings.text("replacement") ?? delimiter;
  const isReverse = settings.flag("reverse", false);
  const skip = settings.number("skip", 0);
  if (skip < 0) throw illegalArgument("skip cannot be negative");
  return (text) => {
    const cuts: number[] = [];
    for (let at = text.indexOf(delimiter); at >= 0; at = text.indexOf(delimiter, at + 1))
      cuts.push(at);
    const shown = (from: number, to: number, position: number): Token => ({
      term: text.slice(from, to).replaceAll(delimiter, replacement),
      start: from,
      end: to,
      position,
      type: "word",
    });
    if (isReverse) {
      const end = skip === 0 ? text.length : (cuts.at(-skip) ?? 0) + 1;
      const starts = [0, ...cuts.map((at) => at + 1)].filter((at) => at < end);
      return starts.map((from, at) => shown(from, end, at));
    }
    // A delimiter at the very beginning belongs to the first part.
    const inner = cuts.filter((at) => at > 0);
    const from = skip === 0 ? 0 : (inner[skip - 1] ?? text.length);
    return [...inner.slice(skip), text.length]
      .filter((to) => to > from)
      .map((to, at) => shown(from, to, at));
  };
}

const url =
  /(?:https?:\/\/|(?:ftp|file):\/\/(?=[^\s<>"']*\/))[^\s<>"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+|(?:www\.)?[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|edu|gov|io|de|uk|fr|info)(?:\/[^\s<>"']*)?/giu;

function urlsAndWords(maxLength: number): Tokenizer {
  return (text) => {
    const tokens: Token[] = [];
    let from = 0;
    const addWords = (to: number): void => {
      for (const token of standardTokens(text.slice(from, to), maxLength)) {
        const start = token.start + from;
        // Lucene knows every domain at the top; what is like one and not known here is refused.
        const top = /^[\w-]+(?:\.[\w-]+)*\.([a-z]{2,})$/i.exec(token.term)?.[1];
        if (top !== undefined)
          throw notSupported(`the domain [.${top}] in the tokenizer [uax_url_email]`);
        tokens.push({ ...token, start, end: token.end + from, position: tokens.length });
      }
    };
    for (const found of text.matchAll(url)) {
      addWords(found.index);
      const [term] = found;
      const type = term.includes("@") && !term.includes("://") ? "<EMAIL>" : "<URL>";
      tokens.push({ ...word(term, found.index, tokens.length), type });
      from = found.index + term.length;
    }
    addWords(text.length);
    return tokens;
  };
}
