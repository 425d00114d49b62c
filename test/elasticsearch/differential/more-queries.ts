/** Random queries of the kinds that are rarely asked for, with all of their settings. */
import * as fc from "fast-check";
import type { Field } from "./fields.ts";
import { isOrdered, isText, leafOn, mostly, onField } from "./requests.ts";
import { type Json, minimums, settings } from "./choose.ts";
import { phrase, rule, spanOn } from "./place-queries.ts";

const boosts = fc.constantFrom(0, 0.5, 3);

const isNumber = ({ type }: Field): boolean =>
  /^(?:byte|short|integer|long|double|float|half_float)$/.test(type);

/** Texts looked for with settings that change which terms count. */
function textsOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const paths = fields.map(({ path }) => path);
  const named = fc.subarray([...paths, "f*", "f0^3", "*"], { minLength: 1, maxLength: 3 });
  const fuzziness = {
    fuzziness: fc.constantFrom<unknown>("AUTO:1,3", 1, 2, "0"),
    prefix_length: fc.constantFrom(0, 1),
    max_expansions: fc.constantFrom(1, 2, 50),
    fuzzy_transpositions: fc.boolean(),
  };
  return fc.oneof(
    onField(
      fields,
      (path) =>
        fc
          .tuple(
            phrase,
            settings(
              {
                ...fuzziness,
                operator: fc.constantFrom("and", "or"),
                minimum_should_match: minimums,
                zero_terms_query: fc.constantFrom("all", "none"),
                analyzer: fc.constantFrom("stop", "simple", "short"),
                boost: boosts,
                _name: fc.constant("named"),
                auto_generate_synonyms_phrase_query: fc.boolean(),
              },
              4,
            ),
          )
          .map(([query, more]) => ({ match: { [path]: { query, ...more } } })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc
          .tuple(
            fc.constantFrom("match_phrase", "match_phrase_prefix", "match_bool_prefix"),
            phrase,
            settings({ boost: boosts, analyzer: fc.constantFrom("whitespace", "stop") }),
          )
          .chain(([kind, query, more]) =>
            settings({
              ...(kind === "match_bool_prefix" ? fuzziness : { slop: fc.constantFrom(1, 4) }),
              ...(kind === "match_phrase_prefix" ? { max_expansions: fc.constantFrom(1, 5) } : {}),
            }).map((own) => ({ [kind]: { [path]: { query, ...more, ...own } } })),
          ),
      isText,
    ),
    fc
      .tuple(
        phrase,
        named,
        fc.constantFrom("best_fields", "most_fields", "cross_fields", "phrase", "bool_prefix"),
        settings(
          {
            operator: fc.constantFrom("and", "or"),
            minimum_should_match: minimums,
            tie_breaker: fc.constantFrom(0, 0.4, 1),
            boost: boosts,
            zero_terms_query: fc.constantFrom("all", "none"),
          },
          3,
        ),
      )
      .map(([query, some, type, more]) => ({
        multi_match: { query, fields: some, type, lenient: true, ...more },
      })),
    fc
      .tuple(
        phrase,
        fc.subarray(fields.filter(({ type }) => type === "text").map(({ path }) => path)),
        settings({
          operator: fc.constantFrom("and", "or"),
          minimum_should_match: minimums,
          zero_terms_query: fc.constantFrom("all", "none"),
        }),
      )
      .map(([query, some, more]) => ({
        combined_fields: { query, fields: some.length === 0 ? ["f0"] : some, ...more },
      })),
    fc
      .tuple(
        fc.constantFrom(
          "red blue fox",
          "(red AND fox) OR blue",
          "f0:(red fox)~1",
          "re?",
          "/re./",
          "fx~",
          "[a TO s]",
          "f\\*:red",
          "_exists_:o.f0 OR red",
          "red^3 blue",
          "NOT red",
          "red && !fox || blue",
        ),
        settings(
          {
            fields: named,
            minimum_should_match: minimums,
            default_operator: fc.constantFrom("and", "or"),
            tie_breaker: fc.constantFrom(0.3, 1),
            type: fc.constantFrom("best_fields", "most_fields", "cross_fields"),
            phrase_slop: fc.constant(2),
            fuzzy_prefix_length: fc.constant(1),
            boost: boosts,
            quote_field_suffix: fc.constant(".raw"),
          },
          3,
        ),
      )
      .map(([query, more]) => ({ query_string: { query, lenient: true, ...more } })),
    fc
      .tuple(
        fc.constantFrom(
          "red blue fox",
          "+red -fox",
          "red | (blue + fox)",
          "fx~1 r*",
          '"red fox"~2',
        ),
        settings(
          {
            fields: named,
            minimum_should_match: minimums,
            default_operator: fc.constantFrom("and", "or"),
            analyze_wildcard: fc.boolean(),
            boost: boosts,
            flags: fc.constantFrom("ALL", "AND|NOT|PREFIX", "PHRASE"),
          },
          3,
        ),
      )
      .map(([query, more]) => ({ simple_query_string: { query, lenient: true, ...more } })),
  );
}

