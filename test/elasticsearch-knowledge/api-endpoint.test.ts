import assert from "node:assert/strict";
import test from "node:test";

import { apiEndpoints, matchApiEndpoint } from "../../src/elasticsearch/api/api-endpoint.ts";
import { endpointsAToL } from "../../src/elasticsearch/api/endpoint-table-a-to-l.ts";
import { endpointsMToZ } from "../../src/elasticsearch/api/endpoint-table-m-to-z.ts";

const classes = new Set(["read", "write", "admin", "security", "meta"]);
const retries = new Set([
  "read",
  "opens_state",
  "moves_cursor",
  "idempotent_write",
  "bulk",
  "never",
]);

/** method, target, name, class, retry, indices */
const calls: readonly (readonly [string, string, string, string, string, string])[] = [
  ["GET", "/", "info", "meta", "read", ""],
  ["HEAD", "/", "ping", "meta", "read", ""],
  ["POST", "/_bulk", "bulk", "write", "bulk", ""],
  ["PUT", "/logs/_bulk?filter_path=errors", "bulk", "write", "bulk", "logs"],
  ["GET", "/_search", "search", "read", "read", ""],
  ["POST", "/a,b*/_search?size=1", "search", "read", "read", "a b*"],
  ["POST", "/a/_search?size=1&scroll=1m", "search", "read", "opens_state", "a"],
  ["POST", "/a/_search?sc%72oll=1m", "search", "read", "opens_state", "a"],
  ["POST", "/a/_search?q=scroll=1m", "search", "read", "read", "a"],
  ["POST", "/_search/scroll", "scroll", "read", "moves_cursor", ""],
  ["DELETE", "/_search/scroll", "clear_scroll", "read", "never", ""],
  ["POST", "/a/_pit?keep_alive=1m", "open_point_in_time", "read", "opens_state", "a"],
  ["POST", "/_async_search", "async_search.submit", "read", "opens_state", ""],
  ["POST", "/_msearch", "msearch", "read", "read", ""],
  ["GET", "/_mget", "mget", "read", "read", ""],
  ["POST", "/a/_count", "count", "read", "read", "a"],
  ["POST", "/a/_field_caps?fields=*", "field_caps", "read", "read", "a"],
  ["POST", "/a/_terms_enum", "terms_enum", "read", "read", "a"],
  ["POST", "/a/_validate/query", "indices.validate_query", "read", "read", "a"],
  ["POST", "/a/_explain/1", "explain", "read", "read", "a"],
  ["POST", "/_search/template", "search_template", "read", "read", ""],
  ["POST", "/_query", "esql.query", "read", "read", ""],
  ["POST", "/_sql", "sql.query", "read", "moves_cursor", ""],
  ["PUT", "/a/_doc/1", "index", "write", "idempotent_write", "a"],
  ["PUT", "/a/_doc/1?op_type=create", "index", "write", "never", "a"],
  ["PUT", "/a/_doc/1?version=3&version_type=external", "index", "write", "never", "a"],
  ["POST", "/a/_doc", "index", "write", "never", "a"],
  ["POST", "/a/_doc/1", "index", "write", "never", "a"],
  ["PUT", "/a/_create/1", "create", "write", "never", "a"],
  ["DELETE", "/a/_doc/1", "delete", "write", "idempotent_write", "a"],
  ["GET", "/a/_doc/1", "get", "read", "read", "a"],
  ["HEAD", "/a/_doc/1", "exists", "read", "read", "a"],
  ["POST", "/a/_update/1", "update", "write", "never", "a"],
  ["POST", "/a/_delete_by_query", "delete_by_query", "write", "never", "a"],
  ["POST", "/a%2Cb/_update_by_query", "update_by_query", "write", "never", "a b"],
  ["POST", "/_reindex", "reindex", "write", "never", ""],
  ["PUT", "/a", "indices.create", "admin", "never", "a"],
  ["DELETE", "/a,b", "indices.delete", "admin", "never", "a b"],
  ["HEAD", "/a", "indices.exists", "meta", "read", "a"],
  ["GET", "/a", "indices.get", "meta", "read", "a"],
  ["POST", "/a/_refresh", "indices.refresh", "admin", "idempotent_write", "a"],
  ["POST", "/_aliases", "indices.update_aliases", "admin", "never", ""],
  // Routes of the server that the specification does not name.
  ["GET", "/_aliases", "indices.get_alias", "meta", "read", ""],
  ["PUT", "/a/_alias", "indices.put_alias", "admin", "never", "a"],
  ["PUT", "/a/_aliases", "indices.put_alias", "admin", "never", "a"],
  ["PUT", "/_alias/x", "indices.put_alias", "admin", "never", ""],
  ["POST", "/_aliases/x", "indices.put_alias", "admin", "never", ""],
  ["PUT", "/a/_mappings", "indices.put_mapping", "admin", "idempotent_write", "a"],
  ["GET", "/_mappings", "indices.get_mapping", "meta", "read", ""],
  ["GET", "/a/_setting/index.refresh_interval", "indices.get_settings", "meta", "read", "a"],
  ["POST", "/_pit?keep_alive=1m", "open_point_in_time", "read", "opens_state", ""],
  ["POST", "/_close", "indices.close", "admin", "never", ""],
  ["PUT", "/_index_template/t", "indices.put_index_template", "admin", "idempotent_write", ""],
  ["PUT", "/_cluster/settings", "cluster.put_settings", "admin", "idempotent_write", ""],
  ["GET", "/_cluster/health", "cluster.health", "meta", "read", ""],
  ["GET", "/_cluster/health/a", "cluster.health", "meta", "read", "a"],
  ["GET", "/_cat/indices/a*?v", "cat.indices", "meta", "read", "a*"],
  ["HEAD", "/_cat/indices", "cat.indices", "meta", "read", ""],
  ["GET", "/_nodes/_all/http", "nodes.info", "meta", "read", ""],
  ["GET", "/_nodes/http", "nodes.info", "meta", "read", ""],
  ["PUT", "/_data_stream/logs-a", "indices.create_data_stream", "admin", "never", "logs-a"],
  ["POST", "/a/_rollover/b", "indices.rollover", "admin", "never", "a b"],
  ["PUT", "/a/_clone/b", "indices.clone", "admin", "never", "a b"],
  ["PUT", "/_inference/completion/x", "inference.put", "admin", "never", ""],
  ["PUT", "/_security/user/bob", "security.put_user", "security", "never", ""],
  ["POST", "/_security/user/bob/_password", "security.change_password", "security", "never", ""],
  ["POST", "/_security/user/_password", "security.change_password", "security", "never", ""],
  ["GET", "/_security/_authenticate", "security.authenticate", "security", "read", ""],
  ["POST", "/_security/future/call", "unknown", "security", "never", ""],
  ["POST", "/security/_unheard", "unknown", "unknown", "never", "security"],
  ["GET", "/_all/_search", "search", "read", "read", "_all"],
  ["GET", "/%3Clogs-%7Bnow%2Fd%7D%3E/_search", "search", "read", "read", "<logs-{now/d}>"],
  ["GET", "/remote:a,-b/_search", "search", "read", "read", "remote:a -b"],
  ["GET", "/a/_doc/%C3%A9%2F%20x", "get", "read", "read", "a"],
  ["GET", "/a/_doc/_search", "get", "read", "read", "a"],
  ["GET", "/a/_search/", "search", "read", "read", "a"],
  ["GET", "http://es:9200/a/_search", "search", "read", "read", "a"],
  ["GET", "/_unheard", "unknown", "unknown", "never", ""],
  ["GET", "/a/_unheard", "unknown", "unknown", "never", "a"],
  ["GET", "/_unheard/_search", "unknown", "unknown", "never", ""],
  ["PATCH", "/a/_doc/1", "unknown", "unknown", "never", "a"],
  ["GET", "//_search", "search", "read", "read", ""],
  ["GET", "/_search?=index=a", "search", "read", "read", "a"],
  ["GET", "/_search?index=a&==index=b", "search", "read", "read", "b"],
  ["GET", "/_search?=scroll=1m", "search", "read", "opens_state", ""],
  ["GET", "/%3Cx,a,y%3E/_search", "search", "read", "read", "<x a y>"],
  ["GET", '/"x,a,y"/_search', "search", "read", "read", '"x a y"'],
  ["GET", "/_cluster/state?indices=a", "cluster.state", "meta", "read", "a"],
  ["GET", "/_data_stream?name=a", "indices.get_data_stream", "meta", "read", "a"],
  ["GET", "/_resolve/cluster?name=a,b", "indices.resolve_cluster", "meta", "read", "a b"],
  ["GET", "/_resolve/cluster/a,b", "indices.resolve_cluster", "meta", "read", "a b"],
  ["POST", "/a/_rollover?new_index=b", "indices.rollover", "admin", "never", "a b"],
  ["POST", "/a/_rollover/b?new_index=c", "indices.rollover", "admin", "never", "a b"],
  ["OPTIONS", "*", "unknown", "unknown", "never", ""],
  ["GET", "", "unknown", "unknown", "never", ""],
  ["GET", "/%zz/_search", "search", "read", "read", "%zz"],
  ["GET", "/__proto__/_search", "unknown", "unknown", "never", ""],
  ["GET", "/constructor/_search", "search", "read", "read", "constructor"],
];

