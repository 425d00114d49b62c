/** Checks of the settings that queries on one field share. */
import { illegalArgument, notSupported, parsingException } from "../../es-error.ts";
import { textOf } from "../../json/json-value.ts";
import { booleanSetting } from "./clause.ts";
import { numberOf } from "./compiled-query.ts";
import { editsOf } from "./fuzzy.ts";

const flag = (value: unknown): unknown => booleanSetting({ value }, "value", false);

/** Refuses what no number of 32 bits can be read of. @throws {EsError} */
function checkInt(value: unknown): void {
  if (Math.abs(numberOf(value)) > 2 ** 31 - 1)
    throw notSupported("a setting of a query beyond 32 bits");
}

/** Refuses an operator that there is not. @throws {EsError} */
export function checkOperator(value: unknown): void {
  const operator = textOf(value).toUpperCase();
  if (operator === "AND" || operator === "OR") return;
  throw illegalArgument(`No enum constant org.elasticsearch.index.query.Operator.${operator}`);
}

function checkZeroTerms(value: unknown): void {
  const choice = textOf(value).toLowerCase();
  if (choice === "all" || choice === "none") return;
  throw parsingException(`Unsupported zero_terms_query value [${choice}]`);
}

/** Flags of regular expressions. */
const regexpFlags: ReadonlySet<string> = new Set(
  "ALL ANYSTRING AUTOMATON COMPLEMENT EMPTY INTERSECTION INTERVAL NONE".split(" "),
);

function checkFlags(value: unknown): void {
  for (const name of textOf(value ?? "ALL").split("|")) {
    if (name !== "" && !regexpFlags.has(name.toUpperCase()))
      throw illegalArgument(`Unknown regexp flag [${name}]`);
  }
}

/** Checks by the name of the setting. */
export const settingChecks: Readonly<Record<string, (value: unknown) => unknown>> = {
  boost: numberOf,
  case_insensitive: flag,
  flags: checkFlags,
  fuzziness: (value) => editsOf(value, ""),
  fuzzy_transpositions: flag,
  lenient: flag,
  max_determinized_states: checkInt,
  max_expansions: checkInt,
  operator: checkOperator,
  prefix_length: checkInt,
  slop: checkInt,
  transpositions: flag,
  zero_terms_query: checkZeroTerms,
};

/** Checks of the settings of query strings. */
export const stringChecks: Readonly<Record<string, (value: unknown) => unknown>> = {
  allow_leading_wildcard: flag,
  analyze_wildcard: flag,
  auto_generate_synonyms_phrase_query: flag,
  boost: numberOf,
  default_operator: checkOperator,
  enable_position_increments: flag,
  escape: flag,
  fuzziness: (value) => editsOf(value, ""),
  fuzzy_max_expansions: checkInt,
  fuzzy_prefix_length: checkInt,
  fuzzy_rewrite: refuseRewrite,
  fuzzy_transpositions: flag,
  lenient: flag,
  max_determinized_states: checkInt,
  phrase_slop: checkInt,
  rewrite: refuseRewrite,
  tie_breaker: numberOf,
};

function refuseRewrite(value: unknown): void {
  if (textOf(value) !== "constant_score") throw notSupported("[rewrite] of a query string");
}
