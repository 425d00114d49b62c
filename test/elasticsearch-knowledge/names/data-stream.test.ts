import assert from "node:assert/strict";
import test from "node:test";

import { dataStreamOf } from "../../../src/elasticsearch/names/data-stream.ts";

test("reads the data stream of a backing index", () => {
  for (const [index, stream, component] of [
    [".ds-logs-nginx-default-2024.03.22-000001", "logs-nginx-default", "data"],
    [".fs-logs-nginx-default-2024.03.22-000012", "logs-nginx-default", "failures"],
    [".ds-my.stream-000003", "my.stream", "data"],
    [".ds-.hidden-2024.03.22-1000000", ".hidden", "data"],
    [".ds-a-2024.01.01-b-2024.03.22-000001", "a-2024.01.01-b", "data"],
    ["partial-.ds-metrics-2024.03.22-000001", "metrics", "data"],
    ["restored-.ds-metrics-2024.03.22-000001", "metrics", "data"],
    ["shrink-x5qk-.ds-metrics-2024.03.22-000001", "metrics", "data"],
    ["downsample-1h-.ds-metrics-2024.03.22-000001", "metrics", "data"],
    ["downsample-ab3d-1h-.ds-metrics-2024.03.22-000001", "metrics", "data"],
    ["partial-shrink-x5qk-.ds-metrics-2024.03.22-000001", "metrics", "data"],
    [".reindexed-v9-ds-metrics-2024.03.22-000001", "metrics", "data"],
    [".migrated-ds-metrics-2024.03.22-000001", "metrics", "data"],
  ] as const) {
    assert.deepEqual(dataStreamOf(index), { stream, component }, index);
  }
});

test("takes no other name for a backing index", () => {
  for (const index of [
    "logs",
    "ds",
    ".ds-logs",
    ".ds-logs-2024.03.22",
    ".ds-logs-2024.03.22-00001",
    ".ds--000001x",
    "x.ds-logs-2024.03.22-000001",
    `.ds-${"a".repeat(400)}-000001`,
  ]) {
    assert.equal(dataStreamOf(index), undefined, index);
  }
});
