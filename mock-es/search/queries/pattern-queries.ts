import { illegalArgument, type JsonObject, textOf } from "../problem.ts";
import { editDistance } from "../../text/edit-distance.ts";
import { createAutomaton, MAX_STATES, type Pattern } from "../../text/automaton.ts";
import { booleanSetting, parseFieldClause } from "./clause.ts";
import { boostOf, matchNone, type CompiledQuery } from "./compiled-query.ts";
import type { SearchContext } from "../fields/document.ts";
import { resolveField } from "../fields/field.ts";
import { parseRegexp, parseWildcard } from "../../text/regexp-syntax.ts";
import { anyText } from "./term-level-queries.ts";
import { queryShardFailure } from "./term-query.ts";

/** A text predicate on the keyword values, or on the terms of a text, of one field. */
interface TextTest {
  readonly name: string;
  readonly field: string;
  readonly accepts: (text: string) => boolean;
  readonly boost: number;
}

function textQuery(context: SearchContext, test: TextTest): CompiledQuery {
  const field = resolveField(context, test.field);
  if (field === undefined) return matchNone;
  if (field.kind !== "text" && field.kind !== "keyword") {
    const kinds =
      test.name === "regexp" || test.name === "fuzzy"
        ? "keyword and text"
        : "keyword, text and wildcard";
    throw queryShardFailure(
      context,
      "illegal_argument_exception",
      `Can only use ${test.name} queries on ${kinds} fields - not on [${field.name}] which is of type [${field.type}]`,
    );
  }
  return anyText(field, test.accepts, test.boost);
}

function requiredText(settings: JsonObject, setting: string): string {
  const value = settings[setting];
  if (value === undefined || value === null) throw illegalArgument("value cannot be null");
  return textOf(value);
}

/** `prefix`. */
export function parsePrefix(body: JsonObject, context: SearchContext): CompiledQuery {
  const shape = {
    name: "prefix",
    shortFor: "value",
    settings: ["value", "rewrite", "case_insensitive"],
  };
  const { field, settings } = parseFieldClause(body, shape);
  const value = requiredText(settings, "value");
  const boost = boostOf("prefix", settings);
  if (!booleanSetting(settings, "case_insensitive", false)) {
    return textQuery(context, {
      name: "prefix",
      field,
      accepts: (text) => text.startsWith(value),
      boost,
    });
  }
  const lower = value.toLowerCase();
  return textQuery(context, {
    name: "prefix",
    field,
    accepts: (text) => text.toLowerCase().startsWith(lower),
    boost,
  });
}

/** `wildcard`; the pattern may be called `value` or `wildcard`. */
export function parseWildcardQuery(body: JsonObject, context: SearchContext): CompiledQuery {
  const settingNames = ["value", "wildcard", "rewrite", "case_insensitive"];
  const { field, settings } = parseFieldClause(body, {
    name: "wildcard",
    shortFor: "value",
    settings: settingNames,
  });
  const source = requiredText(settings, settings["wildcard"] === undefined ? "value" : "wildcard");
  const pattern = parseWildcard(source, booleanSetting(settings, "case_insensitive", false));
  const accepts = matcherOf(context, pattern, source);
  return textQuery(context, {
    name: "wildcard",
    field,
    accepts,
    boost: boostOf("wildcard", settings),
  });
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
  const { field, settings } = parseFieldClause(body, {
    name: "regexp",
    shortFor: "value",
    settings: settingNames,
  });
  const source = requiredText(settings, "value");
  const hasOperators = textOf(settings["flags"] ?? "ALL").toUpperCase() !== "NONE";
  const ignoreCase = booleanSetting(settings, "case_insensitive", false);
  const accepts = matcherOf(context, parseRegexp(source, { hasOperators, ignoreCase }), source);
  return textQuery(context, { name: "regexp", field, accepts, boost: boostOf("regexp", settings) });
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

/** `fuzzy`: terms within an edit distance; scored 1.0 for each match. */
export function parseFuzzy(body: JsonObject, context: SearchContext): CompiledQuery {
  const settingNames = [
    "value",
    "fuzziness",
    "prefix_length",
    "max_expansions",
    "transpositions",
    "rewrite",
  ];
  const { field, settings } = parseFieldClause(body, {
    name: "fuzzy",
    shortFor: "value",
    settings: settingNames,
  });
  const value = requiredText(settings, "value");
  const most = fuzzinessOf(settings["fuzziness"], value);
  const prefix = value.slice(0, Number(settings["prefix_length"] ?? 0));
  const transpositions = booleanSetting(settings, "transpositions", true);
  const accepts = (text: string): boolean =>
    text.startsWith(prefix) &&
    Math.abs(text.length - value.length) <= most &&
    editDistance(value, text, transpositions) <= most;
  return textQuery(context, { name: "fuzzy", field, accepts, boost: boostOf("fuzzy", settings) });
}

/**
 * Edits that a `fuzziness` allows for a term: 0, 1, 2, or `AUTO[:low,high]` by the term's length.
 */
function fuzzinessOf(setting: unknown, term: string): number {
  const text = textOf(setting ?? "AUTO").toUpperCase();
  const automatic = /^AUTO(?::(\d+),(\d+))?$/.exec(text);
  if (automatic !== null) {
    if (term.length < Number(automatic[1] ?? 3)) return 0;
    return term.length < Number(automatic[2] ?? 6) ? 1 : 2;
  }
  const edits = Number(text);
  if (edits === 0 || edits === 1 || edits === 2) return edits;
  throw illegalArgument(`Invalid fuzziness value: ${text}`);
}
