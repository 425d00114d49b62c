import assert from "node:assert/strict";
import { type Client, errors } from "@elastic/elasticsearch";
import { assertSameAnswers, type ComparisonCounts } from "./exchange-comparison.ts";
import { recordingClient, type RecordedExchange } from "./exchange-recorder.ts";

/** Where the scenarios run. */
export interface ScenarioPlace {
  /** The server itself, plain HTTP. */
  readonly directUrl: string;
  /** A proxy in front of the same server; `https` when it terminates TLS. */
  readonly proxyUrl: string;
  /** PEM of the authority behind the proxy's certificate. */
  readonly ca?: string;
  readonly compression: boolean;
}

/** What came of one scenario. A failed scenario throws instead. */
export interface ScenarioResult extends ComparisonCounts {
  readonly name: string;
  /** Why the scenario did not run; absent when it ran. */
  readonly skipped?: string;
  /** Requests that went through the proxy. */
  readonly proxied: readonly RecordedExchange[];
}

interface Scenario {
  readonly name: string;
  /** The reason why this server cannot run it, or `undefined`. */
  readonly unsupported?: (directUrl: string) => Promise<string | undefined>;
  run(client: Client): Promise<void>;
}

const index = "scenario-documents";
const bulkIndex = "scenario-bulk";
const bulkDocuments = 5000;

/**
 * Runs every scenario with the official client, first directly and then through the proxy, and
 * asserts that both got the same answers. Works on indices of its own, `scenario-*`, which it
 * deletes.
 *
 * @throws {AssertionError} when an answer is wrong, or differs between the two ways
 */
export async function runScenarios(place: ScenarioPlace): Promise<ScenarioResult[]> {
  const results: ScenarioResult[] = [];
  for (const scenario of scenarios) {
    const skipped = await scenario.unsupported?.(place.directUrl);
    if (skipped !== undefined) {
      results.push({ name: scenario.name, skipped, proxied: [], identical: 0, normalised: 0 });
      continue;
    }
    const direct = await runOnce(scenario, {
      url: place.directUrl,
      compression: place.compression,
    });
    const proxied = await runOnce(scenario, {
      url: place.proxyUrl,
      compression: place.compression,
      ...(place.ca === undefined ? {} : { ca: place.ca }),
    });
    assertCompression(direct, place.compression);
    results.push({ name: scenario.name, proxied, ...assertSameAnswers(direct, proxied) });
  }
  return results;
}

async function runOnce(
  scenario: Scenario,
  options: Parameters<typeof recordingClient>[0],
): Promise<readonly RecordedExchange[]> {
  const { client, exchanges } = recordingClient(options);
  try {
    await scenario.run(client);
    return exchanges;
  } catch (error) {
    throw new Error(`"${scenario.name}" failed on ${options.url}`, { cause: error });
  } finally {
    await client.close();
  }
}

/**
 * Guards the matrix: a run "with compression" in which nothing was compressed would prove nothing.
 */
function assertCompression(exchanges: readonly RecordedExchange[], isOn: boolean): void {
  const compressed = exchanges.filter(
    (exchange) => exchange.headers["content-encoding"] === "gzip",
  ).length;
  if (!isOn)
    assert.equal(compressed, 0, "an answer is compressed although the client did not ask for it");
  const withBody = exchanges.filter(
    (exchange) => exchange.method !== "HEAD" && exchange.body.length > 0,
  );
  if (isOn && withBody.length > 0)
    assert.ok(compressed > 0, "no answer is compressed although the client asked for it");
}

const productCheck: Scenario = {
  name: "product check: info and ping",
  unsupported: async (directUrl) => {
    const response = await fetch(directUrl);
    await response.arrayBuffer();
    if (response.status === 200) return undefined;
    return `this server has no root endpoint (GET / answers ${response.status}); every other call checks the product too`;
  },
  async run(client) {
    const info = await client.info();
    assert.equal(info.tagline, "You Know, for Search");
    assert.equal(await client.ping(), true);
  },
};

const singleDocuments: Scenario = {
  name: "index, get, exists, update, delete of single documents",
  async run(client) {
    await client.indices.delete({ index, ignore_unavailable: true });
    const created = await client.index({
      index,
      id: "1",
      document: { title: "Snow Crash", year: 1992 },
      refresh: true,
    });
    assert.equal(created.result, "created");
    await client.index({ index, id: "é/ slash,comma", document: { title: "Dune", year: 1965 } });
    const found = await client.get<{ title: string }>({ index, id: "1" });
    assert.equal(found._source?.title, "Snow Crash");
    const odd = await client.get<{ title: string }>({ index, id: "é/ slash,comma" });
    assert.equal(odd._source?.title, "Dune");
    assert.equal(await client.exists({ index, id: "1" }), true);
    assert.equal(await client.exists({ index, id: "2" }), false);
    assert.deepEqual(await client.getSource({ index, id: "1" }), {
      title: "Snow Crash",
      year: 1992,
    });
    await client.update({ index, id: "1", doc: { year: 1993 } });
    await assert.rejects(client.create({ index, id: "1", document: {} }), statusIs(409));
    const many = await client.mget<{ year: number }>({ index, ids: ["1", "2"] });
    assert.equal(many.docs.length, 2);
    assert.equal((await client.delete({ index, id: "1" })).result, "deleted");
    await assert.rejects(client.get({ index, id: "1" }), statusIs(404));
    await client.indices.delete({ index });
  },
};

