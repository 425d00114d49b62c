/** Which fields can be searched for words. */
import type { Call, Parameter } from "../functions/definition.ts";
import { type DataType, isNumeric, isString } from "../values/types.ts";
import type { Scalar } from "../values/value.ts";
import type { Typed } from "./analysis.ts";

const searchable: readonly DataType[] = [
  "boolean",
  "date_nanos",
  "datetime",
  "double",
  "integer",
  "ip",
  "keyword",
  "long",
  "null",
  "text",
  "unsigned_long",
  "version",
];

/** Fields that `match` and `:` take. */
export const matchFields: Parameter = {
  accepts: (type) => searchable.includes(type),
  expected: searchable.join(", "),
};

/** Those of `match_phrase`. */
export const phraseFields: Parameter = { accepts: isString, expected: "keyword, null, text" };

/** True for two numbers. */
export function bothNumbers(a: Typed, b: Typed): boolean {
  return isNumeric(a.type) && isNumeric(b.type);
}

const phraseOptions = ["analyzer", "boost", "slop", "zero_terms_query"];
const matchOptions = (
  "analyzer auto_generate_synonyms_phrase_query boost fuzziness fuzzy_rewrite " +
  "fuzzy_transpositions lenient max_expansions minimum_should_match operator prefix_length " +
  "zero_terms_query"
).split(" ");

/**
 * The query that `match`, `match_phrase` or `:` asks.
 *
 * @throws {EsError} 400 for an option that there is not
 */
export function matchQuery(call: Call, field: string, wanted: Scalar): Record<string, unknown> {
  const isPhrase = call.name === "match_phrase";
  const known = isPhrase ? phraseOptions : matchOptions;
  const settings: [string, unknown][] = [];
  for (const [name, option] of call.options ?? []) {
    if (!known.includes(name) || option.type === "null" || option.type === "period")
      throw call.analysis.unsupported(call, `the option [${name}] of [${call.name}]`);
    settings.push([name, typeof option.value === "bigint" ? String(option.value) : option.value]);
  }
  const query = {
    query: typeof wanted === "bigint" ? String(wanted) : wanted,
    ...(isPhrase ? {} : { lenient: true }),
    ...Object.fromEntries(settings),
  };
  return { [isPhrase ? "match_phrase" : "match"]: { [field]: query } };
}
