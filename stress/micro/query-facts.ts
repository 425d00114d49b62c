/**
 * Micro-benchmark: what the follower pays for knowing a query: index expressions, sources of ES|QL,
 * fingerprints, and joining pages into reads.
 *
 * Usage: node stress/micro/query-facts.ts [rounds=20000]
 *
 * Prints microseconds a call, the best of five runs.
 */
import { Buffer } from "node:buffer";
import { argv, stdout } from "node:process";

import { esqlSources } from "../../src/elasticsearch/esql/esql-sources.ts";
import { BodyFingerprinter } from "../../src/elasticsearch/fingerprint/body-fingerprint.ts";
import { fingerprintText } from "../../src/elasticsearch/fingerprint/body-fingerprint.ts";
import { parseIndexExpressions } from "../../src/elasticsearch/names/index-expression.ts";
import { coversIndex } from "../../src/elasticsearch/names/index-matcher.ts";
import { DistinctSketch } from "../../src/elasticsearch/reads/distinct-sketch.ts";
import { ReadJoiner } from "../../src/elasticsearch/reads/read-joiner.ts";

const rounds = Number(argv[2] ?? 20_000);
const now = Date.parse("2026-03-22T12:00:00Z");

const search = Buffer.from(
  JSON.stringify({
    query: {
      bool: {
        must: [{ match: { title: "some words" } }, { terms: { tag: ["a", "b", "c"] } }],
        filter: [
          { range: { "@timestamp": { gte: "now-1d", lt: "now" } } },
          { term: { "host.name": "web-1" } },
        ],
      },
    },
    size: 10,
    sort: [{ "@timestamp": "desc" }],
    _source: ["a", "b"],
    aggs: { hosts: { terms: { field: "host.name", size: 5 } } },
  }),
);
const esql =
  'FROM logs-nginx-* METADATA _id, _index | WHERE @timestamp >= "2026-01-01" AND status == 500 ' +
  "| STATS c = COUNT(*), m = MAX(duration) BY host.name | SORT c DESC | LIMIT 100";

const fingerprinter = new BodyFingerprinter("dsl");
const ignore = (): void => undefined;
const joiner = new ReadJoiner({ assigned: ignore, merged: ignore, ended: ignore });
const watched = parseIndexExpressions("patients-*,-patients-test-*", now);
const sketch = new DistinctSketch();
let pages = 0;

const cases: Readonly<Record<string, () => unknown>> = {
  "index list": () => parseIndexExpressions("logs-*,-logs-test-*,eu:<metrics-{now/d}>", now),
  "covers an index": () => coversIndex(watched, ".ds-patients-2026.03.22-000001"),
  "ES|QL sources": () => esqlSources(esql),
  "ES|QL fingerprint": () => fingerprintText("esql", esql),
  "search fingerprint": () => {
    fingerprinter.reset();
    fingerprinter.write(search);
    return fingerprinter.finish();
  },
  "page joined": () => {
    pages += 1;
    const cursors = [{ kind: "scroll", digest: `s${pages % 1000}` }];
    joiner.add({
      id: `p${pages}`,
      role: "page",
      startedMs: now + pages,
      endedMs: now + pages + 5,
      status: 200,
      user: "alice",
      indices: [],
      fingerprint: undefined,
      continues: false,
      requestCursors: cursors,
      responseCursors: cursors,
      documents: 10,
      bytes: 1000,
      ids: undefined,
      keepAliveMs: undefined,
    });
  },
  "document counted": () => {
    sketch.add(".ds-patients-2026.03.22-000001", `AVk8fj39xyz${(pages += 1)}`);
  },
};

for (const [name, run] of Object.entries(cases)) {
  let best = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 5; attempt += 1) {
    const start = performance.now();
    for (let round = 0; round < rounds; round += 1) run();
    best = Math.min(best, ((performance.now() - start) * 1000) / rounds);
  }
  stdout.write(`${name.padEnd(24)}${best.toFixed(2).padStart(8)} µs\n`);
}
