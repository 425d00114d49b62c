/** Queries for terms by pattern: `prefix`, `wildcard`, `regexp`, `fuzzy`. */
import { normalized } from "../../analysis/normalize.ts";
import { illegalArgument, notSupported } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { createAutomaton, MAX_STATES, type Pattern } from "../../text/automaton.ts";
import { parseRegexp, parseWildcard } from "../../text/regexp-syntax.ts";
import { toJavaText } from "../../values/java-text.ts";
import type { SearchContext } from "../fields/document.ts";
import { type Field, resolveLeaf } from "../fields/field.ts";
import { parentPathOf } from "../fields/nested-documents.ts";
import { asYouTypePrefix } from "./as-you-type-prefix.ts";
import { indexedLengths } from "./indexed-prefix.ts";
import { anyText } from "./any-text.ts";
import { booleanSetting, parseFieldClause } from "./clause.ts";
import { boostOf, matchNone, rewrittenToNone, type CompiledQuery } from "./compiled-query.ts";
import { fuzzyOptions, fuzzyQuery } from "./fuzzy.ts";
import { writtenText } from "./query-values.ts";
import { checkRewrite } from "./rewrite-method.ts";
import { settingChecks } from "./setting-checks.ts";
import {
  expensive,
  inQuery,
  inShard,
  queryShardFailure,
  queryShardRefusal,
  requireExpensive,
  requireUnkeyed,
} from "./shard-problem.ts";
import { requireSearchable } from "./term-query.ts";

/** The field of a pattern; `undefined` when nothing maps it. @throws {EsError} for other types */
function patternField(
  context: SearchContext,
  query: string,
  name: string,
  rewrite: unknown,
): Field | undefined {
  const field = resolveLeaf(context, name);
  if (field === undefined) return undefined;
  const isText = field.kind === "text" || field.kind === "keyword";
  if (!isText || field.name === "_id") {
    const kinds =
      query === "regexp" || query === "fuzzy" ? "keyword and text" : "keyword, text and wildcard";
    const type = field.name === "_id" ? "_id" : field.type;
    const reason = `Can only use ${query} queries on ${kinds} fields - not on [${field.name}] which is of type [${type}]`;
    throw query === "fuzzy"
      ? queryShardFailure(context, "illegal_argument_exception", reason)
      : queryShardRefusal(context, reason);
  }
  const advice = " For optimised prefix queries on text fields please enable [index_prefixes].";
  if (query !== "prefix") requireExpensive(context, `[${query}] queries`);
  else if (!context.limits.allowsExpensive && field.parameters["index_prefixes"] === undefined)
    throw expensive(context, `[prefix] queries ${notAllowed}${advice}`);
  if (query !== "prefix") requireUnkeyed(context, field, query);
  checkRewrite(rewrite, context);
  requireSearchable(
    context,
    field,
    query === "prefix" ? field.type === "flattened" : query === "fuzzy",
  );
  return field;
}

const notAllowed = "cannot be executed when 'search.allow_expensive_queries' is set to false.";

function requiredText(settings: JsonObject, setting: string, what = "value"): string {
  const value = settings[setting];
  if (value === undefined || value === null) throw illegalArgument(`${what} cannot be null`);
  return what === "value" ? writtenText(value) : toJavaText(value);
}

/** A pattern as the normalizer of a keyword field changes the keywords themselves. */
function asIndexed(field: Field, text: string): string {
  return field.kind === "keyword" && field.analysis !== undefined
    ? normalized(field.analysis.search, text)
    : text;
}

/** Refuses a rewriting after which terms score. @throws {EsError} 400 that names it */
function refuseRewrite(settings: JsonObject): void {
  const rewrite = textOf(settings["rewrite"] ?? "constant_score");
  if (!rewrite.startsWith("constant_score")) throw notSupported(`[rewrite] [${rewrite}]`);
}

/**
 * Refuses a prefix that the server finds in a field of prefixes outside of the objects that are
 * searched: it takes what it finds there for one of these.
 *
 * @throws {EsError} 400 that names it
 */
export function refuseHiddenPrefixes(context: SearchContext, field: Field, prefix: string): void {
  const [, most = 0] = indexedLengths(field) ?? [];
  if (prefix.length > most) return;
  if (parentPathOf(context.mappings, field.name) !== context.nestedPath)
    throw notSupported(
      "a prefix in a field with [index_prefixes] that is not of the nested object",
    );
}

/** `prefix`. */
export function parsePrefix(body: JsonObject, context: SearchContext): CompiledQuery {
  const shape = {
    name: "prefix",
    shortFor: "value",
    settings: ["value", "rewrite", "case_insensitive"],
    checks: settingChecks,
  };
  const { field: name, settings } = parseFieldClause(body, shape);
  const given = requiredText(settings, "value");
  refuseRewrite(settings);
  const boost = boostOf("prefix", settings);
  const field = patternField(context, "prefix", name, settings["rewrite"]);
  if (field === undefined) return rewrittenToNone;
  const value = asIndexed(field, given);
  refuseHiddenPrefixes(context, field, value);
  const ignoresCase = booleanSetting(settings, "case_insensitive", false);
  const begun = asYouTypePrefix(context, field, value, boost);
  if (begun !== undefined && ignoresCase)
    throw notSupported("[case_insensitive] prefixes of the type [search_as_you_type]");
  if (begun !== undefined) return begun;
  if (!ignoresCase)
    return anyText(
      field,
      (text) => text.startsWith(value),
      boost,
      settings["rewrite"] === "constant_score_boolean"
        ? undefined
        : () => `${field.name}:${value}*`,
    );
  const lower = value.toLowerCase();
  return anyText(field, (text) => text.toLowerCase().startsWith(lower), boost);
}

