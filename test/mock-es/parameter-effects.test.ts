import assert from "node:assert/strict";
import { test } from "node:test";
import { acceptedParameters } from "../../mock-es/rest/accepted-parameters.ts";
import { QueryParameters } from "../../mock-es/rest/query-parameters.ts";
import type { Route } from "../../mock-es/rest/route.ts";
import { routeTable } from "../../mock-es/route-table.ts";
import { send, startFor } from "./running-mock.ts";

/** Read for every API endpoint, or for every cat endpoint, outside of the handlers. */
const everywhere: ReadonlySet<string> = new Set(
  "pretty human error_trace filter_path format source source_content_type h v s help bytes size time ts pri".split(
    " ",
  ),
);

/** Accepted and without effect, as in the real server or because there is one node only. */
const withoutEffect: Readonly<Record<string, string>> = {
  accept_enterprise: "the licence is a basic one",
  actions: "no task is there to be cancelled",
  allow_closed: "closed indices have no segments",
  allow_partial_search_results: "a point in time is opened over one node",
  cause: "a word for the log",
  context: "scripts are compiled where they are used",
  create: "a simulation without a body creates nothing",
  detailed: "recoveries have no details",
  fields: "there are no caches to clear",
  flat_settings: "the answer shows no settings",
  follow_relocations: "tasks do not move",
  include_bootstrap: "there are no plugins",
  include_defaults: "the answer has no body",
  include_unloaded_segments: "cat tables show open indices",
  lang: "of scripts that are refused",
  local: "there is one node",
  max_concurrent_shard_requests: "shards are searched one after the other",
  metric: "stands in the path",
  min_compatible_shard_node: "there is one node",
  node_id: "stands in the path",
  nodes: "no task is there to be cancelled",
  parent_task_id: "no task is there to be cancelled",
  project_routing: "there is one project",
  request_cache: "answers are the same",
  rest_total_hits_as_int: "a scroll that does not exist has no hits",
  scroll_id: "stands in the path",
  search_type: "documents that are found do not depend on scores",
  version: "hits of a by-query request are not shown",
  version_type: "the mock's by-query requests end before another write begins",
  wait_for_active_shards: "asked when an index was made, opened or written to",
  wait_for_completion: "every task has ended",
  wait_for_timeout: "nothing is waited for",
};

/** What a request needs before its other parameters are read. */
const needed: Readonly<Record<string, string>> = {
  search: "q=x&",
  "async_search.submit": "q=x&",
  count: "q=x&",
  explain: "q=x&",
  "indices.validate_query": "q=x&",
  delete_by_query: "q=x&",
  update_by_query: "q=x&",
  "cluster.allocation_explain": "index=a&",
  field_caps: "fields=*&",
  open_point_in_time: "keep_alive=1m&",
};

const bodies: Readonly<Record<string, unknown>> = {
  "sql.translate": { query: "select a from b" },
  "sql.query": { query: "select a from b" },
  "eql.search": { query: "any where true" },
  "esql.query": { query: "row a = 1" },
  "esql.async_query": { query: "row a = 1" },
  bulk: '{"index":{"_index":"a","_id":"2"}}\n{"n":1}\n',
  clear_scroll: { scroll_id: ["x"] },
  close_point_in_time: { id: "x" },
  "cluster.put_component_template": { template: {} },
  "cluster.put_settings": { persistent: { "search.max_buckets": 100 } },
  create: { n: 1 },
  index: { n: 1 },
  "indices.analyze": { text: "x" },
  "ingest.put_pipeline": { processors: [] },
  "ingest.simulate": { docs: [] },
  "simulate.ingest": { docs: [{ _source: {} }] },
  "indices.put_index_template": { index_patterns: ["w*"] },
  "indices.put_mapping": { properties: {} },
  "indices.put_settings": { "index.number_of_replicas": 0 },
  "indices.put_template": { index_patterns: ["w*"] },
  "indices.split": { settings: { "index.number_of_shards": 2 } },
  "indices.update_aliases": { actions: [{ add: { index: "a", alias: "q" } }] },
  mget: { docs: [{ _index: "a", _id: "1" }] },
  msearch: '{"index":"a"}\n{}\n',
  mtermvectors: { ids: ["1"] },
  put_script: { script: { lang: "painless", source: "1" } },
  "security.bulk_delete_role": { names: [] },
  "security.bulk_put_role": { roles: {} },
  "security.change_password": { password: "secret" },
  "security.create_api_key": { name: "k" },
  "security.grant_api_key": { grant_type: "password", api_key: { name: "k" } },
  "security.put_privileges": { shop: { read: { actions: ["a:b"] } } },
  "security.put_role": { cluster: ["all"] },
  "security.put_role_mapping": {
    roles: ["viewer"],
    enabled: true,
    rules: { field: { username: "u" } },
  },
  "security.put_user": { password: "secret", roles: [] },
  msearch_template: '{"index":"a"}\n{"source":"{}"}\n',
  rank_eval: { requests: [], metric: { dcg: {} } },
  render_search_template: { source: "{}" },
  "snapshot.clone": { indices: "a" },
  "snapshot.create_repository": { type: "fs", settings: { location: "l" } },
  "slm.put_lifecycle": { name: "n", schedule: "1d", repository: "r" },
  search_template: { source: "{}" },
  "synonyms.put_synonym": { synonyms_set: [] },
  "synonyms.put_synonym_rule": { synonyms: "a, b" },
  reindex: { source: { index: "a" }, dest: { index: "b" } },
  terms_enum: { field: "t" },
  update: { doc: { n: 2 } },
};