/** Patterns with ways to rewrite them. */
function patternsOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const more = settings({
    rewrite: fc.constantFrom(
      "constant_score",
      "constant_score_boolean",
      "scoring_boolean",
      "top_terms_1",
      "top_terms_boost_2",
      "top_terms_blended_freqs_2",
    ),
    boost: boosts,
  });
  return onField(
    fields,
    (path) =>
      fc
        .tuple(
          fc.constantFrom<readonly [string, string]>(
            ["prefix", "b"],
            ["prefix", ""],
            ["wildcard", "*e*"],
            ["wildcard", "?o?"],
            ["regexp", "[a-r].*"],
            ["regexp", "~(red)"],
            ["fuzzy", "rad"],
            ["fuzzy", "blew"],
          ),
          more,
        )
        .map(([[kind, value], rest]) => ({ [kind]: { [path]: { value, ...rest } } })),
    isText,
  );
}

/** Functions of a `function_score`. */
function functionsOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const number = mostly(fields, (field) => isNumber(field) && isOrdered(field));
  const date = mostly(fields, (field) => /^date(?:_nanos)?$/.test(field.type) && isOrdered(field));
  const point = mostly(fields, ({ type }) => type === "geo_point");
  const decay = settings({ offset: fc.constant(1), decay: fc.constantFrom(0.2, 0.9) });
  const kinds = fc.constantFrom("gauss", "linear", "exp");
  return fc.oneof(
    fc
      .tuple(
        number,
        settings({
          factor: fc.constantFrom(0.5, 2),
          modifier: fc.constantFrom("none", "log1p", "square", "sqrt", "reciprocal", "ln2p"),
          missing: fc.constantFrom(1, 0),
        }),
      )
      .map(([{ path }, more]) => ({ field_value_factor: { field: path, missing: 1, ...more } })),
    fc
      .tuple(kinds, number, decay, fc.constantFrom("min", "max", "avg", "sum"))
      .map(([kind, { path }, more, mode]) => ({
        [kind]: { [path]: { origin: 1, scale: 2, ...more }, multi_value_mode: mode },
      })),
    fc.tuple(kinds, date).map(([kind, { path }]) => ({
      [kind]: { [path]: { origin: "2020-01-15", scale: "30d", offset: "5d", decay: 0.3 } },
    })),
    fc.tuple(kinds, point).map(([kind, { path }]) => ({
      [kind]: { [path]: { origin: "10,20", scale: "1000km" } },
    })),
    fc.constant({ weight: 2.5 }),
    leafOn(fields).map((filter) => ({ filter, weight: 4 })),
  );
}

