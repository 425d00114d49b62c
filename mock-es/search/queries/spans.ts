/** Span queries: terms by their places, nested in each other. */
import { EsError, illegalArgument, parsingException } from "../../es-error.ts";
import { withDigits } from "./odd-numbers.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { toJavaText } from "../../values/java-text.ts";
import type { SearchContext, SearchDocument } from "../fields/document.ts";
import { createTermReader } from "../fields/document-terms.ts";
import { resolveField, scoresAlike } from "../fields/field.ts";
import { termsOf } from "../fields/term-dictionary.ts";
import { booleanSetting, parseFieldClause } from "./clause.ts";
import { boostOf, type Compile, type CompiledQuery, matchNone } from "./compiled-query.ts";
import { Faults } from "../faults.ts";
import { queryShardFailure } from "./shard-problem.ts";
import {
  anySpans,
  containingSpans,
  firstSpans,
  type NearPart,
  orderedSpans,
  type Span,
  type Spans,
  unorderedSpans,
  withinSpans,
  withoutSpans,
} from "./span-lists.ts";
import { SpanOccurrence, type SpanSource } from "./span-source.ts";
import { scoredQuery, TextOccurrence } from "./term-query.ts";
import { createTermScorer } from "./term-statistics.ts";

type SpanParser = (body: JsonObject, context: SearchContext, compile: Compile) => SpanSource;

const parsers: Readonly<Record<string, SpanParser>> = {
  span_containing: (body, context, compile) => pairOf("span_containing", body, context, compile),
  span_field_masking: parseMasking,
  span_first: parseFirst,
  span_gap: parseGap,
  span_multi: parseMulti,
  span_near: parseNear,
  span_not: parseNot,
  span_or: parseOr,
  span_term: parseSpanTerm,
  span_within: (body, context, compile) => pairOf("span_within", body, context, compile),
};

/** Names of the span queries. */
export const spanNames: readonly string[] = Object.keys(parsers).filter(
  (name) => name !== "span_gap",
);

/** Builds the parser of one kind of span query. */
export function spanQueryParser(
  name: string,
): (body: JsonObject, context: SearchContext, compile: Compile) => CompiledQuery {
  return (body, context, compile) => {
    const boost = boostOf(name, name === "span_term" ? termBody(body) : body);
    const found = (parsers[name] ?? parseSpanTerm)(body, context, compile);
    const source = found.masked ?? found;
    const { field } = source;
    if (field === undefined) return matchNone;
    const occurrence = new SpanOccurrence(field, source);
    const { written } = source;
    if (written === undefined) {
      const score = createTermScorer(context, occurrence, boost);
      return { score, isConstant: context.corpus === undefined || !context.isScored };
    }
    return scoredQuery(context, occurrence, boost, () => written);
  };
}

function termBody(body: JsonObject): JsonObject {
  const [settings] = Object.values(body);
  return isObject(settings) ? settings : {};
}

/** Terms of a field, one by one; `terms` are those that make up the rarity. */
function termSpans(
  context: SearchContext,
  name: string,
  accepts: (term: string) => boolean,
  terms: readonly string[],
): SpanSource {
  const field = resolveField(context, name);
  if (field === undefined || field.kind === "object" || field.kind === "nested")
    return { field: undefined, name, terms: new Map(), find: () => [] };
  const hasPositions = field.isIndexed && field.analysis?.hasPositions === true;
  if (field.kind !== "text" || !hasPositions || scoresAlike(field)) {
    // The server finds this out when it looks for the first of them.
    if (terms.length === 0) return { field, name, terms: new Map(), find: () => [] };
    const reason = `Span term query requires position data, but field ${name} was indexed without position data`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  const read = createTermReader(field);
  return {
    field,
    name,
    text: `${name}:${terms.join()}`,
    written: terms.length === 1 ? `${name}:${terms.join()}` : undefined,
    terms: new Map(terms.map((term) => [`${name}\0${term}`, new TextOccurrence(field, [term])])),
    find(document) {
      const { terms: found, positions } = read(document);
      const spans: Span[] = [];
      for (let at = 0; at < found.length; at++) {
        if (!accepts(found[at] ?? "")) continue;
        const start = positions === undefined ? at : (positions[at] ?? 0);
        spans.push({ start, end: start + 1, width: 0 });
      }
      return spans;
    },
  };
}

function parseSpanTerm(body: JsonObject, context: SearchContext): SpanSource {
  const shape = { name: "span_term", shortFor: "value", settings: ["value", "term"] };
  const { field, settings } = parseFieldClause(body, shape);
  const value = settings["value"] ?? settings["term"];
  if (value === null || value === undefined) throw illegalArgument("value cannot be null");
  const term = toJavaText(value);
  return termSpans(context, field, (text) => text === term, [term]);
}

function knownMembers(name: string, body: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(body)) {
    if (known.includes(key) || key === "boost" || key === "_name") continue;
    throw parsingException(`[${name}] query does not support [${key}]`).at(body, key);
  }
}