const values: Readonly<Record<string, string>> = {
  alias: "al",
  block: "write",
  fields: "t",
  id: "1",
  index: "a",
  metric: "_all",
  node_id: "_all",
  scroll_id: "x",
  target: "tt",
  task_id: "x:1",
};

function targetOf({ path, apiEndpoint }: Route): string {
  return path.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    if (name === "id" && apiEndpoint === "create") return "new";
    return values[name] ?? "al";
  });
}

test("every accepted parameter is read, or changes nothing for a reason", async (t) => {
  const mock = await startFor(t, { security: { elasticPassword: "secret" } });
  const headers = { authorization: `Basic ${Buffer.from("elastic:secret").toString("base64")}` };
  const read = new Set<string>();
  for (const method of ["text", "has", "flag", "list", "number", "integer"] as const) {
    const original = QueryParameters.prototype[method] as (...args: unknown[]) => unknown;
    t.mock.method(QueryParameters.prototype, method, function (this: unknown, ...args: unknown[]) {
      read.add(String(args[0]));
      return original.apply(this, args);
    });
  }
  const isRead = async (route: Route, name: string, value: string): Promise<boolean> => {
    await send(mock, "PUT", "/a/_doc/1", { headers, body: { t: "x" } });
    await send(mock, "PUT", "/a/_alias/al", { headers });
    read.clear();
    const { apiEndpoint, methods } = route;
    const method = methods.includes("POST") ? "POST" : (methods[0] ?? "GET");
    const target = `${targetOf(route)}?${needed[apiEndpoint] ?? ""}${name}=${value}`;
    const body = route.body === "none" ? undefined : bodies[apiEndpoint];
    await send(mock, method, target, body === undefined ? { headers } : { headers, body });
    return read.has(name);
  };
  const unread: string[] = [];
  const routes = Map.groupBy(routeTable, (route) => route.apiEndpoint);
  for (const [apiEndpoint, own] of routes) {
    for (const name of acceptedParameters(apiEndpoint)) {
      if (everywhere.has(name) || Object.hasOwn(withoutEffect, name)) continue;
      // A query is valid or not, whatever shard it goes to.
      if (apiEndpoint === "indices.validate_query" && name === "routing") continue;
      let found = false;
      for (const route of own)
        for (const value of ["1", "true", "zz"]) found ||= await isRead(route, name, value);
      if (!found) unread.push(`${apiEndpoint} ${name}`);
    }
  }
  assert.deepEqual(unread, []);
});

test("refuses parameters that it does not honour, and what does not belong together", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1", { body: { t: "x" } });
  const reasons: Readonly<Record<string, string>> = {
    "/a/_search?df=t": "contains parameters [df] but missing query string parameter 'q'.",
    "/a/_search?suggest_field=t": "[suggest_field] of [search] is not supported by mock-es",
    "/a/_doc/1?force_synthetic_source=true": "[force_synthetic_source=true] is not supported",
    "/a/_doc/1?_slice=x": "request does not support [_slice]",
    "/_cluster/state?flat_settings=true": "[flat_settings=true] of [cluster.state] is not",
    "/_cluster/health?wait_for_events=soon": "No enum constant org.elasticsearch.common.Priority",
    "/_cluster/pending_tasks?master_timeout=long": "failed to parse setting [master_timeout]",
    "/a/_explain/1?df=t": "contains unrecognized parameter: [df]",
  };
  for (const [target, reason] of Object.entries(reasons)) {
    const answer = await send(mock, "GET", target);
    assert.equal(answer.status, 400, target);
    assert.ok(answer.text.includes(reason), `${target}: ${answer.text}`);
  }
  assert.equal((await send(mock, "GET", "/a/_doc/1?force_synthetic_source=false")).status, 200);
  const hidden = await send(mock, "PUT", "/a/_doc/2?include_source_on_error=false", {
    body: '{"a":',
  });
  assert.match(hidden.text, /Source: REDACTED/);
});
