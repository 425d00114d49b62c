/** `highlight`: the parts of a document in which the words of a query stand, marked. */
import { notSupported } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import type { Token } from "../../analysis/token.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { parentPathOf } from "../fields/nested-documents.ts";
import { expandFields } from "../fields/field-names.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { createReader, type FieldReader } from "../fields/reader.ts";
import { keptSource } from "../fetch/source-filter.ts";
import { shardFailure } from "../problem.ts";
import type { Compile } from "../queries/compiled-query.ts";
import { collectLeaves, type QueryLeaf } from "./leaves.ts";
import { fastBeginning, fastFragments, sizeProblem } from "./fast-vector.ts";
import { createMatcher, joined, type Match, type TextMatcher } from "./matches.ts";
import { createOffsetCheck } from "./offset-limit.ts";
import { type HighlightOptions, readHighlight } from "./options.ts";
import { type Passage, passagesOf, scored, summaryEnd } from "./passages.ts";
import { plainEnd, plainFragments } from "./plain.ts";

/** The marked parts of a document, by field; `undefined` where there are none. */
export type Highlighter = (
  document: SearchDocument,
) => Readonly<Record<string, readonly string[]>> | undefined;

/** Types of the fields that a pattern stands for. */
const ofPatterns: ReadonlySet<string> = new Set(["keyword", "match_only_text", "text"]);

/** Compiles the `highlight` of a search body for a shard. */
export function compileHighlight(
  body: JsonObject,
  highlight: JsonObject,
  context: SearchContext,
  compile: Compile,
): Highlighter {
  const parts = new Map<string, (document: SearchDocument) => readonly string[]>();
  for (const options of readHighlight(highlight)) {
    const leaves: QueryLeaf[] = [];
    if (options.query !== undefined) compile(options.query, { ...context, isScored: false });
    collectLeaves(options.query ?? body["query"], context, leaves);
    const isPattern = options.pattern.includes("*");
    const names = isPattern ? expandFields(options.pattern, context) : [options.pattern];
    for (const name of names) {
      const found = resolveField(context, name);
      // Nested objects are shown with what they are part of.
      const field = found && { ...found, isReachable: true };
      if (field !== undefined && options.noMatchSize > 0 && !isPattern) refuseShown(field);
      if (field === undefined || (field.kind !== "text" && field.kind !== "keyword")) continue;
      // Of the fields of a pattern those are left out that cannot be shown.
      if (isPattern && !ofPatterns.has(field.type)) continue;
      if (isPattern && options.type === "fvh" && !hasVectors(name, context)) continue;
      checkType(options.type, name, context);
      const own = options.requiresFieldMatch
        ? leaves.filter((leaf) => leaf.field === name)
        : leaves.map((leaf) => ({ ...leaf, field: name }));
      if (own.length > 0 && field.compute !== undefined && field.isRuntime)
        throw notSupported("a highlight of a runtime field with a script");
      const masked = options.type === "unified" ? maskedFields(name, leaves, options, context) : [];
      const isUnmatched = own.length === 0 && masked.length === 0;
      if (isPattern && isUnmatched && options.noMatchSize === 0) continue;
      const fields: MatchedFields = [{ field, leaves: own }, ...masked];
      parts.set(name, compileField(name, fields, options, context, compile));
    }
  }
  return (document) => {
    const shown: Record<string, readonly string[]> = {};
    for (const [name, write] of parts) {
      const fragments = write(document);
      if (fragments.length > 0) shown[name] = fragments;
    }
    return Object.keys(shown).length === 0 ? undefined : shown;
  };
}

/** A field, and what a query asks of it. */
interface MatchedField {
  readonly field: Field;
  readonly leaves: readonly QueryLeaf[];
}

/** The field itself, and those of `matched_fields`. */
type MatchedFields = readonly [MatchedField, ...MatchedField[]];

/** The fields of `matched_fields` that a query asks for words. */
function maskedFields(
  name: string,
  leaves: readonly QueryLeaf[],
  { matchedFields }: HighlightOptions,
  context: SearchContext,
): MatchedField[] {
  return matchedFields.flatMap((other) => {
    const found = other === name ? undefined : resolveField(context, other);
    if (found === undefined || (found.kind !== "text" && found.kind !== "keyword")) return [];
    const own = leaves.filter((leaf) => leaf.field === other);
    return own.length === 0 ? [] : [{ field: { ...found, isReachable: true }, leaves: own }];
  });
}

