import assert from "node:assert/strict";
import test from "node:test";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { nodeAddresses, withAddress } from "../../../src/elasticsearch/sniff/node-addresses.ts";
import { asksForAddresses } from "../../../src/elasticsearch/sniff/nodes-request.ts";
import { placesOf } from "../../../src/elasticsearch/sniff/publish-address.ts";

test("knows every request whose answer holds HTTP addresses of nodes", () => {
  for (const target of [
    "/_nodes/_all/http",
    "/_nodes/http",
    "/_nodes/http?timeout=1s",
    "/_nodes/http/",
    "/_nodes/http,settings?flat_settings=true",
    "/_nodes/settings,http",
    "/_nodes",
    "/_nodes/",
    "/_nodes?filter_path=nodes.*.http.publish_address",
    "/_nodes/_local",
    "/_nodes/_local/http",
    "/_nodes/node-1,node-2/_all",
    "/_nodes/os,node-1",
    "/_nodes/%68ttp",
    "/_nodes//http",
    "/_nodes/http//",
    "/_nodes/os?metrics=http",
    "http://es.example.com/_nodes/http",
  ])
    for (const method of ["GET", "HEAD"])
      assert.equal(asksForAddresses(matchApiEndpoint(method, target)), true, target);
});

test("takes no other request for one", () => {
  for (const target of [
    "/",
    "/_nodes/os",
    "/_nodes/_all/os,jvm",
    "/_nodes/_all/_none",
    "/_nodes/stats/http",
    "/_nodes/_local/stats",
    "/_nodes/hot_threads",
    "/_nodes/usage",
    "/logs/_search?q=_nodes/http",
    "/_nodes%2Fhttp",
    "/_cat/nodes?h=http",
    "/http/_doc/_nodes",
  ])
    assert.equal(asksForAddresses(matchApiEndpoint("GET", target)), false, target);
  assert.equal(asksForAddresses(matchApiEndpoint("POST", "/_nodes/http")), false);
});

const answer = `{ "_nodes" : {"total":2}, "cluster_name":"http", "http":{"publish_address":"no"},
 "nodes":{"a":{"name":"publish_address","http":{"bound_address":["[::1]:9200","127.0.0.1:9200"],
  "publish_address":"es\\u002Eone/10.0.0.1:9200","max":1e2, "deep":{"publish_address":"no"}},
  "transport":{"publish_address":"10.0.0.1:9300"},"attributes":{"http":"x"}},
 "12":{"http":{"publish_address":"10.0.0.2:9200"}},"new":{}}}`;

test("finds the addresses of nodes, and nothing else of that name", () => {
  const found = nodeAddresses(Buffer.from(answer));
  assert.deepEqual(
    found?.map(({ address, isPublished }) => [address, isPublished]),
    [
      ["[::1]:9200", false],
      ["127.0.0.1:9200", false],
      ["es.one/10.0.0.1:9200", true],
      ["10.0.0.2:9200", true],
    ],
  );
});

test("replaces the addresses and leaves every other byte", () => {
  const json = Buffer.from(answer);
  const changed = withAddress(json, nodeAddresses(json) ?? [], 'p"/1.2.3.4:1').toString();
  let expected = answer;
  for (const text of [
    "[::1]:9200",
    "127.0.0.1:9200",
    "es\\u002Eone/10.0.0.1:9200",
    "10.0.0.2:9200",
  ])
    expected = expected.replace(`"${text}"`, '"p\\"/1.2.3.4:1"');
  assert.equal(changed, expected);
});

test("an answer that is no whole JSON object has no addresses that could be trusted", () => {
  const whole = Buffer.from(answer);
  for (let length = 0; length < whole.length; length += 1)
    assert.equal(nodeAddresses(whole.subarray(0, length)), undefined, String(length));
  for (const text of ["", "---\nnodes:\n  a:\n    http: x", "id name\n", `${answer}{}`, ":)\n\x05"])
    assert.equal(nodeAddresses(Buffer.from(text)), undefined, text);
  assert.deepEqual(nodeAddresses(Buffer.from('["nodes"]')), []);
});

test("reads the forms in which addresses are published", () => {
  const cases: readonly (readonly [string, readonly (readonly [string, number])[]])[] = [
    ["10.0.0.1:9200", [["10.0.0.1", 9200]]],
    ["[::1]:9200", [["::1", 9200]]],
    ["::1:9200", [["::1", 9200]]],
    [
      "Es.Example.com/10.0.0.1:9201",
      [
        ["es.example.com", 9201],
        ["10.0.0.1", 9201],
      ],
    ],
    [
      "es/[fe80::1%eth0]:9200",
      [
        ["es", 9200],
        ["fe80::1%eth0", 9200],
      ],
    ],
    ["", []],
    ["es", []],
    ["es:port", []],
  ];
  for (const [text, places] of cases)
    assert.deepEqual(
      placesOf(text).map(({ host, port }) => [host, port]),
      places,
      text,
    );
});