/** Queries of all kinds. */
export function moreQueryOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const leaf = fc.oneof(
    { weight: 3, arbitrary: textsOn(fields) },
    { weight: 1, arbitrary: patternsOn(fields) },
    { weight: 1, arbitrary: leafOn(fields) },
  );
  const modes = fc.constantFrom("multiply", "sum", "avg", "first", "max", "min");
  return fc.oneof(
    { weight: 5, arbitrary: leaf },
    {
      weight: 2,
      arbitrary: onField(
        fields,
        (path) => spanOn(path),
        ({ type }) => type === "text",
      ),
    },
    {
      weight: 2,
      arbitrary: onField(
        fields,
        (path) =>
          fc.tuple(rule, settings({ boost: boosts })).map(([one, more]) => ({
            intervals: { [path]: { ...one, ...more } },
          })),
        ({ type }) => type === "text",
      ),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          leaf,
          fc.array(functionsOn(fields), { minLength: 1, maxLength: 3 }),
          modes,
          fc.constantFrom("multiply", "replace", "sum", "avg", "max", "min"),
          settings({
            max_boost: fc.constant(2),
            min_score: fc.constantFrom(0.5, 2),
            boost: boosts,
          }),
        )
        .map(([query, functions, score_mode, boost_mode, more]) => ({
          function_score: { query, functions, score_mode, boost_mode, ...more },
        })),
    },
    {
      weight: 2,
      arbitrary: fc
        .tuple(
          fc.array(leaf, { maxLength: 2 }),
          fc.array(leaf, { maxLength: 4 }),
          settings(
            {
              minimum_should_match: minimums,
              boost: boosts,
              _name: fc.constant("all"),
              adjust_pure_negative: fc.boolean(),
              must_not: leaf,
              filter: leaf,
            },
            3,
          ),
        )
        .map(([must, should, more]) => ({ bool: { must, should, ...more } })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(fc.constantFrom("date", "point"), boosts).chain(([kind, boost]) =>
        mostly(fields, ({ type }) =>
          kind === "date" ? /^date(?:_nanos)?$/.test(type) : type === "geo_point",
        ).map(({ path }) => ({
          distance_feature: {
            field: path,
            ...(kind === "date"
              ? { origin: "2020-01-15", pivot: "10d" }
              : { origin: "10,20", pivot: "500km" }),
            boost: boost === 0 ? 1 : boost,
          },
        })),
      ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.subarray(["1", "2"], { minLength: 1 }),
          settings(
            {
              min_term_freq: fc.constant(1),
              min_doc_freq: fc.constantFrom(1, 2),
              max_query_terms: fc.constantFrom(1, 25),
              minimum_should_match: minimums,
              include: fc.boolean(),
              boost_terms: fc.constant(2),
            },
            4,
          ),
        )
        .map(([ids, more]) => ({
          more_like_this: {
            fields: fields.filter(({ type }) => type === "text").map(({ path }) => path),
            like: [...ids.map((_id) => ({ _id })), "red fox"],
            min_term_freq: 1,
            min_doc_freq: 1,
            ...more,
          },
        })),
    },
    {
      weight: 1,
      arbitrary: onField(fields, (path, value, field) =>
        fc
          .tuple(fc.array(value, { minLength: 1, maxLength: 3 }), mostly(fields, isNumber))
          .map(([terms, { path: least }]) =>
            field.type === "text" || field.type === "keyword"
              ? { terms_set: { [path]: { terms, minimum_should_match_field: least } } }
              : { terms: { [path]: { index: "differential", id: "1", path } } },
          ),
      ),
    },
    {
      weight: 1,
      arbitrary: leaf.map((query) => ({
        wrapper: { query: Buffer.from(JSON.stringify(query)).toString("base64") },
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          leaf,
          fc.constantFrom("avg", "max", "sum", "none", "min"),
          settings(
            {
              size: fc.integer({ min: 0, max: 3 }),
              from: fc.constantFrom(0, 1),
              _source: fc.constantFrom<unknown>(false, ["n.f0"]),
              fields: fc.constant(["n.*"]),
              sort: fc.constant([{ _doc: "desc" }]),
              version: fc.constant(true),
              name: fc.constant("inner"),
            },
            3,
          ),
        )
        .map(([query, score_mode, inner_hits]) => ({
          nested: { path: "n", query, score_mode, inner_hits },
        })),
    },
  );
}
