import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import test from "node:test";
import { httpErrors } from "../../src/core/http-errors.ts";
import type { HttpErrorCode } from "../../src/core/http-errors.ts";
import { slot, layouts } from "../../src/metrics/metric-slots.ts";
import { catalogue, metricNames } from "../../src/metrics/catalogue.ts";
import type { MetricSpec } from "../../src/metrics/catalogue.ts";
import { countersOf, mergeSnapshots, withoutVanished } from "../../src/metrics/merge.ts";
import { ProcessMeter } from "../../src/metrics/process-meter.ts";
import { prometheusText } from "../../src/metrics/prometheus-text.ts";
import { Registry } from "../../src/metrics/registry.ts";
import { outcomes, RouteMetrics } from "../../src/metrics/route-metrics.ts";
import { parseExposition } from "./exposition.ts";
import type { Sample } from "./exposition.ts";

/** A registry in which everything was used once. */
function usedRegistry(): Registry {
  const registry = new Registry();
  const route = new RouteMetrics(registry.block("route", "es", '/a"b\\c\nd').values);
  const codes = Object.keys(httpErrors) as HttpErrorCode[];
  for (const code of codes) route.failed(code);
  for (const status of [0, 101, 200, 304, 404, 503, 999])
    for (const outcome of outcomes) {
      route.began();
      route.received(100);
      route.sent(1000);
      route.ended(status / 3, status, outcome, 2, true);
    }
  for (const [index] of registry.block("listener", "es").values.entries())
    registry.block("listener", "es").values[index] = index + 0.5;
  registry.block("endpoint", "p", "http://[::1]:9200").values[slot.endpoint.healthy] = 1;
  registry.block("tcp", "git");
  registry.block("pool", "p");
  registry.block("audit");
  registry.block("follower");
  registry.block("shipping");
  registry.block("coverage");
  registry.block("service").values[slot.service.reloadsOk] = 3;
  const meter = new ProcessMeter(registry, "1.2.3");
  meter.collect();
  meter.close();
  return registry;
}

function find(
  samples: readonly Sample[],
  labels: Readonly<Record<string, string>>,
): number | undefined {
  return samples.find((sample) =>
    Object.entries(labels).every(([name, value]) => sample.labels[name] === value),
  )?.value;
}

function samplesOf(registry: Registry, name: string): readonly Sample[] {
  return (
    parseExposition(prometheusText(registry.snapshot())).find((family) => family.name === name)
      ?.samples ?? []
  );
}

test("every metric of the catalogue is in the text, in its order, with its help, its type and its labels", () => {
  const families = parseExposition(prometheusText(usedRegistry().snapshot()));
  assert.deepEqual(
    families.map(({ name }) => name),
    metricNames,
  );
  for (const { name, help, type, samples } of families) {
    const spec: MetricSpec = catalogue[name as keyof typeof catalogue];
    assert.deepEqual([help, type], [spec.help, spec.type]);
    assert.ok(samples.length > 0, `${name} has no sample`);
    for (const { labels } of samples) {
      const { le: _le, ...own } = labels;
      assert.deepEqual(Object.keys(own), spec.labels, name);
    }
  }
});

test("names follow the rules: prefix, base units, _total for counters and for nothing else", () => {
  for (const [name, { type, labels, help }] of Object.entries<MetricSpec>(catalogue)) {
    assert.match(name, /^es_proxy_[a-z0-9]+(_[a-z0-9]+)*$/);
    assert.equal(name.endsWith("_total"), type === "counter", name);
    assert.doesNotMatch(name, /millis|_ms\b|kilo|mega|percent|minutes|_count$|_sum$|_bucket$/);
    assert.ok(
      !labels.some((label) => ["le", "quantile", "path", "user", "client", "id"].includes(label)),
      name,
    );
    assert.doesNotMatch(help, /\.$/);
  }
});

test("the table of the operator's guide is the catalogue", () => {
  const guide = readFileSync(new URL("../../deploy/README.md", import.meta.url), "utf8");
  const rows = [...guide.matchAll(/^\| `(es_proxy_\w+)` \| (\w+) \| (.*?) \| (.*?) \|$/gm)].map(
    ([, name, type, labels, help]) => ({ name, type, labels, help }),
  );
  const wanted = Object.entries<MetricSpec>(catalogue).map(([name, { type, labels, help }]) => ({
    name,
    type,
    labels: labels.map((label) => `\`${label}\``).join(", "),
    help,
  }));
  assert.deepEqual(rows, wanted);
});

test("every number that is kept belongs to a metric of the catalogue, and every metric has a number", () => {
  const kept = new Set(
    Object.values(layouts).flatMap(({ slots }) => slots.map(({ metric }) => metric)),
  );
  assert.deepEqual(
    [...metricNames].filter((name) => !kept.has(name)),
    [],
  );
});

test("label values with quotes, backslashes and line feeds survive the text", () => {
  assert.equal(find(samplesOf(usedRegistry(), "es_proxy_requests_active"), { listener: "es" }), 0);
  assert.deepEqual(
    samplesOf(usedRegistry(), "es_proxy_requests_active").map(({ labels }) => labels["route"]),
    ['/a"b\\c\nd'],
  );
});

