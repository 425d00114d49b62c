/** Values that parameters of a field cannot have, alone or together with others. */
import type { Analysis } from "../analysis/analysis.ts";
import { EsError, illegalArgument, notSupported } from "../es-error.ts";
import { isObject, textOf } from "../json/json-value.ts";
import { dateFormats, DEFAULT_DATE_FORMAT, DEFAULT_NANOS_FORMAT } from "../values/date-format.ts";
import { completeJoin } from "./join-mapping.ts";
import { completeCompletion, readContexts } from "./completion-mapping.ts";
import { completeVector } from "./dense-vector-mapping.ts";
import { mapperParsing } from "./mapping-problem.ts";
import { completeSparseVector } from "./sparse-vector-mapping.ts";
import { readNullValue } from "./null-value.ts";

type Parameters = Readonly<Record<string, unknown>>;

/** Values of parameters that have few; the server lists them in this order. */
const choices: Readonly<Record<string, readonly string[]>> = {
  on_script_error: ["fail", "continue"],
  time_series_metric: ["gauge", "counter"],
  term_vector: [
    "no",
    "yes",
    "with_positions",
    "with_offsets",
    "with_positions_offsets",
    "with_positions_payloads",
    "with_positions_offsets_payloads",
  ],
};

/** Longest key and value of `meta`, and how many there may be. */
const metaLimits = { keyLength: 20, valueLength: 50, entries: 5 };

/**
 * Checks the parameters of a field that were read.
 *
 * @throws {EsError} 400 in the server's words, or for what this mock does not cover
 */
export function checkParameters(
  name: string,
  type: string,
  parameters: Record<string, unknown>,
  {
    analysis,
    similarities,
  }: { readonly analysis: Analysis; readonly similarities: ReadonlySet<string> },
): void {
  for (const [parameter, value] of Object.entries(parameters)) {
    checkChoice(parameter, type, value);
    switch (parameter) {
      case "contexts":
        parameters[parameter] = readContexts(value);
        break;
      case "analyzer":
      case "search_analyzer":
      case "search_quote_analyzer":
        checkAnalyzer(analysis, textOf(value));
        break;
      case "normalizer":
        if (analysis.normalizer(textOf(value)) === undefined)
          throw mapperParsing(`normalizer [${textOf(value)}] not found for field [${name}]`);
        break;
      case "similarity":
        checkSimilarity(name, type, textOf(value), similarities);
        break;
      case "meta":
        checkMeta(name, value);
        if (isObject(value) && Object.keys(value).length === 0) delete parameters[parameter];
        break;
      case "format":
        checkFormat(name, type, textOf(value));
        if (value === defaultFormats[type]) delete parameters[parameter];
        break;
      case "index_prefixes":
        parameters[parameter] = toPrefixes(value);
        break;
      case "null_value":
        break;
      case "locale":
        refuseUncovered(type, parameter, value);
        // The default is not answered.
        if (textOf(value) === "en") delete parameters[parameter];
        break;
      case "include_in_root":
        // The parent, which is the root or in it, is enough.
        if (parameters["include_in_parent"] === true) delete parameters[parameter];
        break;
      case "path":
        break;
      default:
        refuseUncovered(type, parameter, value);
    }
  }
  if (parameters["null_value"] !== undefined)
    parameters["null_value"] = readNullValue(name, type, parameters);
  if (type === "dense_vector") completeVector(name, parameters);
  if (type === "sparse_vector") completeSparseVector(parameters);
  if (type === "completion") completeCompletion(parameters);
  if (type === "join") completeJoin(parameters);
  if (type === "search_as_you_type") completeAsYouType(parameters);
  checkTogether(name, type, parameters);
}

/**
 * Checks what the server looks at when it makes a field, after mappings were merged.
 *
 * @throws {EsError} 400 in the server's words
 */
