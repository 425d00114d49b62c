/** `intervals`: the places of terms in texts, and how they stand to each other. */
import { builtInAnalysis } from "../../analysis/analysis.ts";
import type { Analyzer } from "../../analysis/token.ts";
import { notSupported, parsingException } from "../../es-error.ts";
import { isObject, type JsonObject, tokenOf } from "../../json/json-value.ts";
import { createAutomaton, MAX_STATES, type Pattern } from "../../text/automaton.ts";
import { editDistance } from "../../text/edit-distance.ts";
import { parseRegexp, parseWildcard } from "../../text/regexp-syntax.ts";
import type { SearchContext } from "../fields/document.ts";
import { searchAnalyzerOf } from "../fields/field-analyzers.ts";
import { type Field, resolveField, resolveLeaf } from "../fields/field.ts";
import { boostOf, type CompiledQuery, matchNone, NO_MATCH } from "./compiled-query.ts";
import { editsOf } from "./fuzzy.ts";
import { type IntervalFilter, type IntervalRule, isRelation, readRule } from "./interval-rules.ts";
import {
  allSource,
  anySource,
  besideSource,
  extendedSource,
  type IntervalSource,
  relatedSource,
  termSource,
} from "./interval-source.ts";
import { queryShardFailure } from "./shard-problem.ts";

/** Parses an `intervals` query. */
export function parseIntervals(body: JsonObject, context: SearchContext): CompiledQuery {
  const [name, second] = Object.keys(body);
  if (name === undefined)
    throw parsingException("Expected [FIELD_NAME] but got [END_OBJECT]").at(body, undefined, "end");
  const settings = body[name];
  if (!isObject(settings)) {
    const reason = `Expected [START_OBJECT] but got [${tokenOf(settings)}]`;
    throw parsingException(reason).at(body, name);
  }
  const [type, other] = Object.keys(settings).filter((key) => key !== "boost" && key !== "_name");
  if (type === undefined) {
    const reason = "Missing intervals from interval query definition";
    throw parsingException(reason).at(body, undefined, "end");
  }
  const rule = readRule(type, settings);
  if (other !== undefined) {
    const reason = `Only one interval rule can be specified, found [${type}] and [${other}]`;
    throw parsingException(reason).at(settings, other, "key");
  }
  if (second !== undefined) {
    const reason = "Expected [END_OBJECT] but got [FIELD_NAME]";
    throw parsingException(reason).at(body, second, "key");
  }
  const boost = boostOf("intervals", settings);
  const field = resolveLeaf(context, name);
  if (field === undefined || lacksField(rule, context)) return matchNone;
  return scored(sourceOf(rule, field, context), boost, context.isScored);
}

/**
 * Scores the sum over the intervals, each the less the longer it is, as Lucene does: `f / (f + 1)`
 * (IntervalQuery with its default saturation), in 32-bit floats.
 */
function scored(source: IntervalSource, boost: number, isScored: boolean): CompiledQuery {
  const { fround } = Math;
  return {
    score(document) {
      const found = source.find(document);
      if (found.length === 0) return NO_MATCH;
      if (!isScored) return boost;
      let frequency = 0;
      for (const { start, end } of found)
        frequency = fround(frequency + 1 / Math.max(end - start + 2 - source.minExtent, 1));
      return fround(boost * fround(1 - fround(1 / fround(1 + frequency))));
    },
    isConstant: !isScored,
  };
}

/** True where a field that a rule names is not mapped. The rules of filters do not count. */
function lacksField(rule: IntervalRule, context: SearchContext): boolean {
  if (rule.type === "all_of" || rule.type === "any_of")
    return rule.rules.some((part) => lacksField(part, context));
  return rule.useField !== undefined && resolveField(context, rule.useField) === undefined;
}

function sourceOf(rule: IntervalRule, field: Field, context: SearchContext): IntervalSource {
  const each = (rules: readonly IntervalRule[]): IntervalSource[] =>
    rules.map((part) => sourceOf(part, field, context));
  switch (rule.type) {
    case "all_of": {
      const all = allSource(each(rule.rules), rule.isOrdered, rule.maxGaps);
      return filtered(all, rule.filter, field, context);
    }
    case "any_of":
      return filtered(anySource(each(rule.rules)), rule.filter, field, context);
    case "match": {
      const own = fieldOf(rule.useField, field, context);
      return filtered(matchSource(rule, own, context), rule.filter, own, context);
    }
    default:
      return patternSource(rule, field, context);
  }
}

function filtered(
  source: IntervalSource,
  filter: IntervalFilter | undefined,
  field: Field,
  context: SearchContext,
): IntervalSource {
  if (filter === undefined) return source;
  const { relation, rule } = filter;
  const other = sourceOf(rule, field, context);
  if (!isRelation(relation)) {
    const reason = `Unknown filter type [${relation}]`;
    throw queryShardFailure(context, "illegal_argument_exception", reason);
  }
  return relation === "before" || relation === "after"
    ? besideSource(source, relation, other)
    : relatedSource(source, relation, other);
}

