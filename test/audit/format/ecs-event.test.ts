import assert from "node:assert/strict";
import test from "node:test";

import { eventCategories, eventType } from "../../../src/audit/format/ecs/ecs-event.ts";
import { apiEndpoints, matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";

/** Expected types of each category: ECS 9.5 `schemas/event.yml`, read in November 2026. */
const expectedTypes: Readonly<Record<string, readonly string[]>> = {
  api: "access admin allowed change creation deletion denied end info start user".split(" "),
  authentication: ["start", "end", "info"],
  configuration: ["access", "change", "creation", "deletion", "info"],
  database: ["access", "change", "info", "error"],
  iam: ["admin", "change", "creation", "deletion", "group", "info", "user"],
  session: ["start", "end", "info"],
};

test("each type of each API endpoint is expected by one of its categories", () => {
  for (const endpoint of apiEndpoints())
    for (const status of [0, 200, 401, 403]) {
      const categories = JSON.parse(eventCategories(endpoint, status)) as string[];
      const types = JSON.parse(eventType(endpoint, status)) as string[];
      const expected = new Set(categories.flatMap((category) => expectedTypes[category] ?? []));
      assert.deepEqual(
        types.filter((type) => !expected.has(type)),
        [],
        `${endpoint.name} ${status}: ${categories.join()}`,
      );
    }
});

for (const [method, target, categories, types] of [
  ["GET", "/a/_search", ["api", "database"], ["access"]],
  ["POST", "/a/_search", ["api", "database"], ["access"]],
  ["PUT", "/a/_doc/1", ["api", "database"], ["change"]],
  ["PUT", "/a/_create/1", ["api", "database"], ["creation"]],
  ["DELETE", "/a/_doc/1", ["api", "database"], ["deletion"]],
  ["POST", "/a/_delete_by_query", ["api", "database"], ["deletion"]],
  ["POST", "/_bulk", ["api", "database"], ["change"]],
  ["PUT", "/a", ["api", "database", "configuration"], ["creation"]],
  ["DELETE", "/a", ["api", "database", "configuration"], ["deletion"]],
  ["PUT", "/a/_settings", ["api", "database", "configuration"], ["change"]],
  ["POST", "/a/_pit", ["api", "database", "session"], ["start"]],
  ["DELETE", "/_search/scroll", ["api", "database", "session"], ["end"]],
  ["PUT", "/_security/user/x", ["api", "database", "iam"], ["creation", "user"]],
  ["DELETE", "/_security/role/x", ["api", "database", "iam"], ["deletion", "group"]],
  ["DELETE", "/_security/api_key", ["api", "database", "iam"], ["deletion", "user"]],
] as const)
  test(`${method} ${target} is ${types.join()} of ${categories.join()}`, () => {
    const { endpoint } = matchApiEndpoint(method, target);
    assert.deepEqual(
      [JSON.parse(eventCategories(endpoint, 200)), JSON.parse(eventType(endpoint, 200))],
      [categories, types],
    );
  });

test("a refused call is a failed authentication or a denied access", () => {
  const { endpoint } = matchApiEndpoint("DELETE", "/a");
  assert.match(eventCategories(endpoint, 401), /"authentication"/);
  assert.equal(eventType(endpoint, 401), '["start"]');
  assert.equal(eventType(endpoint, 403), '["access","denied"]');
});
