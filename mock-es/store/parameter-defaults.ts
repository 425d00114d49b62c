/** What mapping parameters are when a field does not give them, as `include_defaults` shows it. */
import { notSupported } from "../es-error.ts";
import { doubleJson } from "../json/java-number.ts";
import { analyzersOf } from "./field-parameters.ts";
import { type FieldNode, renderField } from "./field-node.ts";

type Values = Readonly<Record<string, unknown>>;

const stored: Values = { index: true, doc_values: true, store: false };
const scripted: Values = { script: null, on_script_error: "fail", meta: {} };
const lenient: Values = { ...stored, ignore_malformed: false, null_value: null, ...scripted };
const dimension: Values = { ...lenient, time_series_dimension: false };
const number: Values = { ...dimension, coerce: true, time_series_metric: null };
const date: Values = { ...lenient, locale: "en" };

/** By type; facts of Elasticsearch 9.5, found by asking a real node. */
const defaults: Readonly<Record<string, Values>> = {
  boolean: dimension,
  byte: number,
  date: { ...date, format: "strict_date_optional_time||epoch_millis" },
  date_nanos: { ...date, format: "strict_date_optional_time_nanos||epoch_millis" },
  double: number,
  float: number,
  half_float: number,
  integer: number,
  ip: dimension,
  keyword: {
    ...stored,
    null_value: null,
    eager_global_ordinals: false,
    ignore_above: 2_147_483_647,
    index_options: "docs",
    norms: false,
    similarity: null,
    normalizer: null,
    normalizer_skip_store_original_value: false,
    split_queries_on_whitespace: false,
    ...scripted,
    time_series_dimension: false,
  },
  long: number,
  short: number,
  text: {
    index: true,
    store: false,
    doc_values: false,
    meta: {},
    index_options: "positions",
    term_vector: "no",
    norms: true,
    analyzer: "default",
    search_analyzer: "default",
    search_quote_analyzer: "default",
    similarity: null,
    eager_global_ordinals: false,
    position_increment_gap: 100,
    fielddata: false,
    fielddata_frequency_filter: {
      min: doubleJson(0),
      max: doubleJson(2_147_483_647),
      min_segment_size: 0,
    },
    index_prefixes: null,
    index_phrases: false,
  },
};

/**
 * A field as the server answers it with the parameters that it does not name.
 *
 * @throws {EsError} 400 for a type whose defaults are not known
 */
export function renderWithDefaults(node: FieldNode): Record<string, unknown> {
  const known = defaults[node.type];
  if (known === undefined)
    throw notSupported(`[include_defaults=true] for fields of the type [${node.type}]`);
  const { fields: _fields, ...own } = renderField(node);
  const { analyzer, search, quote } = analyzersOf(node.parameters);
  return {
    ...known,
    ...(node.type === "keyword" && own["normalizer"] !== undefined
      ? { normalizer_skip_store_original_value: true }
      : {}),
    ...own,
    ...(node.type === "text"
      ? { analyzer, search_analyzer: search, search_quote_analyzer: quote }
      : {}),
    ...(node.fields.size === 0
      ? {}
      : {
          fields: Object.fromEntries(
            [...node.fields].map(([name, field]) => [name, renderWithDefaults(field)]),
          ),
        }),
  };
}