test("names, classifies and finds the indices of calls", () => {
  for (const [method, target, name, kind, retry, indices] of calls) {
    const match = matchApiEndpoint(method, target);
    const found = [
      match.endpoint.name,
      match.endpoint.class,
      match.endpoint.retry,
      match.indices.join(" "),
    ];
    assert.deepEqual(found, [name, kind, retry, indices], `${method} ${target}`);
  }
});

test("gives the index as received", () => {
  assert.equal(matchApiEndpoint("GET", "/%3Ca%3E,b/_search?x=1").index, "%3Ca%3E,b");
  assert.equal(matchApiEndpoint("GET", "/_search").index, undefined);
});

test("every endpoint has a class and a retry class", () => {
  const all = apiEndpoints();
  assert.ok(all.length > 550);
  for (const endpoint of all) {
    assert.ok(classes.has(endpoint.class), `${endpoint.name}: ${endpoint.class}`);
    assert.ok(retries.has(endpoint.retry), `${endpoint.name}: ${endpoint.retry}`);
  }
  assert.ok(
    all.some((endpoint) => endpoint.deprecated) && all.some((endpoint) => !endpoint.deprecated),
  );
});

test("every method and path of the table leads to its own endpoint", () => {
  let routes = 0;
  for (const line of (endpointsAToL + endpointsMToZ).split("\n")) {
    const [name = "", , , , ...urls] = line.split("|");
    for (const url of urls) {
      const [methods = "", path = ""] = url.split(" ");
      for (const method of methods.split(",")) {
        const target = path.replaceAll(/\{[^}]*\}/g, "x1");
        assert.equal(matchApiEndpoint(method, target).endpoint.name, name, `${method} ${path}`);
        routes += 1;
      }
    }
  }
  assert.ok(routes > 800, `${routes} routes`);
});

