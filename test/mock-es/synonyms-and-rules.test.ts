import assert from "node:assert/strict";
import { test } from "node:test";
import { clientFor, errorOf, send } from "./running-mock.ts";

const settings = {
  analysis: {
    filter: { same: { type: "synonym_graph" as const, synonyms_set: "words", updateable: true } },
    analyzer: {
      searching: { type: "custom" as const, tokenizer: "standard", filter: ["lowercase", "same"] },
    },
  },
};
const mappings = { properties: { t: { type: "text" as const, search_analyzer: "searching" } } };

test("analyzers read a set of synonyms, and read it anew when it changes", async (t) => {
  const { mock, client } = await clientFor(t);
  const made = await client.synonyms.putSynonym({
    id: "words",
    synonyms_set: [
      { id: "b", synonyms: "hello, hi" },
      { id: "a", synonyms: "bye => goodbye" },
    ],
  });
  assert.equal(made.result, "created");
  const rules = await client.synonyms.getSynonym({ id: "words" });
  assert.deepEqual(
    rules.synonyms_set.map(({ id }) => id),
    ["a", "b"],
  );
  await client.indices.create({ index: "texts", settings, mappings });
  await client.index({ index: "texts", id: "1", document: { t: "Hello and greetings" } });
  const found = async (text: string): Promise<number> =>
    (await client.count({ index: "texts", query: { match: { t: text } } })).count;
  assert.deepEqual([await found("hi"), await found("welcome")], [1, 0]);
  const changed = await client.synonyms.putSynonymRule({
    set_id: "words",
    rule_id: "c",
    synonyms: "welcome, greetings",
  });
  assert.deepEqual(changed.reload_analyzers_details?.reload_details.length, 1);
  assert.equal(await found("welcome"), 1);
  await client.synonyms.deleteSynonymRule({ set_id: "words", rule_id: "c" });
  assert.equal(await found("welcome"), 0);
  const used = await send(mock, "DELETE", "/_synonyms/words");
  assert.match(String(errorOf(used).reason), /used in the following indices: texts/);
  await client.indices.delete({ index: "texts" });
  await client.synonyms.deleteSynonym({ id: "words" });
  const gone = await send(mock, "GET", "/_synonyms/words");
  assert.deepEqual([gone.status, errorOf(gone).reason], [404, "synonyms set [words] not found"]);
  const broken = { synonyms_set: [{ synonyms: "a => b => c" }] };
  assert.equal((await send(mock, "PUT", "/_synonyms/x", { body: broken })).status, 400);
  // A set that is not there yet is no fault of a filter that may be read anew.
  await client.indices.create({ index: "texts", settings, mappings });
  await client.index({ index: "texts", id: "1", document: { t: "Hello" }, refresh: true });
  assert.equal(await found("hi"), 0);
  await client.synonyms.putSynonym({ id: "words", synonyms_set: { synonyms: "hello, hi" } });
  assert.equal(await found("hi"), 1);
  const strict = structuredClone(settings);
  Object.assign(strict.analysis.filter.same, { synonyms_set: "none", lenient: false });
  const missing = await send(mock, "PUT", "/strict", { body: { settings: strict } });
  assert.match(String(errorOf(missing).reason), /\[none\], which does not exist, is not support/);
  const inline = { type: "synonym", synonyms: ["foo => baz"], lenient: false };
  const stop = { type: "stop", stopwords: ["baz"] };
  const chain = { tokenizer: "whitespace", filter: ["none", "own"] };
  const analysis = { filter: { own: inline, none: stop }, analyzer: { chain } };
  const body = { settings: { analysis } };
  const emptied = await send(mock, "PUT", "/emptied", { body });
  assert.equal(errorOf(emptied).reason, "failed to build synonyms");
});