/** The field whose terms a rule means. @throws {EsError} a shard's refusal of what is no text */
function fieldOf(useField: string | undefined, own: Field, context: SearchContext): Field {
  const field = useField === undefined ? own : resolveField(context, useField);
  const refuse = (reason: string, type = "illegal_argument_exception"): Error =>
    queryShardFailure(context, type, reason);
  if (field === undefined) {
    // The server stumbles over such a field of a filter, too.
    const reason = `Cannot invoke "org.elasticsearch.index.mapper.MappedFieldType.name()" because "fieldType" is null`;
    throw refuse(reason, "null_pointer_exception");
  }
  if (field.kind !== "text") {
    const found = `[${field.name}] which is of type [${field.type}]`;
    throw refuse(`Can only use interval queries on text fields - not on ${found}`);
  }
  return field;
}

/** Refuses terms of a field without positions. @throws {EsError} a shard's refusal */
function requirePositions(field: Field, context: SearchContext): void {
  if (field.isIndexed && field.analysis?.hasPositions !== false) return;
  const reason = `Cannot create intervals over field [${field.name}] with no positions indexed`;
  throw queryShardFailure(context, "illegal_argument_exception", reason);
}

/** An analyzer that the index does not know is no refusal here: the field's own is taken. */
function analyzerOf(name: string | undefined, field: Field, context: SearchContext): Analyzer {
  const own = searchAnalyzerOf(field);
  if (name === undefined) return own;
  return (context.mappings.analysis ?? builtInAnalysis).analyzer(name) ?? own;
}

function matchSource(
  rule: Extract<IntervalRule, { type: "match" }>,
  field: Field,
  context: SearchContext,
): IntervalSource {
  const byPosition = new Map<number, IntervalSource[]>();
  for (const token of analyzerOf(rule.analyzer, field, context).analyze(rule.query)) {
    if ((token.positionLength ?? 1) > 1)
      throw notSupported("[intervals] with terms that stand for several places");
    requirePositions(field, context);
    const { term, position } = token;
    const source = termSource(field, `term ${term}`, (candidate) => candidate === term);
    const sources = byPosition.get(position);
    if (sources === undefined) byPosition.set(position, [source]);
    else sources.push(source);
  }
  let last = -1;
  const sources: IntervalSource[] = [];
  for (const [position, terms] of byPosition) {
    // Where only one term is left, nothing before it counts (a single token is no phrase).
    const skipped = byPosition.size === 1 ? 0 : position - last - 1;
    sources.push(extendedSource(anySource(terms), skipped));
    last = position;
  }
  return allSource(sources, rule.isOrdered, rule.maxGaps);
}

function patternSource(
  rule: Extract<IntervalRule, { type: "prefix" | "wildcard" | "regexp" | "fuzzy" }>,
  own: Field,
  context: SearchContext,
): IntervalSource {
  const field = fieldOf(rule.useField, own, context);
  requirePositions(field, context);
  const analyzer = analyzerOf(rule.analyzer, field, context);
  if (rule.type === "fuzzy") {
    const { fuzziness, prefixLength, transpositions } = rule;
    const term = asIndexed(analyzer, rule.term);
    const edits = editsOf(fuzziness, term);
    const start = term.slice(0, prefixLength);
    const key = `fuzzy ${edits} ${prefixLength} ${String(transpositions)} ${term}`;
    return termSource(
      field,
      key,
      (candidate) =>
        candidate === term ||
        (Math.abs(candidate.length - term.length) <= edits &&
          candidate.startsWith(start) &&
          editDistance(term, candidate, transpositions) <= edits),
    );
  }
  const pattern = asIndexed(analyzer, rule.pattern);
  const key = `${rule.type} ${pattern}`;
  if (rule.type === "prefix")
    return termSource(field, key, (candidate) => candidate.startsWith(pattern));
  const parsed =
    rule.type === "wildcard"
      ? parseWildcard(pattern, false)
      : parseRegexp(pattern, { hasOperators: true, ignoreCase: false });
  return termSource(field, key, matcherOf(parsed, pattern, context));
}

function matcherOf(
  parsed: Pattern,
  pattern: string,
  context: SearchContext,
): (term: string) => boolean {
  const automaton = createAutomaton(parsed);
  if (automaton === undefined) {
    const reason = `Determinizing [${pattern}] would require more than ${MAX_STATES} effort.`;
    throw queryShardFailure(context, "too_complex_to_determinize_exception", reason);
  }
  return (term) => automaton.matches(term);
}

/** A pattern as the filters of an analyzer that change single characters change the terms. */
function asIndexed(analyzer: Analyzer, pattern: string): string {
  const probe = analyzer.analyze("Xé")[0]?.term ?? "Xé";
  const isAscii = !/[^\0-\x7f]/.test(pattern);
  if (!isAscii && !probe.endsWith("é"))
    throw notSupported(`[intervals] with a pattern that [${analyzer.name}] changes`);
  return probe.startsWith("x") ? pattern.toLowerCase() : pattern;
}
