/** Random queries on the places of terms: spans and intervals. */
import * as fc from "fast-check";
import { type Json, settings } from "./choose.ts";

const word = fc.constantFrom("red", "blue", "fox", "the", "Red", "x");
export const phrase = fc.constantFrom(
  "red fox",
  "the blue fox",
  "green fox jumps",
  "blue",
  "the",
  "",
);

/** A span query on a field of texts. */
export function spanOn(field: string): fc.Arbitrary<Json> {
  const term = word.map((value): Json => ({ span_term: { [field]: value.toLowerCase() } }));
  const multi = fc
    .constantFrom<Json>(
      { prefix: { [field]: "b" } },
      { wildcard: { [field]: "*o*" } },
      { fuzzy: { [field]: "rad" } },
    )
    .map((match): Json => ({ span_multi: { match } }));
  const one = fc.oneof({ weight: 3, arbitrary: term }, multi);
  const list = fc.array(one, { minLength: 1, maxLength: 3 });
  return fc.oneof(
    one,
    list.map((clauses) => ({ span_or: { clauses } })),
    fc.tuple(list, fc.constantFrom(0, 1, 5), fc.boolean()).map(([clauses, slop, in_order]) => ({
      span_near: { clauses, slop, in_order },
    })),
    fc.tuple(one, fc.integer({ min: 0, max: 3 })).map(([match, end]) => ({
      span_first: { match, end },
    })),
    fc
      .tuple(one, one, settings({ pre: fc.constant(1), post: fc.constant(1) }))
      .map(([include, exclude, more]) => ({ span_not: { include, exclude, ...more } })),
    fc
      .tuple(fc.constantFrom("span_containing", "span_within"), list, one)
      .map(([kind, clauses, little]) => ({
        [kind]: { big: { span_near: { clauses, slop: 5, in_order: false } }, little },
      })),
  );
}

/** A rule of `intervals`. */
export const rule: fc.Arbitrary<Json> = fc.letrec<{ rule: Json }>((tie) => {
  const filter = fc
    .tuple(
      fc.constantFrom(
        "after",
        "before",
        "contained_by",
        "containing",
        "not_contained_by",
        "not_containing",
        "not_overlapping",
        "overlapping",
      ),
      word,
    )
    .map(([relation, query]) => ({ [relation]: { match: { query } } }));
  const more = settings(
    { max_gaps: fc.constantFrom(-1, 0, 1, 3), ordered: fc.boolean(), filter },
    3,
  );
  return {
    rule: fc.oneof(
      { maxDepth: 2 },
      fc.tuple(phrase, more).map(([query, rest]): Json => ({ match: { query, ...rest } })),
      fc.constantFrom<Json>(
        { prefix: { prefix: "b" } },
        { wildcard: { pattern: "*e*" } },
        { regexp: { pattern: "(red|fox)" } },
        { fuzzy: { term: "rad", fuzziness: 1 } },
      ),
      fc
        .tuple(fc.array(tie("rule"), { minLength: 1, maxLength: 2 }), more)
        .map(([intervals, rest]): Json => ({ all_of: { intervals, ...rest } })),
      fc
        .array(tie("rule"), { minLength: 1, maxLength: 2 })
        .map((intervals): Json => ({ any_of: { intervals } })),
    ),
  };
}).rule;