function atEnd(reason: string, body: JsonObject): Error {
  return parsingException(reason).at(body, undefined, "end");
}

/** A span query inside another one. @throws {EsError} for any other query */
function inner(
  owner: string,
  setting: string,
  query: unknown,
  context: SearchContext,
  compile: Compile,
): SpanSource {
  const [name] = isObject(query) ? Object.keys(query) : [];
  if (!isObject(query) || name === undefined || !Object.hasOwn(parsers, name)) {
    compile(query, context);
    const reason = `${owner} [${setting}] must be of type span query`;
    throw isObject(query) ? atEnd(reason, query) : parsingException(reason);
  }
  const body = query[name];
  if (!isObject(body)) {
    compile(query, context);
    throw parsingException(`[${name}] query malformed, no start_object after query name`);
  }
  const boost = boostOf(name, name === "span_term" ? termBody(body) : body);
  if (boost !== 1) {
    const words = owner.replaceAll(/_(.)/g, (_, letter: string) => letter.toUpperCase());
    throw parsingException(
      `${words} [${setting}] as a nested span clause can't have non-default boost value [${boost.toFixed(1)}]`,
    );
  }
  return (parsers[name] ?? parseSpanTerm)(withDigits(name, body), context, compile);
}

function clausesOf(
  name: string,
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): SpanSource[] {
  const given = body["clauses"];
  const list = Array.isArray(given) ? (given as readonly unknown[]) : [];
  if (list.length === 0) {
    throw atEnd(`${name} must include [clauses]`, body);
  }
  // Single values among the clauses are passed over.
  const clauses = list.filter((clause) => isObject(clause) || Array.isArray(clause));
  if (clauses.length === 0) throw atEnd(`${name} must include [clauses]`, body);
  return clauses.map((clause) => inner(name, "clauses", clause, context, compile));
}

/** The clauses as one: their terms, and the one field that they are about. */
function joined(
  owner: string,
  sources: readonly SpanSource[],
  write: (texts: string) => string,
  find: (document: SearchDocument) => Spans,
): SpanSource {
  const [first] = sources;
  const { field, name } = first ?? { field: undefined, name: "" };
  const other = sources.find((source) => source.gap === undefined && source.name !== name);
  if (other !== undefined) {
    throw other.text !== undefined && owner === "span_near"
      ? illegalArgument(`Cannot add clause ${other.text} to SpanNearQuery for field ${name}`)
      : illegalArgument("Clauses must have same field.");
  }
  const terms = new Map(sources.flatMap((source) => [...source.terms]));
  const own = sources.find((source) => source.field)?.field ?? field;
  const texts = sources.flatMap(({ written }) => written ?? []);
  const written = texts.length === sources.length ? write(texts.join(", ")) : undefined;
  return { field: own, name, terms, find, written };
}

function parseNear(body: JsonObject, context: SearchContext, compile: Compile): SpanSource {
  knownMembers("span_near", body, ["clauses", "slop", "in_order"]);
  const sources = clausesOf("span_near", body, context, compile);
  const slop = Number(body["slop"] ?? 0);
  const isOrdered = booleanSetting(body, "in_order", true);
  const [only, second] = sources;
  if (only !== undefined && second === undefined) return only;
  const write = (texts: string): string => `spanNear([${texts}], ${slop}, ${isOrdered})`;
  return inOneField(context, () =>
    joined("span_near", sources, write, (document) => {
      const parts = sources.map((source): NearPart => {
        return source.gap === undefined ? source.find(document) : { gap: source.gap };
      });
      return isOrdered
        ? orderedSpans(parts, slop)
        : unorderedSpans(
            parts.filter((part): part is Spans => Array.isArray(part)),
            slop,
          );
    }),
  );
}

function inOneField(context: SearchContext, make: () => SpanSource): SpanSource {
  try {
    return make();
  } catch (error) {
    if (!(error instanceof EsError)) throw error;
    throw queryShardFailure(context, error.type, error.reason);
  }
}

function parseGap(body: JsonObject): SpanSource {
  const [[name, gap] = ["", 0]] = Object.entries(body);
  return { field: undefined, name, terms: new Map(), find: () => [], gap: Number(gap) };
}

function parseOr(body: JsonObject, context: SearchContext, compile: Compile): SpanSource {
  knownMembers("span_or", body, ["clauses"]);
  const sources = clausesOf("span_or", body, context, compile);
  const find = (document: SearchDocument): Spans =>
    anySpans(sources.map((source) => source.find(document)));
  return inOneField(context, () =>
    joined("span_or", sources, (texts) => `spanOr([${texts}])`, find),
  );
}

