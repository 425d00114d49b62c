import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { floatText, numberOf } from "../../../mock-es/json/java-number.ts";
import type { SearchDocument } from "../../../mock-es/search/fields/document.ts";
import { runSearch } from "../../../mock-es/search/search.ts";
import type { SearchShard } from "../../../mock-es/search/shard-search.ts";
import { documentsOf, mappingsOf, searchIn } from "./documents.ts";

const TYPES = { text: "text", tag: "keyword", n: "long" };

test("scores a term in a single document as Elasticsearch documents it", () => {
  // The well-known score of one match in an index of one document: 2.2 * ln(1 + 0.5/1.5) / 2.2.
  const { hits, maxScore } = searchIn(documentsOf({ text: "hello" }), TYPES, {
    query: { match: { text: "hello" } },
  });
  assert.equal(hits[0]?._score, 0.2876821);
  assert.equal(maxScore, 0.2876821);
});

test("scores with the 32-bit constants of Lucene, to the last digit", () => {
  const texts = ["John Doe", "John Micheal Doe", "Jane Doe", "Jane Michelle Doe"];
  const docs = documentsOf(...texts.map((text) => ({ text })));
  const { hits } = searchIn(docs, TYPES, { query: { match: { text: "doe" } } });
  // As a node of 9.5.3 answers.
  assert.deepEqual(
    hits.map((hit) => floatText(numberOf(hit._score))),
    ["0.11474907", "0.11474907", "0.09739208", "0.09739208"],
  );
});

test("scores queries that only decide with 1, and filters with 0", () => {
  const docs = documentsOf({ text: "a", n: 1 });
  const score = (query: unknown): unknown =>
    numberOf(searchIn(docs, TYPES, { query }).hits[0]?._score);
  assert.equal(score({ match_all: {} }), 1);
  assert.equal(score({ range: { n: { gte: 0 } } }), 1);
  assert.equal(score({ term: { n: { value: 1, boost: 2.5 } } }), 2.5);
  assert.equal(score({ bool: { filter: { match_all: {} } } }), 0);
  assert.equal(
    score({
      bool: { must: { match_all: {} }, filter: { match_all: {} }, should: { term: { n: 1 } } },
    }),
    2,
  );
});

test("takes statistics from each shard by itself, or from all where they share a corpus", () => {
  const [first, second] = documentsOf({ text: "hello" }, { text: "hello" });
  assert.ok(first !== undefined && second !== undefined);
  const shardOf = (document: SearchDocument, shard: number) => {
    return { index: "things", shard, mappings: mappingsOf(TYPES), documents: [document] };
  };
  const shards = [shardOf(first, 0), shardOf(second, 1)];
  const scores = (list: readonly SearchShard[]): unknown[] =>
    runSearch({ query: { match: { text: "hello" } } }, list).hits.map((hit) => hit._score);
  assert.deepEqual(scores(shards), [0.2876821, 0.2876821]);
  const corpus = [first, second];
  assert.deepEqual(scores(shards.map((shard) => ({ ...shard, corpus }))), [0.18232156, 0.18232156]);
});

test("agrees with BM25 written out in doubles, and orders by it", () => {
  const word = fc.constantFrom("a", "b", "c");
  const text = fc.array(word, { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(
      fc.array(text, { minLength: 1, maxLength: 8 }),
      fc.array(word, { minLength: 1, maxLength: 3 }),
      (texts, wanted) => {
        const docs = documentsOf(...texts.map((words) => ({ text: words.join(" ") })));
        const { hits } = searchIn(docs, TYPES, {
          query: { match: { text: wanted.join(" ") } },
          size: 100,
        });
        const average = texts.flat().length / texts.length;
        const bm25 = (words: readonly string[]): number => {
          let sum = 0;
          for (const term of wanted) {
            const holding = texts.filter((other) => other.includes(term)).length;
            const times = words.filter((other) => other === term).length;
            const idf = Math.log(1 + (texts.length - holding + 0.5) / (holding + 0.5));
            sum += (idf * 2.2 * times) / (times + 1.2 * (0.25 + (0.75 * words.length) / average));
          }
          return sum;
        };
        for (const hit of hits) {
          const expected = bm25(texts[Number(hit._id)] ?? []);
          assert.ok(
            Math.abs(numberOf(hit._score) - expected) <= 1e-5 * expected,
            `${numberOf(hit._score)} is not ${expected}`,
          );
        }
        const scores = hits.map((hit) => numberOf(hit._score));
        assert.deepEqual(
          scores,
          scores.toSorted((a, b) => b - a),
        );
        assert.equal(
          hits.length,
          texts.filter((words) => wanted.some((term) => words.includes(term))).length,
        );
      },
    ),
  );
});

test("leaves out what scores less than min_score", () => {
  const docs = documentsOf(
    { text: "fox fox fox" },
    { text: "fox and many other words in a long text" },
  );
  const body = { query: { match: { text: "fox" } } };
  const [best, worst] = searchIn(docs, TYPES, body).hits;
  assert.ok((best?._score ?? 0) > (worst?._score ?? 0));
  const { hits, total } = searchIn(docs, TYPES, { ...body, min_score: best?._score });
  assert.deepEqual([hits.length, total], [1, { value: 1, relation: "eq" }]);
});

test("writes 32-bit scores with as few digits as name them", () => {
  fc.assert(
    fc.property(fc.float({ noNaN: true, noDefaultInfinity: true, min: 0 }), (value) => {
      const short = Number(floatText(value));
      assert.equal(Math.fround(short), value);
      assert.ok(String(short).length <= String(value).length);
    }),
  );
});