export function checkMade(name: string, type: string, parameters: Parameters): void {
  if (type !== "text") return;
  const options = textOf(parameters["index_options"] ?? "positions");
  const isIndexed = parameters["index"] !== false;
  const hasPositions = options === "positions" || options === "offsets";
  const gap = parameters["position_increment_gap"];
  if (parameters["fielddata"] === true && !isIndexed) {
    throw illegalArgument(
      `Cannot enable fielddata on a [text] field that is not indexed: [${name}]`,
    );
  }
  if (gap !== undefined && !(isIndexed && hasPositions)) {
    throw illegalArgument(
      `Cannot set position_increment_gap on field [${name}] without positions enabled`,
    );
  }
  for (const wanted of ["index_phrases", "index_prefixes"]) {
    if (parameters[wanted] === undefined || isIndexed) continue;
    throw illegalArgument(`Cannot set ${wanted} on unindexed field [${name}]`);
  }
  if (parameters["index_phrases"] !== undefined && !hasPositions) {
    throw illegalArgument(
      `Cannot set index_phrases on field [${name}] if positions are not enabled`,
    );
  }
}

/** Parameters that the server shows in every mapping of the type. @throws {EsError} 400 */
function completeAsYouType(parameters: Record<string, unknown>): void {
  parameters["doc_values"] = false;
  const size = Number(parameters["max_shingle_size"] ?? 3);
  parameters["max_shingle_size"] = size;
  if (size >= 2 && size <= 4) return;
  throw mapperParsing(`[max_shingle_size] must be at least [2] and at most [4], got [${size}]`);
}

function checkChoice(parameter: string, type: string, value: unknown): void {
  const known =
    parameter === "time_series_metric" && type === "geo_point"
      ? ["position"]
      : parameter === "index_options"
        ? type === "keyword" || type === "flattened"
          ? ["docs", "freqs"]
          : type === "text" || type === "search_as_you_type"
            ? ["positions", "docs", "freqs", "offsets"]
            : undefined
        : Object.hasOwn(choices, parameter)
          ? choices[parameter]
          : undefined;
  if (known === undefined || known.includes(textOf(value))) return;
  throw mapperParsing(
    `Unknown value [${textOf(value)}] for field [${parameter}] - accepted values are [${known.join(", ")}]`,
  );
}

function checkAnalyzer(analysis: Analysis, name: string): void {
  if (name === "default" || analysis.analyzer(name) !== undefined) return;
  throw illegalArgument(`analyzer [${name}] has not been configured in mappings`);
}

function checkSimilarity(
  name: string,
  type: string,
  similarity: string,
  own: ReadonlySet<string>,
): void {
  if (type === "dense_vector" || similarity === "BM25") return;
  if (similarity !== "boolean" && !own.has(similarity))
    throw mapperParsing(`Unknown Similarity type [${similarity}] for field [${name}]`);
  throw notSupported(`the similarity [${similarity}]`);
}

function checkMeta(name: string, value: unknown): void {
  if (!isObject(value)) {
    throw mapperParsing(
      `[meta] must be an object, got ${shownClass(value)}[${textOf(value)}] for field [${name}]`,
    );
  }
  const entries = Object.entries(value);
  if (entries.length > metaLimits.entries) {
    throw mapperParsing(
      `[meta] can't have more than 5 entries, but got ${entries.length} on field [${name}]`,
    );
  }
  for (const [key, entry] of entries) {
    if (key.length > metaLimits.keyLength) {
      throw mapperParsing(
        `[meta] keys can't be longer than 20 chars, but got [${key}] for field [${name}]`,
      );
    }
    if (typeof entry !== "string") {
      const got = entry === null ? "null" : `${shownClass(entry)}[${textOf(entry)}]`;
      throw mapperParsing(`[meta] values can only be strings, but got ${got} for field [${name}]`);
    }
    if (entry.length > metaLimits.valueLength) {
      throw mapperParsing(
        `[meta] values can't be longer than 50 chars, but got [${entry}] for field [${name}]`,
      );
    }
  }
}

function shownClass(value: unknown): string {
  if (typeof value === "string") return "String";
  if (typeof value === "boolean") return "Boolean";
  if (Array.isArray(value)) return "ArrayList";
  if (isObject(value)) return "HashMap";
  return Number.isInteger(value) ? "Integer" : "Double";
}