function parseNot(body: JsonObject, context: SearchContext, compile: Compile): SpanSource {
  knownMembers("span_not", body, ["include", "exclude", "dist", "pre", "post"]);
  for (const setting of ["include", "exclude"])
    if (body[setting] === undefined)
      throw atEnd(`span_not must have [${setting}] span query clause`, body);
  if (body["dist"] !== undefined && (body["pre"] !== undefined || body["post"] !== undefined))
    throw atEnd("span_not can either use [dist] or [pre] & [post] (or none)", body);
  const include = inner("span_not", "include", body["include"], context, compile);
  const faults = new Faults();
  const excluded = faults.attempt("", () =>
    inner("span_not", "exclude", body["exclude"], context, compile),
  );
  faults.throwFirst("parse");
  // Where nothing is found, patterns of what would be left out are not looked up.
  if (include.terms.size > 0 || namesTerm(body["exclude"])) faults.throwAny();
  const exclude = excluded ?? include;
  if (include.name !== exclude.name) {
    const reason = "Clauses must have same field.";
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  const before = Number(body["dist"] ?? body["pre"] ?? 0);
  const after = Number(body["dist"] ?? body["post"] ?? 0);
  const [kept, left] = [include.written, exclude.written];
  return {
    ...unmasked(include),
    written:
      kept === undefined || left === undefined
        ? undefined
        : `spanNot(${kept}, ${left}, ${before}, ${after})`,
    find: (document) => withoutSpans(include.find(document), exclude.find(document), before, after),
  };
}

function namesTerm(clause: unknown): boolean {
  if (typeof clause !== "object" || clause === null) return false;
  return "span_term" in clause || Object.values(clause).some(namesTerm);
}

function parseFirst(body: JsonObject, context: SearchContext, compile: Compile): SpanSource {
  knownMembers("span_first", body, ["match", "end"]);
  if (body["match"] === undefined)
    throw atEnd("span_first must have [match] span query clause", body);
  if (body["end"] === undefined) throw atEnd("span_first must have [end] set for it", body);
  const match = inner("span_first", "match", body["match"], context, compile);
  const end = Number(body["end"]);
  const written = match.written === undefined ? undefined : `spanFirst(${match.written}, ${end})`;
  return { ...unmasked(match), written, find: (document) => firstSpans(match.find(document), end) };
}

/** Around something that is masked the masking field is the one that counts. */
function unmasked({ masked: _masked, ...source }: SpanSource): SpanSource {
  return source;
}

function pairOf(
  name: "span_containing" | "span_within",
  body: JsonObject,
  context: SearchContext,
  compile: Compile,
): SpanSource {
  knownMembers(name, body, ["big", "little"]);
  for (const setting of ["big", "little"])
    if (body[setting] === undefined)
      throw illegalArgument(`inner clause [${setting}] cannot be null.`);
  const big = inner(name, "big", body["big"], context, compile);
  const little = inner(name, "little", body["little"], context, compile);
  const kind = name === "span_containing" ? "SpanContaining" : "SpanWithin";
  const write = (texts: string): string => `${kind}(${texts})`;
  return inOneField(context, () =>
    joined(name, [big, little], write, (document) =>
      name === "span_containing"
        ? containingSpans(big.find(document), little.find(document))
        : withinSpans(little.find(document), big.find(document)),
    ),
  );
}

function parseMasking(body: JsonObject, context: SearchContext, compile: Compile): SpanSource {
  knownMembers("span_field_masking", body, ["query", "field"]);
  if (body["query"] === undefined)
    throw atEnd("span_field_masking must have [query] span query clause", body);
  if (body["field"] === undefined)
    throw atEnd("span_field_masking must have [field] set for it", body);
  const source = inner("span_field_masking", "query", body["query"], context, compile);
  const name = textOf(body["field"]);
  const written = undefined;
  return { ...source, field: resolveField(context, name), name, masked: source, written };
}

function parseMulti(body: JsonObject, context: SearchContext, compile: Compile): SpanSource {
  knownMembers("span_multi", body, ["match"]);
  const { match } = body;
  if (!isObject(match)) {
    throw parsingException(
      match === undefined
        ? "[span_multi] must have [match] multi term query clause"
        : `[span_multi] query does not support [${tokenOf(match)}]`,
    );
  }
  const [[type, settings] = ["", undefined]] = Object.entries(match);
  const [prefixed] = type === "prefix" && isObject(settings) ? Object.keys(settings) : [];
  const ofPrefix = prefixed === undefined ? undefined : resolveField(context, prefixed);
  if (ofPrefix !== undefined && ofPrefix.kind !== "text") {
    const reason = `Can only use span prefix queries on text fields - not on [${ofPrefix.name}] which is of type [${ofPrefix.type}]`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  const query = compile(match, context);
  if (!multiTermQueries.has(type) || !isObject(settings))
    throw atEnd("[span_multi] [match] must be of type multi term query", match);
  const [name = ""] = Object.keys(settings);
  const accepts = query.acceptsTerm ?? ((): boolean => false);
  const field = resolveField(context, name);
  const terms = field === undefined ? [] : (termsOf(context, field, accepts) ?? []);
  const spans = termSpans(context, name, accepts, terms);
  // The nearest terms stay a choice, even of one.
  return type === "fuzzy" && spans.written !== undefined
    ? { ...spans, written: `spanOr([${spans.written}])` }
    : spans;
}

const multiTermQueries: ReadonlySet<string> = new Set(
  "fuzzy prefix range regexp wildcard".split(" "),
);