test("no call that changes something may be repeated as a read", () => {
  for (const endpoint of apiEndpoints())
    if (endpoint.class === "write" || endpoint.class === "admin")
      assert.ok(endpoint.retry !== "read" || /get|stats|status/.test(endpoint.name), endpoint.name);
});

test("answers repeated calls from memory, and the memory is bounded", () => {
  const first = matchApiEndpoint("GET", "/cached/_search?x=1");
  assert.equal(matchApiEndpoint("GET", "/cached/_search?x=1"), first);
  const long = `/a/_doc/${"x".repeat(2000)}`;
  const longMatch = matchApiEndpoint("GET", long);
  assert.equal(matchApiEndpoint("GET", long), longMatch, "the last long target is kept");
  assert.equal(matchApiEndpoint("DELETE", long).endpoint.name, "delete");
  assert.notEqual(matchApiEndpoint("GET", long), longMatch, "further long targets are not");
  const post = matchApiEndpoint("POST", "/cached/_search?x=1");
  assert.notEqual(post, first);
  assert.equal(matchApiEndpoint("POST", "/cached/_search?x=1"), post, "methods are kept apart");
  assert.equal(matchApiEndpoint("GET", "/cached/_search?x=1"), first);
  for (let at = 0; at < 10_000; at += 1) matchApiEndpoint(`M${at}`, "/cached/_search?x=1");
  assert.equal(matchApiEndpoint("GET", "/cached/_search?x=1"), first);
  assert.notEqual(
    matchApiEndpoint("M1", "/cached/_search?x=1"),
    matchApiEndpoint("M1", "/cached/_search?x=1"),
    "methods that a client has made up are not kept",
  );
  for (let at = 0; at < 10_000; at += 1) matchApiEndpoint("GET", `/a/_doc/${at}`);
  assert.notEqual(matchApiEndpoint("GET", "/cached/_search?x=1"), first, "old answers are dropped");
});

test("a path of very many segments or commas costs no more than its length", () => {
  assert.equal(matchApiEndpoint("GET", "/a".repeat(100_000)).endpoint.name, "unknown");
  assert.equal(matchApiEndpoint("GET", `/${",a".repeat(50_000)}/_search`).indices.length, 50_000);
});