/** Formats that are not answered, as they would be taken anyway. */
const defaultFormats: Readonly<Record<string, string>> = {
  date: DEFAULT_DATE_FORMAT,
  date_nanos: DEFAULT_NANOS_FORMAT,
  date_range: DEFAULT_DATE_FORMAT,
};

function checkFormat(name: string, type: string, format: string): void {
  if (type.endsWith("_range") && type !== "date_range") {
    throw illegalArgument(
      `field [${name}] of type [range] should not define a dateTimeFormatter unless it is a DATE type`,
    );
  }
  try {
    dateFormats(format);
  } catch (error) {
    if (!(error instanceof EsError) || error.reason.endsWith("by mock-es")) throw error;
    throw illegalArgument(`Error parsing [format] on field [${name}]: ${error.reason}`, {
      caused_by: error.toCause(),
    });
  }
}

function toPrefixes(value: unknown): unknown {
  const given = isObject(value) ? value : {};
  const least = Number(given["min_chars"] ?? 2);
  const most = Number(given["max_chars"] ?? 5);
  if (least < 1) throw illegalArgument(`min_chars [${least}] must be greater than zero`);
  if (least > most)
    throw illegalArgument(`min_chars [${least}] must be less than max_chars [${most}]`);
  if (most >= 20) throw illegalArgument(`max_chars [${most}] must be less than 20`);
  return { min_chars: least, max_chars: most };
}

function refuseUncovered(type: string, parameter: string, value: unknown): void {
  const isUncovered =
    (parameter === "locale" && !/^(|root|en(_.*)?)$/i.test(textOf(value))) ||
    (parameter === "subobjects" && textOf(value) !== "true") ||
    parameter === "script" ||
    (parameter === "doc_values" && type === "text" && value === true) ||
    parameter === "fielddata_frequency_filter";
  if (isUncovered) throw notSupported(`the mapping parameter [${parameter}: ${textOf(value)}]`);
}

/** @throws {EsError} 400 for what a dimension or a metric of a time series cannot be */
function checkTimeSeries(parameters: Parameters): void {
  const hasDocValues = parameters["doc_values"] !== false;
  const { time_series_dimension: isDimension, time_series_dimensions: dimensions } = parameters;
  if (isDimension === true && !hasDocValues)
    throw illegalArgument("Field [time_series_dimension] requires that [doc_values] is true");
  for (const other of ["normalizer", "time_series_metric"]) {
    if (isDimension !== true || parameters[other] === undefined) continue;
    throw other === "normalizer"
      ? apart(other, "time_series_dimension")
      : apart("time_series_dimension", other);
  }
  if (parameters["time_series_metric"] !== undefined && !hasDocValues)
    throw illegalArgument("Field [time_series_metric] requires that [doc_values] is true");
  if (!Array.isArray(dimensions) || dimensions.length === 0) return;
  if (!hasDocValues || parameters["index"] === false) {
    throw illegalArgument(
      "Field [time_series_dimensions] requires that [index] and [doc_values] are true",
    );
  }
  if (parameters["ignore_above"] !== undefined)
    throw apart("ignore_above", "time_series_dimensions");
}

function apart(one: string, other: string): EsError {
  return illegalArgument(`Field [${one}] cannot be set in conjunction with field [${other}]`);
}

function checkTogether(name: string, type: string, parameters: Parameters): void {
  if (type === "token_count" && parameters["analyzer"] === undefined)
    throw illegalArgument(`Analyzer must be set for field [${name}] but wasn't.`);
  if (type === "scaled_float") {
    const factor = parameters["scaling_factor"];
    if (factor === undefined)
      throw illegalArgument(`Field [${name}] misses required parameter [scaling_factor]`);
    if (!(Number(factor) > 0) || !Number.isFinite(Number(factor))) {
      throw illegalArgument(`[scaling_factor] must be a positive number, got [${textOf(factor)}]`);
    }
  }
  if (parameters["on_script_error"] !== undefined && parameters["script"] === undefined)
    throw illegalArgument("Field [on_script_error] requires field [script] to be configured");
  checkTimeSeries(parameters);
  if (type === "alias" && parameters["path"] === undefined)
    throw mapperParsing(`The [path] property must be specified for field [${name}].`);
}
