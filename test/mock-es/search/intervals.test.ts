/** `intervals`; hits, scores and refusals are those of Elasticsearch 9.5.3. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { compileQuery } from "../../../mock-es/search/queries/query.ts";
import { documentsOf, mappingsOf, refusalOf, searchIn, type Types } from "./documents.ts";

const TYPES: Types = {
  text: "text",
  "text.en": { type: "text", parameters: { analyzer: "stop" } },
  k: "keyword",
  d: { type: "text", parameters: { index_options: "docs" } },
};

const DOCS = documentsOf(
  ...[
    "Some like it hot, some like it cold",
    "Its cold outside, theres no kind of atmosphere",
    "Baby its cold there outside",
    "Outside it is cold and wet",
    "a b a c b a d a b c",
    "the king of the hill of the king",
    "cold cold cold outside outside",
  ].map((text) => ({ text, k: text, d: text })),
);

type Rule = Readonly<Record<string, unknown>>;
const match = (query: unknown, more: Rule = {}): Rule => ({ match: { query, ...more } });
const all = (intervals: readonly Rule[], more: Rule = {}): Rule => ({
  all_of: { intervals, ...more },
});
const any = (...intervals: readonly Rule[]): Rule => ({ any_of: { intervals } });
const kept = (query: string, filter: string, other: string): Rule =>
  match(query, { filter: { [filter]: match(other) } });

const each = "6=0.75 0=0.5 1=0.5 2=0.5 3=0.5";

const HITS: readonly (readonly [string, Rule, string])[] = [
  ["terms in any order", match("a b"), "4=0.818182"],
  ["terms in order", match("a b", { ordered: true }), "4=0.714286"],
  ["a repeated term", match("a a"), "4=0.478261"],
  ["a repeated term and gaps", match("a a", { max_gaps: 1 }), "4=0.4"],
  ["a repeated term without gaps", match("a a", { max_gaps: 0 }), ""],
  ["a term twice, not side by side", match("a b a", { ordered: true }), "4=0.6"],
  ["a repeated term before another", match("a a b", { ordered: true }), "4=0.368421"],
  ["any order without gaps", match("a b c", { max_gaps: 0 }), "4=0.8"],
  ["a repetition in any order", match("cold cold outside"), "6=0.333333"],
  ["one term, whose gaps do not count", match("cold", { max_gaps: 0 }), each],
  ["no term", match(""), ""],
  ["no rule", all([]), ""],
  ["the shorter alternative", any(match("cold"), match("cold outside")), each],
  [
    "alternatives in order",
    all([match("a"), any(match("b"), match("b a"))], { ordered: true }),
    "4=0.714286",
  ],
  [
    "alternatives of several lengths before gaps are counted",
    all([any(match("a b"), match("b c", { max_gaps: 0 })), match("d")], { max_gaps: 2 }),
    "4=0.666667",
  ],
  ["one conjunction of two", all([match("a"), all([match("b"), match("c")])]), "4=0.8"],
  ["before itself", kept("cold", "before", "cold"), "6=0.666667"],
  ["after itself", kept("cold", "after", "cold"), "6=0.666667"],
  ["contained by", kept("a", "contained_by", "b c"), "4=0.5"],
  ["not contained by", kept("a", "not_contained_by", "b c"), "4=0.75"],
  ["containing", kept("a b", "containing", "c"), "4=0.333333"],
  ["not containing", kept("a b", "not_containing", "c"), "4=0.8"],
  ["overlapping", kept("a b", "overlapping", "c d"), "4=0.714286"],
  ["not overlapping", kept("a b", "not_overlapping", "c d"), "4=0.666667"],
  ["the terms of another field", match("king of the hill", { use_field: "text.en" }), "5=0.571429"],
  [
    "stop words of the query keep their places",
    match("king of the hill", { analyzer: "stop", ordered: true, max_gaps: 0 }),
    "5=0.5",
  ],
  ["an analyzer that is not there", match("a", { analyzer: "nope" }), "4=0.8"],
  ["a field that is not there", match("a", { use_field: "nope" }), ""],
  [
    "no alternative, where one names a field that is not there",
    any(match("a"), match("a", { use_field: "nope" })),
    "",
  ],
  ["what no interval overlaps to the right", kept("b", "not_containing", "a c"), "4=0.5"],
  ["a repetition whose own gaps count", match("b b c", { max_gaps: 0 }), ""],
  ["a repetition within few gaps", match("b b c", { max_gaps: 1 }), "4=0.25"],
  ["a term of two rules once", all([match("b"), match("b b c")]), "4=0.5"],
  ["three terms in order", match("c a b", { ordered: true }), "4=0.2"],
  ["nothing where a filter names no term", kept("a", "not_contained_by", ""), ""],
  [
    "not contained by one of two alternatives",
    match("a", { filter: { not_contained_by: any(match("a c"), match("b")) } }),
    "4=0.8",
  ],
  ["a prefix", { prefix: { prefix: "COL" } }, each],
  ["a wildcard", { wildcard: { pattern: "C*d" } }, each],
  ["a regular expression", { regexp: { pattern: "c.*d" } }, each],
  ["nearly a term", { fuzzy: { term: "cald" } }, each],
  ["nearly a term, with a prefix", { fuzzy: { term: "cald", prefix_length: 2 } }, ""],
  [
    "short terms that share no letter",
    { fuzzy: { term: "ab", fuzziness: 2 } },
    "4=0.909091 3=0.75 0=0.666667 1=0.666667 5=0.666667 2=0.5",
  ],
  ["a boost", { ...match("a"), boost: 2 }, "4=1.6"],
];

for (const [name, rule, hits] of HITS)
  test(`intervals find and score ${name}`, () => {
    const found = searchIn(DOCS, TYPES, { query: { intervals: { text: rule } } }).hits;
    const shown = found.map((hit) => `${hit._id ?? ""}=${Number(Number(hit._score).toFixed(6))}`);
    assert.equal(shown.join(" "), hits);
  });

const types = "[match, any_of, all_of, prefix, wildcard, regexp, range]";
const notText = "Can only use interval queries on text fields - not on [k] which is of type";
const REFUSALS: readonly (readonly [unknown, string])[] = [
  [{}, "Expected [FIELD_NAME] but got [END_OBJECT]"],
  [{ text: "a" }, "Expected [START_OBJECT] but got [VALUE_STRING]"],
  [{ text: { boost: 2 } }, "Missing intervals from interval query definition"],
  [{ text: { foo: {} } }, `Unknown interval type [foo], expecting one of ${types}`],
  [{ text: all([{ foo: {} }]) }, `Unknown interval type [foo], expecting one of ${types}`],
  [{ text: { match: {} } }, "Required [query]"],
  [{ text: { match: "a" } }, "[match] Expected START_OBJECT but was: VALUE_STRING"],
  [{ text: match(1) }, "[match] query doesn't support values of type: VALUE_NUMBER"],
  [{ text: match("a", { mode: "ordered" }) }, "[match] unknown field [mode]"],
  [{ text: match("a", { ordered: "x" }) }, "[match] failed to parse field [ordered]"],
  [{ text: match("a", { max_gaps: "x" }) }, "[match] failed to parse field [max_gaps]"],
  [
    { text: { ...match("a"), ...any(match("a")) } },
    "Only one interval rule can be specified, found [match] and [any_of]",
  ],
  [{ text: match("a"), k: match("a") }, "Expected [END_OBJECT] but got [FIELD_NAME]"],
  [{ text: match("a", { filter: {} }) }, "Expected [FIELD_NAME] but got [END_OBJECT]"],
  [{ text: kept("a", "foo", "a") }, "failed to create query: Unknown filter type [foo]"],
  [{ text: { fuzzy: { term: "a", fuzziness: "x" } } }, "[fuzzy] failed to parse field [fuzziness]"],
  [{ k: match("a") }, `failed to create query: ${notText} [keyword]`],
  [
    { d: match("a") },
    "failed to create query: Cannot create intervals over field [d] with no positions indexed",
  ],
  [
    { text: match("a", { filter: { script: { source: "true" } } }) },
    "the filter [script] of [intervals] is not supported by mock-es",
  ],
  [
    { text: { range: { gte: "c" } } },
    "the rule [range] of [intervals] is not supported by mock-es",
  ],
  [
    {
      text: all(
        Array.from({ length: 11 }, (_, at) => any(match(`a ${at}`), match("c d"))),
        { max_gaps: 1 },
      ),
    },
    "[intervals] with more than 1024 combinations is not supported by mock-es",
  ],
];

for (const [intervals, reason] of REFUSALS)
  test(`intervals are refused: ${reason}`, () => {
    const refusal = refusalOf(() => searchIn(DOCS, TYPES, { query: { intervals } }));
    assert.equal(refusal.reason, reason);
    assert.equal(refusal.status, 400);
  });

test("intervals are refused where a highlight is asked for", () => {
  const body = { query: { intervals: { text: match("a") } }, highlight: { fields: { text: {} } } };
  const { reason } = refusalOf(() => searchIn(DOCS, TYPES, body));
  assert.equal(reason, "a highlight of the query [intervals] is not supported by mock-es");
});

test("an ordered rule finds what a walk over all places finds", () => {
  // Every text of six of three letters; the rule asks for a, then b, with at most one gap.
  for (let number = 0; number < 3 ** 6; number++) {
    const letters = Array.from(
      number.toString(3).padStart(6, "0"),
      (digit) => "abc"[Number(digit)],
    );
    const [document] = documentsOf({ text: letters.join(" ") });
    assert.ok(document !== undefined);
    const query = { intervals: { text: match("a b", { ordered: true, max_gaps: 1 }) } };
    const isFound = compileQuery(query, mappingsOf(TYPES))(document) >= 0;
    const text = letters.join("");
    assert.equal(isFound, /ab|a.b/.test(text), text);
  }
});
