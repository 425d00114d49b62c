/** Texts that name queries and problems in the manner of Lucene and Java. */
import { type EsErrorCause, notSupported } from "../es-error.ts";
import { isObject, type JsonObject, textOf } from "../json/json-value.ts";
import { defaultLimits, type FieldMappings } from "../search/fields/document.ts";
import { withDigits } from "../search/queries/odd-numbers.ts";
import { searchAnalyzerOf } from "../search/fields/field-analyzers.ts";
import { resolveField } from "../search/fields/field.ts";

/**
 * The text of the Lucene query that a query becomes, for the simplest of them.
 *
 * @throws {EsError} 400 for others
 */
export function luceneText(query: unknown, mappings: FieldMappings): string {
  if (query === undefined) return "*:*";
  const [name = "", body] = isObject(query) ? (Object.entries(query)[0] ?? []) : [];
  const settings = isObject(body) ? withDigits(name, body) : {};
  switch (name) {
    case "match_all":
      return "*:*";
    case "match_none":
      return 'MatchNoDocsQuery("User requested \\"match_none\\" query.")';
    case "term":
    case "match":
      return oneField(name, settings, mappings);
    default:
      throw notSupported(`the explanation of the query [${name}]`);
  }
}

function oneField(name: string, body: JsonObject, mappings: FieldMappings): string {
  const [fieldName = "", settings] = Object.entries(body)[0] ?? [];
  const given = isObject(settings) ? (settings["query"] ?? settings["value"]) : settings;
  const field = resolveField(
    {
      mappings,
      index: "",
      nowMs: 0,
      corpus: undefined,
      isScored: false,
      nestedPath: undefined,
      limits: defaultLimits,
    },
    fieldName,
  );
  const isText = field?.kind === "text" || field?.kind === "keyword";
  if (field === undefined || !isText || isObject(settings))
    throw notSupported(`the explanation of the query [${name}] on [${fieldName}]`);
  const terms =
    name === "match"
      ? searchAnalyzerOf(field)
          .analyze(textOf(given))
          .map((token) => token.term)
      : [textOf(given)];
  return terms.map((term) => `${field.name}:${term}`).join(" ");
}

/** A problem with its causes as Java prints them. */
export function javaChain(problem: EsErrorCause): string {
  const text = `${className(problem.type)}: ${problem.reason}`;
  const cause = problem["caused_by"];
  return isObject(cause) ? `${text}; ${javaChain(cause as EsErrorCause)}` : text;
}

const classes: Readonly<Record<string, string>> = {
  parsing_exception: "org.elasticsearch.common.ParsingException",
  query_shard_exception: "org.elasticsearch.index.query.QueryShardException",
  named_object_not_found_exception: "org.elasticsearch.xcontent.NamedObjectNotFoundException",
  x_content_parse_exception: "org.elasticsearch.xcontent.XContentParseException",
  parse_exception: "org.elasticsearch.ElasticsearchParseException",
  number_format_exception: "java.lang.NumberFormatException",
  illegal_argument_exception: "java.lang.IllegalArgumentException",
  json_parse_exception: "com.fasterxml.jackson.core.JsonParseException",
};

function className(type: string): string {
  return classes[type] ?? type;
}