test("synonyms stand behind what they are of, in a graph before it", async (t) => {
  const { mock } = await clientFor(t);
  const terms = async (type: string, text: string, ...synonyms: string[]): Promise<string> => {
    const filter = [{ type, synonyms }];
    const body = { tokenizer: "whitespace", filter, text };
    const answer = await send(mock, "POST", "/_analyze", { body });
    if (answer.status !== 200) return String(errorOf(answer).reason);
    const tokens = answer.json["tokens"] as readonly { token: string; positionLength?: number }[];
    return tokens.map(({ token, positionLength = 1 }) => `${token}/${positionLength}`).join(" ");
  };
  assert.equal(await terms("synonym", "b", "a, b"), "b/1 a/1");
  assert.equal(await terms("synonym_graph", "b", "a, b"), "a/1 b/1");
  assert.equal(await terms("synonym", "x y", "a, x y"), "x/1 a/2 y/1");
  assert.equal(await terms("synonym_graph", "x y z", "x y => a"), "a/1 z/1");
  assert.match(await terms("synonym_graph", "x y", "a, x y"), /several words is not supported/);
  const own = { type: "synonym" as const, synonyms: ["a, x y"] };
  const analyzer = { two: { tokenizer: "whitespace", filter: ["own"] } };
  const analysis = { filter: { own }, analyzer };
  await send(mock, "PUT", "/i", { body: { settings: { analysis } } });
  await send(mock, "PUT", "/i/_doc/1?refresh", { body: { t: "a" } });
  const query = { match: { t: { query: "x y", analyzer: "two" } } };
  const refused = await send(mock, "POST", "/i/_search", { body: { query } });
  assert.match(refused.text, /a synonym of several words in a query is not supported/);
});

test("rules pin documents and leave some out, by what a search says of itself", async (t) => {
  const { mock, client } = await clientFor(t);
  for (const id of ["1", "2", "3"])
    await client.index({ index: "shop", id, document: { t: "puggles", n: Number(id) } });
  await client.queryRules.putRuleset({
    ruleset_id: "pets",
    rules: [
      {
        rule_id: "top",
        type: "pinned",
        criteria: [{ type: "contains", metadata: "query", values: ["pug"] }],
        actions: { ids: ["3"] },
      },
      {
        rule_id: "away",
        type: "exclude",
        criteria: [{ type: "exact", metadata: "country", values: ["us"] }],
        actions: { docs: [{ _index: "shop", _id: "2" }] },
      },
    ],
  });
  const search = async (criteria: object): Promise<(string | undefined)[]> => {
    const { hits } = await client.search({
      index: "shop",
      query: {
        rule: {
          organic: { match: { t: "puggles" } },
          ruleset_ids: ["pets"],
          match_criteria: criteria,
        },
      },
    });
    return hits.hits.map(({ _id }) => _id);
  };
  assert.deepEqual(await search({ query: "pugs" }), ["3", "1", "2"]);
  assert.deepEqual(await search({ query: "pugs", country: "us" }), ["3", "1"]);
  assert.deepEqual(await search({ query: "cats" }), ["1", "2", "3"]);
  const tested = await client.queryRules.test({
    ruleset_id: "pets",
    match_criteria: { country: "us" },
  });
  assert.deepEqual(tested.matched_rules, [{ ruleset_id: "pets", rule_id: "away" }]);
  const rulesets = await client.queryRules.listRulesets();
  assert.deepEqual(rulesets.results[0]?.rule_type_counts, { pinned: 1, exclude: 1 });
  await client.queryRules.deleteRule({ ruleset_id: "pets", rule_id: "away" });
  const left = await client.queryRules.getRuleset({ ruleset_id: "pets" });
  assert.equal(left.rules.length, 1);
  await client.queryRules.deleteRuleset({ ruleset_id: "pets" });
  assert.equal((await send(mock, "GET", "/_query_rules/pets")).status, 404);
});

test("retrievers pin, score again, and add up scores that were made comparable", async (t) => {
  const { client } = await clientFor(t);
  for (const id of ["1", "2", "3"])
    await client.index({ index: "shop", id, document: { t: "red", n: Number(id) } });
  const standard = { standard: { query: { match: { t: "red" } } } };
  const byNumber = {
    standard: {
      query: { function_score: { field_value_factor: { field: "n" }, boost_mode: "replace" } },
    },
  } as const;
  const ids = async (retriever: object): Promise<(string | undefined)[]> => {
    const { hits } = await client.search({ index: "shop", retriever });
    return hits.hits.map(({ _id }) => _id);
  };
  assert.deepEqual(await ids({ pinned: { ids: ["2"], retriever: standard } }), ["2", "1", "3"]);
  const rescore = { window_size: 5, query: { rescore_query: byNumber.standard.query } };
  assert.deepEqual(await ids({ rescorer: { rescore, retriever: standard } }), ["3", "2", "1"]);
  const { hits } = await client.search({
    index: "shop",
    retriever: {
      linear: {
        retrievers: [
          { retriever: byNumber, weight: 2, normalizer: "minmax" },
          { retriever: standard, weight: 1, normalizer: "minmax" },
        ],
      },
    },
  });
  assert.deepEqual(
    hits.hits.map(({ _id, _score }) => [_id, _score]),
    [
      ["3", 3],
      ["2", 2],
      ["1", 1],
    ],
  );
});
