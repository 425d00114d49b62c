/** Random queries of the less common kinds, with their settings. */
import * as fc from "fast-check";
import type { Field } from "./fields.ts";
import { isText, leafOn, onField, texts } from "./requests.ts";

type Json = Readonly<Record<string, unknown>>;

const phrases = fc.constantFrom("red fox", "the Blue", "green", "a-b", "fox jumps", "", "Red");
const boosts = fc.constantFrom(0.5, 2, 1);

function settings(of: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<Json> {
  return fc
    .subarray(Object.keys(of), { maxLength: 2 })
    .chain((names) =>
      fc.record(Object.fromEntries(names.map((name) => [name, of[name] ?? fc.constant(1)]))),
    );
}

const matchSettings = settings({
  operator: fc.constantFrom("and", "or", "AND"),
  minimum_should_match: fc.constantFrom<unknown>(1, "50%", -1),
  fuzziness: fc.constantFrom<unknown>("AUTO", 1, 0),
  lenient: fc.boolean(),
  zero_terms_query: fc.constantFrom("all", "none"),
  boost: boosts,
  analyzer: fc.constantFrom("standard", "keyword", "whitespace"),
});

const noCase = settings({ case_insensitive: fc.boolean(), boost: boosts });

/** Queries that hold no others. */
function wideLeaf(fields: readonly Field[]): fc.Arbitrary<Json> {
  const paths = fields.map(({ path }) => path);
  const named = fc.subarray([...paths, "al", "f*", "f0^2"], { minLength: 1, maxLength: 3 });
  return fc.oneof(
    onField(fields, (path) =>
      fc.tuple(phrases, matchSettings).map(([query, more]) => ({
        match: { [path]: { query, ...more } },
      })),
    ),
    onField(
      fields,
      (path) => phrases.map((query) => ({ match_bool_prefix: { [path]: { query } } })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.tuple(phrases, fc.constantFrom(0, 1, 3)).map(([query, slop]) => ({
          match_phrase: { [path]: { query, slop } },
        })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.tuple(fc.constantFrom("RED", "r", "fox", "Blue"), noCase).map(([value, more]) => ({
          term: { [path]: { value, ...more } },
        })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.tuple(fc.constantFrom("RE", "b", "t"), noCase).map(([value, more]) => ({
          prefix: { [path]: { value, ...more } },
        })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.tuple(fc.constantFrom("r*D", "*", "?o?", "bl\\*"), noCase).map(([value, more]) => ({
          wildcard: { [path]: { value, ...more } },
        })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc
          .tuple(fc.constantFrom("re.", "<1-3>", "b|r", "(bl)+ue"), noCase)
          .map(([value, more]) => ({
            regexp: { [path]: { value, ...more } },
          })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc
          .tuple(
            fc.constantFrom("rde", "blew", "fxo"),
            settings({
              fuzziness: fc.constantFrom<unknown>("AUTO", 1, 2),
              prefix_length: fc.constantFrom(0, 1),
              transpositions: fc.boolean(),
            }),
          )
          .map(([value, more]) => ({ fuzzy: { [path]: { value, ...more } } })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc
          .tuple(
            fc.constantFrom("2020-01-01", "2020", "now-10y/y", "2020-01-01||+1M/d"),
            settings({
              format: fc.constantFrom("yyyy", "strict_date_optional_time"),
              time_zone: fc.constantFrom("+01:00", "Europe/Berlin"),
              relation: fc.constantFrom("within", "intersects"),
              boost: boosts,
            }),
          )
          .map(([gte, more]) => ({ range: { [path]: { gte, ...more } } })),
      ({ type }) => type.startsWith("date"),
    ),
    fc
      .tuple(
        phrases,
        named,
        fc.constantFrom("best_fields", "most_fields", "phrase", "phrase_prefix", "bool_prefix"),
        settings({
          operator: fc.constantFrom("and", "or"),
          tie_breaker: fc.constantFrom(0, 0.3, 1),
          minimum_should_match: fc.constantFrom("50%", "2"),
          lenient: fc.boolean(),
        }),
      )
      .map(([query, some, type, more]) => ({
        multi_match: { query, fields: some, type, ...more },
      })),
    fc
      .tuple(
        fc.constantFrom(
          "f0:red",
          "f1:[1 TO 3]",
          "f0:re*",
          "f0:(red OR blue) -f1:2",
          "_exists_:f0",
          "red~1",
          '"red fox"~2',
          "f2:>1",
          "+red -blue",
          "*:*",
          "f*:red",
          "red AND (blue OR fox)",
        ),
        settings({
          default_operator: fc.constantFrom("and", "or"),
          analyze_wildcard: fc.boolean(),
          lenient: fc.constant(true),
          fields: named,
        }),
      )
      .map(([query, more]) => ({ query_string: { query, ...more } })),
    fc
      .tuple(
        fc.constantFrom("red + fox", "red~1", '"red fox"~1', "r*", "(red | blue) + fox", "-red"),
        settings({
          default_operator: fc.constantFrom("and", "or"),
          flags: fc.constantFrom("OR|AND|PREFIX", "NONE", "ALL"),
          lenient: fc.constant(true),
          fields: named,
        }),
      )
      .map(([query, more]) => ({ simple_query_string: { query, ...more } })),
    onField(
      fields,
      (path) =>
        fc
          .constantFrom<Json>(
            { match: { query: "red fox", max_gaps: 1 } },
            { prefix: { prefix: "re" } },
            { any_of: { intervals: [{ match: { query: "blue" } }, { match: { query: "red" } }] } },
            { wildcard: { pattern: "r*d" } },
          )
          .map((rule) => ({ intervals: { [path]: rule } })),
      isText,
    ),
    onField(
      fields,
      (path) =>
        fc.constantFrom("1km", "6000km", "100mi").map((distance) => ({
          geo_distance: { distance, [path]: { lat: 10, lon: 20 } },
        })),
      ({ type }) => type === "geo_point",
    ),
    onField(
      fields,
      (path) =>
        fc
          .constantFrom([50, -80, 0, 30], [90, -180, -90, 180])
          .map(([top, left, bottom, right]) => ({
            geo_bounding_box: { [path]: { top, left, bottom, right } },
          })),
      ({ type }) => type === "geo_point",
    ),
    fc.constantFrom("f*", "*", "o", "n", "n.f0", "_id").map((field) => ({ exists: { field } })),
    fc.constant({ match_none: {} }),
  );
}

/** Queries of the less common kinds, some of them around others. */
export function wideQueryOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const leaf = fc.oneof({ weight: 3, arbitrary: wideLeaf(fields) }, leafOn(fields));
  return fc.oneof(
    { weight: 6, arbitrary: leaf },
    {
      weight: 1,
      arbitrary: fc
        .tuple(leaf, leaf, fc.constantFrom(0.2, 0.5))
        .map(([positive, negative, negative_boost]) => ({
          boosting: { positive, negative, negative_boost },
        })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(leaf, boosts).map(([filter, boost]) => ({
        constant_score: { filter, boost },
      })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          leaf,
          leaf,
          fc.constantFrom("multiply", "sum", "max", "avg", "first", "min"),
          fc.constantFrom("multiply", "replace", "sum", "avg"),
        )
        .map(([query, filter, score_mode, boost_mode]) => ({
          function_score: {
            query,
            functions: [{ filter, weight: 3 }, { weight: 2 }],
            score_mode,
            boost_mode,
          },
        })),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(texts, fc.constantFrom("avg", "max", "sum", "none", "min"), leaf)
        .map(([, score_mode, query]) => ({ nested: { path: "n", query, score_mode } })),
    },
    {
      weight: 1,
      arbitrary: fc.tuple(leaf, leaf, leaf).map(([a, b, c]) => ({
        bool: { should: [a, { bool: { must: [b], must_not: [c] } }], boost: 1.5 },
      })),
    },
  );
}
