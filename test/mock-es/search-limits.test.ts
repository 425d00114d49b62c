import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { send, startFor } from "./running-mock.ts";

type Search = (body: object, parameters?: string) => Promise<Record<string, unknown>>;

/** Searches over documents of the index `i`. */
async function searchOver(
  t: TestContext,
  index: object,
  documents: readonly object[],
): Promise<Search> {
  const mock = await startFor(t);
  await send(mock, "PUT", "/i", { body: index });
  for (const [id, body] of documents.entries())
    await send(mock, "PUT", `/i/_doc/${id}?refresh=true`, { body });
  return async (body, parameters = "") =>
    (await send(mock, "POST", `/i/_search${parameters}`, { body })).json;
}

/** Type and reason of the first root cause. */
function rootOf(answer: Record<string, unknown>): readonly [unknown, unknown] {
  const { error } = answer as {
    error: { root_cause: { type: unknown; reason: unknown }[] } | undefined;
  };
  const [root] = error?.root_cause ?? [];
  return [root?.type, root?.reason];
}

const groups = [
  { g: 1, city: "a", n: 3 },
  { g: 1, city: "a", n: 2 },
  { g: 1, city: "b", n: 1 },
  { g: 2, city: "c", n: 9 },
];
const groupMappings = {
  mappings: { properties: { g: { type: "long" }, city: { type: "keyword" } } },
};

test("refuses to highlight values beyond index.highlight.max_analyzed_offset", async (t) => {
  const text = "a quick fox";
  const search = await searchOver(
    t,
    {
      settings: { "index.highlight.max_analyzed_offset": 10 },
      mappings: {
        properties: { t: { type: "text" }, o: { type: "text", index_options: "offsets" } },
      },
    },
    [{ t: text, o: text }],
  );
  const of = async (field: string, type: string): Promise<Record<string, unknown>> =>
    search({ query: { match: { [field]: "fox" } }, highlight: { type, fields: { [field]: {} } } });
  const tooLong = (field: string): readonly [string, string] => [
    "illegal_argument_exception",
    `The length [11] of field [${field}] in doc[0]/index[i] exceeds the ` +
      "[index.highlight.max_analyzed_offset] limit [10]. To avoid this error, set the query " +
      "parameter [max_analyzed_offset] to a value less than index setting [10] and this will " +
      "tolerate long field values by truncating them.",
  ];
  const refused = await of("t", "unified");
  assert.deepEqual(rootOf(refused), tooLong("t"));
  assert.equal((refused["error"] as { phase: unknown }).phase, "fetch");
  assert.deepEqual(rootOf(await of("t", "plain")), tooLong("t"));
  assert.deepEqual(rootOf(await of("o", "plain")), tooLong("o"));
  const { hits } = (await of("o", "unified")) as { hits: { hits: { highlight: unknown }[] } };
  assert.deepEqual(hits.hits[0]?.highlight, { o: ["a quick <em>fox</em>"] });
  const other = { query: { match: { o: "fox" } }, highlight: { fields: { t: {} } } };
  assert.equal("error" in (await search(other)), false, "no word of the query is in the field");
});

test("takes search_after with collapse only for the field that is sorted by", async (t) => {
  const search = await searchOver(t, groupMappings, groups);
  const after = async (sort: unknown, values: unknown[]): Promise<Record<string, unknown>> =>
    search({ collapse: { field: "g" }, sort, search_after: values });
  const reason =
    "Cannot use [collapse] in conjunction with [search_after] unless the search is sorted on " +
    "the same field. Multiple sort fields are not allowed.";
  const refusal = ["illegal_argument_exception", reason];
  assert.deepEqual(rootOf(await after([{ n: "desc" }], [5])), refusal);
  assert.deepEqual(rootOf(await after([{ g: "asc" }, "n"], [1, 1])), refusal);
  const { hits } = (await after([{ g: "asc" }], [1])) as { hits: { hits: { _id: string }[] } };
  assert.deepEqual(
    hits.hits.map(({ _id }) => _id),
    ["3"],
  );
});

test("collapses within groups by a field and nothing else", async (t) => {
  const search = await searchOver(t, groupMappings, groups);
  const within = async (collapse: object): Promise<Record<string, unknown>> =>
    search({ collapse: { field: "g", inner_hits: { name: "in", collapse } }, sort: ["g"] });
  const refused = await within({ field: "city", inner_hits: {} });
  assert.deepEqual(rootOf(refused)[0], "x_content_parse_exception");
  assert.match(JSON.stringify(refused), /Invalid token in the inner collapse/);
  const { hits } = (await within({ field: "city" })) as {
    hits: { hits: { inner_hits: { in: { hits: { hits: { _id: string }[] } } } }[] };
  };
  assert.deepEqual(
    hits.hits.map((hit) => hit.inner_hits.in.hits.hits.map(({ _id }) => _id)),
    [["0", "2"], ["3"]],
  );
});