/** Refuses by name what is shown of numbers and such where nothing matches. @throws {EsError} */
function refuseShown({ flattenedKey, kind, type }: Field): void {
  if (
    kind === "long" ||
    kind === "double" ||
    kind === "date" ||
    kind === "boolean" ||
    kind === "ip" ||
    (type === "flattened" && flattenedKey === undefined) ||
    type.endsWith("_range")
  )
    throw notSupported(`[no_match_size] of a field of the type [${type}]`);
}

function checkType(type: string, field: string, context: SearchContext): void {
  if (type === "unified" || type === "plain") return;
  if (type === "semantic") throw notSupported("the highlighter [semantic]");
  const isVector = type === "fvh";
  if (isVector && hasVectors(field, context)) return;
  const reason = isVector
    ? `the field [${field}] should be indexed with term vector with position offsets to be used with fast vector highlighter`
    : `unknown highlighter type [${type}] for the field [${field}]`;
  throw shardFailure(context.index, "illegal_argument_exception", reason);
}

/** True for a field whose term vectors say where its terms stand. */
function hasVectors(field: string, { mappings }: SearchContext): boolean {
  const vectors = mappings.find(field)?.parameters["term_vector"];
  return textOf(vectors ?? "").startsWith("with_positions_offsets");
}

function compileField(
  name: string,
  fields: MatchedFields,
  options: HighlightOptions,
  context: SearchContext,
  compile: Compile,
): (document: SearchDocument) => readonly string[] {
  // Of a phrase in nested objects the server knows the words only.
  const isNested = parentPathOf(context.mappings, name) !== context.nestedPath;
  const marksPhrases = options.type !== "plain" && !isNested;
  const [{ field, leaves }] = fields;
  const [matcher, ...masked] = fields.map((each) =>
    createMatcher(each.field, each.leaves, context, compile, marksPhrases),
  ) as [TextMatcher, ...TextMatcher[]];
  const readAll = createReader(field);
  const { mappings } = context;
  const isStored = mappings.find(name)?.parameters["store"] === true;
  const kept = keptSource(mappings);
  // What neither the source keeps nor the field itself cannot be shown.
  const read: typeof readAll =
    isStored || mappings.sourceParts === undefined
      ? readAll
      : (document) => readAll({ ...document, source: kept(document.source) });
  const isPlain = options.type === "plain";
  const bound = options.maxAnalyzedOffset;
  const most = bound === -1 ? context.limits.maxAnalyzedOffset : (bound ?? Infinity);
  const check = createOffsetCheck(name, isPlain, bound === undefined ? bound : most, context);
  const isAnalyzed =
    isPlain || fields.some((each) => each.leaves.length > 0) || options.noMatchSize > 0;
  const isMixed = options.matchedFields.length > 0 && !options.requiresFieldMatch;
  const refusal =
    isMixed && options.type === "unified"
      ? shardFailure(
          context.index,
          "illegal_argument_exception",
          "Matched fields are not supported when [require_field_match] is set to [false]",
        )
      : undefined;
  if (options.type === "fvh") return fastWriter(read, matcher, options, leaves, context);
  return (document) => {
    if (refusal !== undefined) throw refusal;
    const texts = read(document).map(String);
    if (isAnalyzed) check(document, texts);
    let before = 0;
    const values = texts.map((text) => {
      // The unified highlighter counts through all values, which one character separates.
      const last = isPlain ? most : most - before;
      before += text.length + 1;
      const tokensOf = (by: TextMatcher): readonly Token[] =>
        by.tokens(text).filter(({ start }) => start <= last);
      const tokens = tokensOf(matcher);
      // It does not look at empty texts.
      const own = text === "" && !isPlain ? [] : matcher.find(text, tokens);
      if (masked.length === 0) return { text, tokens, matches: own };
      const others = masked.flatMap((by) => by.find(text, tokensOf(by)));
      return { text, tokens, matches: joined([...own, ...others]) };
    });
    const all = values.flatMap(({ matches }) => matches);
    const [first] = values;
    if (all.length === 0) {
      if (options.noMatchSize === 0 || first === undefined) return [];
      if (options.boundaries === "word" && !isPlain)
        throw notSupported("[no_match_size] with [boundary_scanner] [word]");
      const end = isPlain
        ? plainEnd(first.tokens, options.noMatchSize)
        : summaryEnd(first.text, options.noMatchSize);
      if (end <= 0) return [];
      const beginning = mark(first.text, { start: 0, end, matches: [], score: 0 }, options);
      return [isPlain || options.fragments === 0 ? beginning : beginning.trim()];
    }
    const found = isPlain
      ? values.flatMap(({ text, tokens, matches }) =>
          plainOf(text, tokens, matches, options).map((passage) => ({ text, passage })),
        )
      : scored(
          values.map(({ text, matches }) => ({
            text,
            passages: passagesOf(
              text,
              matches,
              options.fragments === 0 ? "whole" : options.boundaries,
              options.fragmentSize,
            ),
          })),
        );
    return best(found, options).map(({ text, passage }) => {
      const written = mark(text, passage, options);
      return isPlain || options.fragments === 0 ? written : written.trim();
    });
  };
}