test("an exchange is counted once by class and outcome, in one bucket, with its retries and its failure", () => {
  const registry = new Registry();
  const route = new RouteMetrics(registry.block("route", "es", "/").values);
  route.began();
  route.ended(7, 502, "upstream_failed", 3, true);
  route.failed("ESP_ERR_UPSTREAM_RESET");
  const counted = samplesOf(registry, "es_proxy_requests_total");
  assert.equal(find(counted, { status_class: "5xx", outcome: "upstream_failed" }), 1);
  assert.equal(
    counted.reduce((sum, { value }) => sum + value, 0),
    1,
  );
  const buckets = samplesOf(registry, "es_proxy_request_duration_seconds");
  assert.deepEqual(
    [find(buckets, { le: "0.005" }), find(buckets, { le: "0.01" }), find(buckets, { le: "+Inf" })],
    [0, 1, 1],
  );
  assert.equal(buckets.find(({ name }) => name.endsWith("_sum"))?.value, 0.007);
  assert.equal(samplesOf(registry, "es_proxy_retries_total")[0]?.value, 2);
  assert.equal(samplesOf(registry, "es_proxy_upstream_aborts_total")[0]?.value, 1);
  assert.equal(samplesOf(registry, "es_proxy_requests_active")[0]?.value, 0);
  assert.deepEqual(
    samplesOf(registry, "es_proxy_request_failures_total").map(({ labels, value }) => [
      labels["code"],
      value,
    ]),
    [["ESP_ERR_UPSTREAM_RESET", 1]],
  );
});

test("a duration that is exactly a bound belongs to the bucket of that bound", () => {
  const registry = new Registry();
  new RouteMetrics(registry.block("route", "es", "/").values).ended(10, 200, "completed", 1, false);
  const buckets = samplesOf(registry, "es_proxy_request_duration_seconds");
  assert.deepEqual([find(buckets, { le: "0.005" }), find(buckets, { le: "0.01" })], [0, 1]);
});

test("numbers of several processes are summed, health is the worst of them", () => {
  const [one, two] = [new Registry(), new Registry()];
  for (const [registry, healthy, count] of [
    [one, 1, 2],
    [two, 0, 3],
  ] as const) {
    const { values } = registry.block("endpoint", "p", "http://a");
    values[slot.endpoint.healthy] = healthy;
    values[slot.endpoint.requests] = count;
    values[slot.endpoint.ejected] = healthy;
    values[slot.endpoint.open] = count;
  }
  const [merged] = mergeSnapshots([one.snapshot(), two.snapshot()]);
  const { healthy, requests, ejected, open } = slot.endpoint;
  assert.deepEqual(
    [healthy, requests, ejected, open].map((index) => merged?.values[index]),
    [0, 5, 1, 5],
  );
});

test("of a process that has ended the counters stay and the gauges go", () => {
  const [dead, alive] = [new Registry(), new Registry()];
  for (const registry of [dead, alive]) {
    const { values } = registry.block("endpoint", "p", "http://a");
    values[slot.endpoint.healthy] = 1;
    values[slot.endpoint.requests] = 2;
    values[slot.endpoint.open] = 4;
  }
  const left = countersOf(dead.snapshot());
  const [merged] = mergeSnapshots([left, alive.snapshot()]);
  const { healthy, requests, open } = slot.endpoint;
  assert.deepEqual(
    [healthy, requests, open].map((index) => merged?.values[index]),
    [1, 4, 4],
  );
  assert.deepEqual(withoutVanished(left, [new Registry().snapshot()]), []);
});

test("a block is the same one for the same labels, and is forgotten when the configuration no longer names it", () => {
  const registry = new Registry();
  const kept = registry.block("pool", "a");
  registry.block("pool", "b");
  registry.block("audit");
  assert.equal(registry.block("pool", "a"), kept);
  registry.keep("pool", new Set([kept]));
  assert.deepEqual(
    registry.snapshot().map(({ kind, labels }) => [kind, ...labels]),
    [["pool", "a"], ["audit"]],
  );
});

const promtool = spawnSync("promtool", ["--version"]).error === undefined;
test(
  "promtool has nothing to say about the text",
  { skip: promtool ? false : "promtool is not on PATH (Debian: prometheus)" },
  () => {
    const { status, stdout, stderr } = spawnSync("promtool", ["check", "metrics"], {
      input: prometheusText(usedRegistry().snapshot()),
      encoding: "utf8",
    });
    assert.deepEqual([status, stdout, stderr], [0, "", ""]);
  },
);

for (const [why, text] of Object.entries({
  "no line feed at the end": "# HELP a b\n# TYPE a gauge\na 1",
  "a sample without its type": "a 1\n",
  "a label without quotes": "# HELP a b\n# TYPE a gauge\na{b=c} 1\n",
  "a line feed in a label": '# HELP a b\n# TYPE a gauge\na{b="c\n"} 1\n',
  "a series twice": '# HELP a b\n# TYPE a gauge\na{b="c"} 1\na{b="c"} 2\n',
  "buckets that fall":
    '# HELP a b\n# TYPE a histogram\na_bucket{le="1"} 2\na_bucket{le="+Inf"} 1\na_sum 1\na_count 1\n',
  "a count that is not the last bucket's":
    '# HELP a b\n# TYPE a histogram\na_bucket{le="+Inf"} 1\na_sum 1\na_count 2\n',
}))
  test(`the grammar of these tests refuses ${why}`, () => {
    assert.throws(() => parseExposition(text));
  });
