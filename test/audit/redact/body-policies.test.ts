import assert from "node:assert/strict";
import test from "node:test";

import { bodyPolicies } from "../../../src/audit/redact/body-policies.ts";
import { apiEndpoints } from "../../../src/elasticsearch/api/api-endpoint.ts";

const named = bodyPolicies.flatMap(({ endpoints }) =>
  endpoints.split(/\s+/).filter((name) => name !== ""),
);

test("every API endpoint has one policy for its bodies", () => {
  assert.deepEqual(
    named.filter((name, at) => named.indexOf(name) !== at),
    [],
  );
  const decided = new Set(named);
  assert.deepEqual(
    apiEndpoints()
      .map(({ name }) => name)
      .filter((name) => !decided.has(name)),
    [],
  );
});

test("every policy names API endpoints that there are", () => {
  const known = new Set(apiEndpoints().map(({ name }) => name));
  assert.deepEqual(
    named.filter((name) => !known.has(name)),
    [],
  );
});