test("shows totals within hits and aggregations as numbers when they are asked for so", async (t) => {
  const search = await searchOver(t, groupMappings, groups);
  const body = {
    collapse: { field: "g", inner_hits: { name: "in" } },
    sort: ["g"],
    aggs: { top: { top_hits: { size: 1 } } },
  };
  const totals = async (parameters: string): Promise<unknown[]> => {
    const answer = (await search(body, parameters)) as {
      hits: { total: unknown; hits: { inner_hits: { in: { hits: { total: unknown } } } }[] };
      aggregations: { top: { hits: { total: unknown } } };
    };
    const inner = answer.hits.hits.map((hit) => hit.inner_hits.in.hits.total);
    return [answer.hits.total, ...inner, answer.aggregations.top.hits.total];
  };
  assert.deepEqual(await totals("?rest_total_hits_as_int=true"), [4, 3, 1, 4]);
  const exact = (value: number): object => ({ value, relation: "eq" });
  assert.deepEqual(await totals(""), [4, 3, 1, 4].map(exact));
});

test("shows no source of nested objects where sources are off, and refuses parts", async (t) => {
  const mappings = { properties: { o: { type: "nested" } } };
  const body = {
    size: 0,
    aggs: { in: { nested: { path: "o" }, aggs: { top: { top_hits: {} } } } },
  };
  const off = await searchOver(t, { mappings: { ...mappings, _source: { enabled: false } } }, [
    { o: [{ k: "v" }] },
  ]);
  const { aggregations } = (await off(body)) as {
    aggregations: { in: { top: { hits: { hits: Record<string, unknown>[] } } } };
  };
  const [hit] = aggregations.in.top.hits.hits;
  assert.deepEqual(hit?.["_nested"], { field: "o", offset: 0 });
  assert.equal("_source" in (hit ?? {}), false);
  const parts = await searchOver(t, { mappings: { ...mappings, _source: { excludes: ["o.k"] } } }, [
    { o: [{ k: "v" }] },
  ]);
  assert.match(String(rootOf(await parts(body))[1]), /is not supported by mock-es/);
});

test("refuses regular expressions over what is no text by the name of the aggregation", async (t) => {
  const index = { mappings: { properties: { ip: { type: "ip" }, n: { type: "long" } } } };
  const search = await searchOver(t, index, [{ ip: "10.0.0.1", n: 1 }]);
  const start =
    "Aggregation [mine] cannot support regular expression style include/exclude settings as " +
    "they can only be applied to string fields. Use an array of ";
  for (const type of ["terms", "rare_terms"]) {
    const of = async (field: string): Promise<readonly [unknown, unknown]> =>
      rootOf(await search({ aggs: { mine: { [type]: { field, include: "1.*" } } } }));
    assert.deepEqual(await of("ip"), [
      "illegal_argument_exception",
      `${start}values for include/exclude clauses`,
    ]);
    assert.deepEqual(await of("n"), [
      "illegal_argument_exception",
      `${start}numeric values for include/exclude clauses used to filter numeric fields`,
    ]);
  }
});

test("refuses percentiles with a negative compression, or percents that are no numbers", async (t) => {
  const search = await searchOver(t, {}, [{ n: 1 }]);
  const of = async (settings: object): Promise<string> =>
    JSON.stringify(await search({ aggs: { p: { percentiles: { field: "n", ...settings } } } }));
  assert.match(
    await of({ tdigest: { compression: -1 } }),
    /\[compression\] must be greater than or equal to 0. Found \[-1.0\]/,
  );
  assert.match(await of({ percents: null }), /percents doesn't support values of type: VALUE_NULL/);
  assert.match(await of({ percents: ["foo"] }), /number_format_exception.*foo/);
  assert.doesNotMatch(await of({ tdigest: { compression: 200 }, percents: ["50"] }), /error/);
});

test("refuses origins, bounds and chances that cannot be computed, by name", async (t) => {
  const properties = { g: { type: "geo_point" }, f: { type: "date" } };
  const search = await searchOver(t, { mappings: { properties } }, [
    { g: "1,2", f: "2020", n: [1, 2] },
  ]);
  const ranges = [{ from: 1 }];
  const interval = { field: "f", calendar_interval: "month" };
  for (const aggregation of [
    { geo_distance: { field: "g", origin: { lat: 1e40, lon: 0 }, ranges } },
    { geo_distance: { field: "g", origin: [], ranges } },
    { geo_distance: { field: "g", origin: { lat: [1], lon: 0 }, ranges } },
    { date_histogram: { ...interval, offset: 1e40 } },
    { date_histogram: { ...interval, extended_bounds: { min: 1e40 } } },
    { random_sampler: { probability: "x" } },
    { histogram: { field: "n", interval: 1e-300 } },
    { composite: { sources: [{ a: { terms: { field: "n" }, foo: [] } }] } },
  ]) {
    const answer = await search({ aggs: { x: aggregation } });
    assert.match(JSON.stringify(answer["error"]), /is not supported by mock-es/);
  }
  for (const aggs of [{ x: { max: { field: "n" } } }, { x: { terms: { field: "n" } } }]) {
    const answer = await search({ min_score: 2, aggs });
    assert.match(JSON.stringify(answer["error"]), /is not supported by mock-es/);
  }
});