/** `wildcard`; the pattern may be called `value` or `wildcard`. */
export function parseWildcardQuery(body: JsonObject, context: SearchContext): CompiledQuery {
  const settingNames = ["value", "wildcard", "rewrite", "case_insensitive"];
  const shape = {
    name: "wildcard",
    shortFor: "value",
    settings: settingNames,
    checks: settingChecks,
  };
  const { field: name, settings } = parseFieldClause(body, shape);
  const given = requiredText(settings, settings["wildcard"] === undefined ? "value" : "wildcard");
  refuseRewrite(settings);
  const boost = boostOf("wildcard", settings);
  const ignoreCase = booleanSetting(settings, "case_insensitive", false);
  const field = patternField(context, "wildcard", name, settings["rewrite"]);
  if (field === undefined) return rewrittenToNone;
  // The normalizer sees the text between the wildcards only.
  const source = given.replaceAll(/(?:[^*?\\]|\\.)+/g, (literal) => asIndexed(field, literal));
  const accepts = matcherOf(context, parseWildcard(source, ignoreCase), source);
  return anyText(field, accepts, boost);
}

/** `regexp`: Lucene's syntax, always on the whole value. */
export function parseRegexpQuery(body: JsonObject, context: SearchContext): CompiledQuery {
  const settingNames = [
    "value",
    "flags",
    "flags_value",
    "max_determinized_states",
    "rewrite",
    "case_insensitive",
  ];
  const shape = {
    name: "regexp",
    shortFor: "value",
    settings: settingNames,
    checks: settingChecks,
  };
  const { field: name, settings } = parseFieldClause(body, shape);
  const given = requiredText(settings, "value");
  refuseRewrite(settings);
  const boost = boostOf("regexp", settings);
  const flags = textOf(settings["flags"] ?? "ALL");
  const hasOperators = flags.toUpperCase() !== "NONE";
  const ignoreCase = booleanSetting(settings, "case_insensitive", false);
  checkRegexLength(context, given);
  const field = patternField(context, "regexp", name, settings["rewrite"]);
  if (field === undefined) return matchNone;
  const source = asIndexed(field, given);
  const pattern = inQuery(context, () => parseRegexp(source, { hasOperators, ignoreCase }));
  return anyText(field, matcherOf(context, pattern, source), boost);
}

/** @throws {EsError} a shard's refusal of a regular expression over `index.max_regex_length` */
export function checkRegexLength(context: SearchContext, { length }: string): void {
  const { maxRegexLength } = context.limits;
  if (length <= maxRegexLength) return;
  const reason = `The length of regex [${length}] used in the Regexp Query request has exceeded the allowed maximum of [${maxRegexLength}]. This maximum can be set by changing the [index.max_regex_length] index level setting.`;
  throw inShard(context, () => {
    throw illegalArgument(reason);
  });
}

function matcherOf(
  context: SearchContext,
  pattern: Pattern,
  source: string,
): (text: string) => boolean {
  const automaton = createAutomaton(pattern);
  if (automaton === undefined) {
    const reason = `Determinizing [${source}] would require more than ${MAX_STATES} effort.`;
    throw queryShardFailure(context, "too_complex_to_determinize_exception", reason);
  }
  return (text) => automaton.matches(text);
}

/** `fuzzy`: terms within an edit distance. */
export function parseFuzzy(body: JsonObject, context: SearchContext): CompiledQuery {
  const shape = {
    name: "fuzzy",
    shortFor: "value",
    settings: [
      "value",
      "term",
      "fuzziness",
      "prefix_length",
      "max_expansions",
      "transpositions",
      "rewrite",
    ],
    checks: settingChecks,
  };
  const { field: name, settings } = parseFieldClause(body, shape);
  // An older name of it; the later one counts.
  const text = Object.keys(settings).findLast((key) => key === "value" || key === "term");
  const given = requiredText(settings, text ?? "value", "query value");
  const boost = boostOf("fuzzy", settings);
  const options = fuzzyOptions(settings, "transpositions");
  if (settings["rewrite"] !== undefined) throw notSupported("[rewrite] of [fuzzy]");
  const field = patternField(context, "fuzzy", name, undefined);
  if (field === undefined) return rewrittenToNone;
  if (options.maxExpansions <= 0)
    throw queryShardFailure(
      context,
      "illegal_argument_exception",
      "maxExpansions must be positive.",
    );
  return fuzzyQuery(context, field, asIndexed(field, given), options, boost);
}
