/** Processors of ingest pipelines, tried out on a document. */
import type { BodyBase } from "./body-base.ts";

type Json = Readonly<Record<string, unknown>>;

/** A processor of each kind with as many of its settings as can stand together. */
export const processors: readonly Json[] = [
  { append: { field: "tags", value: ["x", "{{k}}"], allow_duplicates: false } },
  { bytes: { field: "size", target_field: "n", ignore_missing: true } },
  { convert: { field: "a", type: "long", target_field: "n", ignore_missing: false } },
  {
    csv: {
      field: "line",
      target_fields: ["x", "y"],
      separator: ",",
      quote: '"',
      trim: true,
      empty_value: "none",
      ignore_missing: true,
    },
  },
  {
    date: {
      field: "when",
      target_field: "at",
      formats: ["yyyy-MM-dd", "ISO8601"],
      timezone: "Europe/Berlin",
      locale: "en",
      output_format: "yyyy",
    },
  },
  {
    date_index_name: {
      field: "when",
      index_name_prefix: "p-",
      date_rounding: "M",
      date_formats: ["yyyy-MM-dd"],
      timezone: "UTC",
      locale: "en",
      index_name_format: "yyyy-MM",
    },
  },
  { dissect: { field: "t", pattern: "%{x} %{+x}", append_separator: "-", ignore_missing: true } },
  { dot_expander: { field: "d.e", path: "o" } },
  { dot_expander: { field: "d.e", override: true } },
  { drop: {} },
  { fail: { message: "no {{k}}" } },
  {
    foreach: {
      field: "list",
      processor: { uppercase: { field: "_ingest._value", tag: "u" } },
      ignore_missing: true,
    },
  },
  {
    grok: {
      field: "t",
      patterns: ["%{OWN:x} %{WORD:y}"],
      pattern_definitions: { OWN: "h[a-z]+" },
      trace_match: false,
      ignore_missing: true,
    },
  },
  {
    gsub: {
      field: "t",
      pattern: "l+",
      replacement: "L",
      target_field: "g",
      ignore_missing: true,
    },
  },
  { html_strip: { field: "t", target_field: "h", ignore_missing: false } },
  { join: { field: "list", separator: "-", target_field: "j" } },
  { json: { field: "text", target_field: "js", add_to_root: false } },
  { json: { field: "text", add_to_root: true } },
  {
    kv: {
      field: "pairs",
      field_split: " ",
      value_split: "=",
      target_field: "kv",
      include_keys: ["a", "b"],
      exclude_keys: ["c"],
      ignore_missing: true,
      prefix: "p_",
      trim_key: " ",
      trim_value: " ",
      strip_brackets: true,
    },
  },
  { lowercase: { field: "k", target_field: "low", ignore_missing: true } },
  { pipeline: { name: "p0" } },
  { remove: { field: ["k", "none"], ignore_missing: true } },
  { rename: { field: "k", target_field: "kk", ignore_missing: true } },
  {
    script: {
      lang: "painless",
      source: "ctx.n = params.x",
      params: { x: 1 },
    },
  },
  { set: { field: "s.x", value: "{{k}}", override: false, ignore_empty_value: true } },
  { sort: { field: "list", order: "desc", target_field: "so" } },
  {
    split: {
      field: "t",
      separator: " ",
      target_field: "sp",
      preserve_trailing: true,
      ignore_missing: true,
    },
  },
  { trim: { field: "t", target_field: "tr", ignore_missing: true } },
  { uppercase: { field: "k", target_field: "up", ignore_missing: true } },
  { urldecode: { field: "url", target_field: "u", ignore_missing: true } },
];

const source: Json = {
  a: "12",
  k: "Red",
  t: "hello world",
  size: "1kb",
  line: 'x, "y"',
  when: "2020-01-02",
  list: ["b", "a"],
  text: '{"x":1}',
  pairs: "a=[1] b=2 c=3",
  url: "a%20b",
  "d.e": 1,
};

/** Tries a pipeline out on a document. */
export const simulated = (pipeline: Json, ask = "POST /_ingest/pipeline/_simulate"): BodyBase => ({
  before: [{ ask: "PUT /_ingest/pipeline/p0", body: { processors: [] } }],
  ask,
  body: { pipeline, docs: [{ _index: "i", _id: "1", _routing: "r", _source: source }] },
  keeps: ([first]) => first === "docs",
  mask: ["docs.*.doc._ingest.timestamp"],
});