/** Writes the fragments of the fast vector highlighter. */
function fastWriter(
  read: FieldReader,
  matcher: TextMatcher,
  options: HighlightOptions,
  leaves: readonly QueryLeaf[],
  context: SearchContext,
): (document: SearchDocument) => readonly string[] {
  const { fast } = options;
  for (const { settings } of leaves) {
    if (Number(settings["slop"] ?? 0) > 0) throw notSupported("[slop] of a phrase in [fvh]");
    if (fast.isByScore && settings["boost"] !== undefined)
      throw notSupported("[boost] in [fvh] by score");
  }
  return (document) => {
    const problem = sizeProblem(fast);
    if (problem !== undefined)
      throw shardFailure(context.index, "illegal_argument_exception", problem);
    const texts = read(document).map(String);
    let offset = 0;
    const matches: Match[] = [];
    for (const text of texts) {
      for (const match of matcher.find(text, matcher.tokens(text)))
        matches.push({ ...match, start: match.start + offset, end: match.end + offset });
      offset += text.length + 1;
    }
    if (matches.length > 0)
      return fastFragments(texts, matches, fast).map(({ text, matches: inside }) =>
        mark(text, { start: 0, end: text.length, matches: inside, score: 0 }, options),
      );
    if (options.noMatchSize === 0 || texts.length === 0) return [];
    const text = fastBeginning(texts, options.noMatchSize, fast);
    if (text === undefined) return [];
    return [mark(text, { start: 0, end: text.length, matches: [], score: 0 }, options)];
  };
}

function plainOf(
  text: string,
  tokens: ReturnType<ReturnType<typeof createMatcher>["tokens"]>,
  matches: readonly Match[],
  { fragments, fragmentSize }: HighlightOptions,
): Passage[] {
  const size = fragments === 0 ? Infinity : fragmentSize;
  return plainFragments(text, tokens, matches, size).filter((passage) => passage.score > 0);
}

interface Found {
  readonly text: string;
  readonly passage: Passage;
}

/** The best passages, in the order of the text unless the score is to decide. */
function best(found: readonly Found[], options: HighlightOptions): readonly Found[] {
  const most = options.fragments === 0 ? Infinity : options.fragments;
  const sorted = found.toSorted((a, b) => b.passage.score - a.passage.score).slice(0, most);
  return options.isByScore ? sorted : found.filter((entry) => sorted.includes(entry));
}

function mark(text: string, { start, end, matches }: Passage, options: HighlightOptions): string {
  const { preTag, postTag, isHtml } = options;
  const show = (from: number, to: number): string => {
    const part = text.slice(from, to);
    return isHtml ? part.replaceAll(/[&<>"'/]/g, (character) => entities[character] ?? "") : part;
  };
  let marked = "";
  let at = start;
  for (const match of matches) {
    marked += show(at, match.start) + preTag + show(match.start, match.end) + postTag;
    at = match.end;
  }
  return marked + show(at, end);
}

/** What Lucene's encoder for HTML writes. */
const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#x27;",
  "/": "&#x2F;",
};
