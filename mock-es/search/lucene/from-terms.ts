/** Lucene's form of queries for whole terms: `term`, `terms`, `ids` and patterns. */
import { notSupported } from "../../es-error.ts";
import { type JsonObject, textOf } from "../../json/json-value.ts";
import { uidBytes } from "../../text/uid.ts";
import { toJavaText } from "../../values/java-text.ts";
import { type Field, resolveField } from "../fields/field.ts";
import { booleanSetting, parseFieldClause } from "../queries/clause.ts";
import { boostOf } from "../queries/compiled-query.ts";
import { boosted } from "../queries/compound-queries.ts";
import { compileClause } from "../queries/query.ts";
import { exactQuery, keywordOf } from "../queries/term-query.ts";
import { anyPoint, exactPoint } from "./from-values.ts";
import { boostedQuery, type LuceneContext, type LuceneQuery, none } from "./lucene-query.ts";

/** Refuses something that is not profiled. */
export function notProfiled(what: string): Error {
  return notSupported(`[profile] of ${what}`);
}

/** Matches nothing, since nothing maps the field. */
export function againstNothing(name: string): LuceneQuery {
  return none(`The "${name}" query is against a field that does not exist`, true);
}

/** `term`. */
export function translateTerm(body: JsonObject, context: LuceneContext): LuceneQuery {
  const shape = { name: "term", shortFor: "value", settings: ["value", "case_insensitive"] };
  const { field: name, settings } = parseFieldClause(body, shape);
  const field = resolveField(context, name);
  if (field === undefined) return againstNothing("term");
  if (booleanSetting(settings, "case_insensitive", false)) {
    if (context.takesExplained !== true || !isOrdinary(field))
      throw notProfiled("[case_insensitive]");
    const { boost: _boost, ...rest } = settings;
    const text = `CaseInsensitiveTermQuery{${name}:${textOf(settings["value"])}}`;
    const leaf = anyTermOf(text, { term: { [name]: rest } }, context);
    return boostedQuery(leaf, boostOf("term", settings));
  }
  return boostedQuery(exact(field, settings["value"], context), boostOf("term", settings));
}

/** A query for one value. */
export function exact(field: Field, value: unknown, context: LuceneContext): LuceneQuery {
  if (isOrdinary(field) && field.isIndexed) {
    const shown =
      field.kind === "boolean"
        ? value === true || value === "true"
          ? "T"
          : "F"
        : field.kind === "keyword"
          ? keywordOf(field, value)
          : toJavaText(value);
    return {
      kind: "leaf",
      type: "TermQuery",
      text: `${field.name}:${shown}`,
      isOnOneLevel: true,
      compile: (boost, isScored) => exactQuery({ ...context, isScored }, field, value, boost),
    };
  }
  return exactPoint(field, value, context);
}

/** True for a field whose values are terms. */
function isOrdinary({ name, type, flattenedKey }: Field): boolean {
  return ["text", "keyword", "boolean"].includes(type) && !name.startsWith("_") && !flattenedKey;
}

/** Refuses fields whose values are no terms. @throws {EsError} 400 */
export function requireTerms(field: Field): void {
  if (isOrdinary(field) && field.kind !== "boolean" && field.isIndexed) return;
  throw notProfiled(`a query on the field [${field.name}] of type [${field.type}]`);
}

/** A query for any of several terms. */
export function anyTermOf(
  text: string,
  clause: JsonObject,
  context: LuceneContext,
  isOnOneLevel = false,
): LuceneQuery {
  return {
    kind: "leaf",
    type: "MultiTermQueryConstantScoreBlendedWrapper",
    text,
    isConstant: true,
    isOnOneLevel,
    compile: (boost, isScored) => boosted(compileClause(clause, { ...context, isScored }), boost),
  };
}

/** `terms`. */
export function translateTerms(body: JsonObject, context: LuceneContext): LuceneQuery {
  const boost = boostOf("terms", body);
  const [name = "", values] =
    Object.entries(body).find(([key]) => key !== "boost" && key !== "_name") ?? [];
  if (!Array.isArray(values)) throw notProfiled("[terms] that are looked up");
  const field = resolveField(context, name);
  if (field === undefined) return againstNothing("terms");
  if (values.length === 0)
    return none('The "terms" query was rewritten to a "match_none" query.', true);
  if (field.kind === "long") {
    const clause = { terms: { [name]: values } };
    return boostedQuery(anyPoint(field, values as readonly unknown[], clause, context), boost);
  }
  requireTerms(field);
  const terms = new Set(
    (values as readonly unknown[]).map((value) =>
      field.kind === "keyword" ? keywordOf(field, value) : toJavaText(value),
    ),
  );
  const text = `${field.name}:(${[...terms].sort().join(" ")})`;
  return boostedQuery(anyTermOf(text, { terms: { [name]: values } }, context, true), boost);
}

/** `prefix`, `regexp` and `wildcard`. */
export function translatePattern(
  kind: "prefix" | "regexp" | "wildcard",
  body: JsonObject,
  context: LuceneContext,
): LuceneQuery {
  const settingNames =
    "value wildcard rewrite case_insensitive flags flags_value max_determinized_states".split(" ");
  const shape = { name: kind, shortFor: "value", settings: settingNames };
  const { field: name, settings } = parseFieldClause(body, shape);
  const isAnyCase = booleanSetting(settings, "case_insensitive", false);
  const { flags = "ALL" } = settings;
  const other = Object.keys(settings).find(
    (key) => !["value", "wildcard", "boost", "_name", "case_insensitive", "flags"].includes(key),
  );
  if (other !== undefined) throw notProfiled(`[${kind}] with [${other}]`);
  if (textOf(flags).toUpperCase() !== "ALL" || (isAnyCase && context.takesExplained !== true))
    throw notProfiled(`[${kind}] with such settings`);
  const field = resolveField(context, name);
  if (field === undefined) return againstNothing(kind);
  requireTerms(field);
  const given = textOf(settings["value"] ?? settings["wildcard"]);
  const value = field.kind === "keyword" ? keywordOf(field, given) : given;
  const shown = kind === "regexp" ? `/${value}/` : kind === "prefix" ? `${value}*` : value;
  const written = kind === "wildcard" ? "Wildcard" : kind === "prefix" ? "Prefix" : "Regexp";
  const text =
    isAnyCase && kind !== "regexp"
      ? `CaseInsensitive${written}Query{:${value}}`
      : `${field.name}:${shown}`;
  const clause = { [kind]: { [name]: { value: given, case_insensitive: isAnyCase } } };
  return boostedQuery(anyTermOf(text, clause, context), boostOf(kind, settings));
}

/** `ids`. */
export function translateIds(body: JsonObject, context: LuceneContext): LuceneQuery {
  const { values = [] } = body;
  const list = (Array.isArray(values) ? (values as readonly unknown[]) : [values]).map(textOf);
  if (list.length === 0)
    return none('The "ids" query was rewritten to a "match_none" query.', true);
  const terms = [...new Set(list)]
    .map((id) => Buffer.from(uidBytes(id)))
    .sort((a, b) => Buffer.compare(a, b));
  const shown = terms.map((bytes) => `[${[...bytes].map((byte) => byte.toString(16)).join(" ")}]`);
  const query = anyTermOf(`_id:(${shown.join(" ")})`, { ids: { values: list } }, context);
  return boostedQuery(query, boostOf("ids", body));
}