const bulkHelper: Scenario = {
  name: `bulk helper with ${bulkDocuments} documents`,
  async run(client) {
    await client.indices.delete({ index: bulkIndex, ignore_unavailable: true });
    const stats = await client.helpers.bulk<BulkDocument>({
      datasource: bulkSource(),
      // One at a time, so that sequence numbers are the same in both runs.
      concurrency: 1,
      flushBytes: 100_000,
      refreshOnCompletion: bulkIndex,
      onDocument: (document) => ({ index: { _index: bulkIndex, _id: String(document.n) } }),
    });
    assert.equal(stats.successful, bulkDocuments);
    assert.equal(stats.failed, 0);
    assert.equal((await client.count({ index: bulkIndex })).count, bulkDocuments);
  },
};

const searches: Scenario = {
  name: "search, msearch and count",
  async run(client) {
    const page = await client.search<BulkDocument>({
      index: bulkIndex,
      query: { range: { n: { gte: 100, lt: 200 } } },
      sort: [{ n: "desc" }],
      size: 25,
    });
    assert.deepEqual(page.hits.total, { value: 100, relation: "eq" });
    assert.equal(page.hits.hits[0]?._source?.n, 199);
    assert.equal(page.hits.hits.length, 25);
    const words = await client.search({ index: bulkIndex, q: "text:word7", size: 3, sort: "n" });
    assert.equal(words.hits.hits.length, 3);
    const kinds = await client.search({
      index: bulkIndex,
      size: 0,
      aggs: { kinds: { terms: { field: "kind.keyword" } }, mean: { avg: { field: "n" } } },
    });
    assert.ok(kinds.aggregations !== undefined);
    const both = await client.msearch({
      searches: [
        { index: bulkIndex },
        { size: 1, sort: ["n"] },
        { index: "absent-index" },
        { size: 0 },
      ],
    });
    assert.equal(both.responses.length, 2);
    await assert.rejects(client.search({ index: "absent-index" }), statusIs(404));
    await assert.rejects(
      client.search({ index: bulkIndex, from: 10_000, size: 10 }),
      statusIs(400),
    );
  },
};

const scrollHelper: Scenario = {
  name: "scroll helper over all documents",
  async run(client) {
    const seen = new Set<number>();
    const pages = client.helpers.scrollSearch<BulkDocument>({
      index: bulkIndex,
      size: 700,
      sort: ["n"],
      scroll: "1m",
    });
    for await (const page of pages) for (const document of page.documents) seen.add(document.n);
    assert.equal(seen.size, bulkDocuments);
    let streamed = 0;
    const documents = client.helpers.scrollDocuments<BulkDocument>({
      index: bulkIndex,
      size: 2500,
      sort: ["n"],
    });
    for await (const document of documents) streamed += document.n >= 0 ? 1 : 0;
    assert.equal(streamed, bulkDocuments);
  },
};

const removal: Scenario = {
  name: "delete documents and the index",
  // The direct run needs its own index: what it deletes, the run through the proxy must find too.
  async run(client) {
    const name = "scenario-removal";
    await client.bulk({
      refresh: true,
      operations: [1, 2, 3].flatMap((n) => [{ index: { _index: name, _id: String(n) } }, { n }]),
    });
    await client.delete({ index: name, id: "2", refresh: true });
    assert.equal((await client.count({ index: name })).count, 2);
    const mixed = await client.bulk({
      operations: [{ delete: { _index: name, _id: "1" } }, { delete: { _index: name, _id: "9" } }],
    });
    assert.equal(mixed.errors, false);
    assert.deepEqual(
      mixed.items.map((item) => item.delete?.status),
      [200, 404],
    );
    await client.indices.delete({ index: name });
    assert.equal(await client.indices.exists({ index: name }), false);
    await assert.rejects(client.indices.delete({ index: name }), statusIs(404));
  },
};

const scenarios: readonly Scenario[] = [
  productCheck,
  singleDocuments,
  bulkHelper,
  searches,
  scrollHelper,
  removal,
];

interface BulkDocument {
  readonly n: number;
  readonly kind: string;
  readonly text: string;
}

function bulkSource(): BulkDocument[] {
  return Array.from({ length: bulkDocuments }, (_, n) => {
    return {
      n,
      kind: ["a", "b", "c"][n % 3] ?? "",
      text: `word${n % 50} word${n % 7} and some more text`,
    };
  });
}

function statusIs(status: number): (error: unknown) => boolean {
  return (error) => error instanceof errors.ResponseError && error.statusCode === status;
}
