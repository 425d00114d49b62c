import assert from "node:assert/strict";
import { test } from "node:test";
import { routeTable } from "../../mock-es/route-table.ts";
import { endpointActions } from "../../mock-es/rest/endpoint-actions.ts";
import { isCovered, isPatternCovered } from "../../mock-es/security/covered-names.ts";
import { namePattern } from "../../mock-es/security/name-pattern.ts";
import { ndjson, send, type Sent, startFor } from "./running-mock.ts";
import { asking, basic, newUser, reasonOf, secured } from "./security-fixture.ts";

test("security knows the action of every API endpoint", () => {
  const unknown = routeTable
    .map(({ apiEndpoint }) => apiEndpoint)
    .filter((name) => endpointActions(name) === undefined);
  assert.deepEqual(unknown, []);
});

test("without security there are no security endpoints", async (t) => {
  const mock = await startFor(t);
  const answer = await send(mock, "GET", "/_security/user");
  assert.equal(answer.status, 400);
  assert.match(answer.text, /no handler found for uri \[\/_security\/user\]/);
});

test("refuses requests without credentials, or with wrong ones", async (t) => {
  const { mock } = await secured(t);
  const missing = await send(mock, "GET", "/nope/_search?size=1");
  assert.equal(missing.status, 401);
  assert.deepEqual(missing.json, {
    error: {
      root_cause: [
        {
          type: "security_exception",
          reason: "missing authentication credentials for REST request [/nope/_search?size=1]",
          header: {
            "WWW-Authenticate": ['Basic realm="security", charset="UTF-8"', "ApiKey"],
          },
        },
      ],
      type: "security_exception",
      reason: "missing authentication credentials for REST request [/nope/_search?size=1]",
      header: {
        "WWW-Authenticate": ['Basic realm="security", charset="UTF-8"', "ApiKey"],
      },
    },
    status: 401,
  });
  assert.equal(missing.rawHeaders.filter((name) => name === "WWW-Authenticate").length, 2);
  const wrong = await asking(mock, basic("elastic", "no"))("GET", "/");
  assert.equal(reasonOf(wrong), "unable to authenticate user [elastic] for REST request [/]");
  const nobody = await asking(mock, basic("kibana_system", ""))("GET", "/");
  assert.equal(nobody.status, 401);
});

test("answers 403 in the server's words, by action, user, role and index", async (t) => {
  const { mock, admin } = await secured(t);
  for (const index of ["logs-a", "logs-b", "other"])
    await admin("PUT", `/${index}/_doc/1`, { index });
  await admin("PUT", "/other/_alias/logs-alias");
  const reader = await newUser(mock, "reader", {
    indices: [{ names: ["logs-*"], privileges: ["read"] }],
  });
  const denied = async (
    method: string,
    target: string,
    body?: unknown,
  ): Promise<readonly unknown[]> => {
    const received = await reader(method, target, body);
    return [received.status, reasonOf(received)];
  };
  const who = "is unauthorized for user [reader] with effective roles [reader]";
  assert.deepEqual(await denied("GET", "/other/_search"), [
    403,
    `action [indices:data/read/search] ${who} on indices [other], this action is granted by the index privileges [read,all]`,
  ]);
  assert.deepEqual(await denied("GET", "/missing/_search"), [
    403,
    `action [indices:data/read/search] ${who} on indices [missing], this action is granted by the index privileges [read,all]`,
  ]);
  assert.deepEqual(await denied("PUT", "/logs-a/_doc/2", {}), [
    403,
    `action [indices:data/write/index] ${who} on indices [logs-a], this action is granted by the index privileges [create_doc,create,index,write,all]`,
  ]);
  assert.deepEqual(await denied("GET", "/"), [
    403,
    `action [cluster:monitor/main] ${who}, this action is granted by the cluster privileges [monitor,manage,all]`,
  ]);
  assert.deepEqual(await denied("PUT", "/_index_template/x", { index_patterns: ["x"] }), [
    403,
    `action [indices:admin/index_template/put] ${who}, this action is granted by the cluster privileges [manage_index_templates,manage,all]`,
  ]);
  assert.deepEqual(await denied("POST", "/_bulk", ndjson({ delete: { _index: "x", _id: "1" } })), [
    403,
    `action [indices:data/write/bulk] ${who}, this action is granted by the index privileges [create_doc,create,delete,index,write,all]`,
  ]);
  assert.deepEqual(await denied("GET", "/logs-none/_search"), [404, "no such index [logs-none]"]);
});

test("patterns lead to what is granted only, and names that are not granted can be left out", async (t) => {
  const { mock, admin } = await secured(t);
  for (const index of ["logs-a", "logs-b", "other"])
    await admin("PUT", `/${index}/_doc/1`, { index });
  await admin("PUT", "/other/_alias/logs-alias");
  const reader = await newUser(mock, "reader", {
    indices: [{ names: ["logs-*"], privileges: ["read", "view_index_metadata"] }],
  });
  const indicesOf = async (target: string): Promise<readonly string[]> => {
    const { json, text } = await reader("GET", target);
    const { hits } = (json["hits"] ?? assert.fail(text)) as { hits: { _index: string }[] };
    return hits.map((hit) => hit._index).sort();
  };
  // The alias is granted, and with it what it leads to.
  assert.deepEqual(await indicesOf("/_search"), ["logs-a", "logs-b", "other"]);
  assert.deepEqual(await indicesOf("/logs-*/_search"), ["logs-a", "logs-b", "other"]);
  assert.deepEqual(await indicesOf("/logs-alias/_search"), ["other"]);
  assert.deepEqual(await indicesOf("/o*/_search"), []);
  assert.deepEqual(await indicesOf("/other,logs-a/_search?ignore_unavailable=true"), ["logs-a"]);
  const mappings = await reader("GET", "/*/_mapping");
  assert.deepEqual(Object.keys(mappings.json), ["logs-a", "logs-b", "other"]);
  await admin("PUT", "/logs-a/_alias/hidden");
  assert.deepEqual((await reader("GET", "/_alias")).json, {
    "logs-a": { aliases: {} },
    "logs-b": { aliases: {} },
    other: { aliases: { "logs-alias": {} } },
  });
  assert.equal((await reader("GET", "/_cat/aliases?h=alias")).text, "logs-alias\n");
  assert.equal((await admin("GET", "/_cat/aliases?h=alias&s=alias")).text, "hidden\nlogs-alias\n");
  const nothing = await reader("GET", "/o*/_search?allow_no_indices=false");
  assert.deepEqual([nothing.status, reasonOf(nothing)], [404, "no such index [o*]"]);
});

test("items of bulk, mget and msearch requests are refused one by one", async (t) => {
  const { mock, admin } = await secured(t);
  for (const index of ["mine", "other"]) await admin("PUT", `/${index}/_doc/1`, { n: 1 });
  const writer = await newUser(mock, "writer", {
    indices: [{ names: ["mine", "new"], privileges: ["create_doc", "read"] }],
  });
  const who = "is unauthorized for user [writer] with effective roles [writer]";
  const bulk = await writer(
    "POST",
    "/_bulk",
    ndjson(
      { create: { _index: "mine", _id: "2" } },
      { n: 2 },
      { index: { _index: "mine", _id: "3" } },
      { n: 3 },
      { index: { _index: "other", _id: "4" } },
      { n: 4 },
      { create: { _index: "new", _id: "5" } },
      { n: 5 },
      { delete: { _index: "mine", _id: "1" } },
    ),
  );
  const items = bulk.json["items"] as Record<
    string,
    { status: number; error?: { reason: string } }
  >[];
  assert.deepEqual(
    items.map((item) => Object.values(item).map(({ status, error }) => [status, error?.reason])[0]),
    [
      [201, undefined],
      [
        403,
        `action [indices:data/write/index:op_type/index] ${who} on indices [mine], this action is granted by the index privileges [create,index,write,all]`,
      ],
      [
        403,
        `action [indices:data/write/bulk[s]] ${who} on indices [other], this action is granted by the index privileges [create_doc,create,delete,index,write,all]`,
      ],
      [
        403,
        `action [indices:admin/auto_create] ${who} on indices [new], this action is granted by the index privileges [auto_configure,create_index,manage,all]`,
      ],
      [
        403,
        `action [indices:data/write/delete] ${who} on indices [mine], this action is granted by the index privileges [delete,write,all]`,
      ],
    ],
  );
  const single = await writer("PUT", "/mine/_doc/7", {});
  assert.match(String(reasonOf(single)), /^action \[indices:data\/write\/index:op_type\/index\]/);
  assert.equal((await writer("POST", "/mine/_doc", {})).status, 201);
  const docs = [
    { _index: "mine", _id: "1" },
    { _index: "other", _id: "1" },
  ];
  const mget = await writer("POST", "/_mget", { docs });
  const [found, refused] = mget.json["docs"] as [{ found: boolean }, { error: { reason: string } }];
  assert.equal(found.found, true);
  assert.match(refused.error.reason, /^action \[indices:data\/read\/mget\[shard\]\] is unauth/);
  const msearch = await writer(
    "POST",
    "/_msearch",
    ndjson({ index: "mine" }, {}, { index: "other" }, {}),
  );
  const responses = msearch.json["responses"] as { status: number }[];
  assert.deepEqual(
    responses.map(({ status }) => status),
    [200, 403],
  );
});

test("searches of templates, ES|QL and copies are held to what is granted too", async (t) => {
  const { mock, admin } = await secured(t);
  for (const index of ["mine", "other"]) await admin("PUT", `/${index}/_doc/1`, { n: 1 });
  const reader = await newUser(mock, "reader", {
    indices: [{ names: ["mine"], privileges: ["read", "write"] }],
  });
  const who = "is unauthorized for user [reader] with effective roles [reader]";
  const template = await reader("POST", "/other/_search/template", { source: "{}" });
  assert.equal(
    reasonOf(template),
    `action [indices:data/read/search] ${who} on indices [other], this action is granted by the index privileges [read,all]`,
  );
  assert.equal((await reader("POST", "/_search/template", { source: "{}" })).status, 200);
  const query = await reader("POST", "/_query", { query: "FROM * | KEEP n" });
  assert.deepEqual(query.json["values"], [[1]]);
  const copy = await reader("POST", "/_reindex", {
    source: { index: "other" },
    dest: { index: "mine" },
  });
  assert.match(String(reasonOf(copy)), /^action \[indices:data\/read\/search\] .* \[other\]/);
  const away = await reader("POST", "/_reindex", {
    source: { index: "mine" },
    dest: { index: "new" },
  });
  assert.match(away.text, /action \[indices:admin\/auto_create\] is unauthorized/);
  assert.equal(mock.store.indices.has("new"), false);
});

test("a scroll is its opener's, and closed when somebody else asks for it", async (t) => {
  const { mock, admin } = await secured(t);
  await admin("PUT", "/a/_doc/1", {});
  const other = await newUser(mock, "other", {
    indices: [{ names: ["a"], privileges: ["read"] }],
  });
  const open = async (): Promise<object> => {
    const scroll = await admin("POST", "/a/_search?scroll=1m&size=1", {});
    return { scroll_id: scroll.json["_scroll_id"], scroll: "1m" };
  };
  const own = await open();
  assert.equal((await admin("POST", "/_search/scroll", own)).status, 200);
  assert.equal((await other("POST", "/_search/scroll", own)).status, 404);
  assert.equal((await admin("POST", "/_search/scroll", own)).status, 404);
  const all = await other("DELETE", "/_search/scroll/_all");
  assert.match(String(reasonOf(all)), /^action \[cluster:admin\/indices\/scroll\/clear_all\]/);
});

test("a point in time is searched by who may read its indices, and closed by anybody", async (t) => {
  const { mock, admin } = await secured(t);
  await admin("PUT", "/a", { aliases: { alias: {} } });
  const reader = await newUser(mock, "reader", {
    indices: [{ names: ["a"], privileges: ["read"] }],
  });
  const byAlias = await newUser(mock, "alias", {
    indices: [{ names: ["alias"], privileges: ["read"] }],
  });
  const { id } = (await byAlias("POST", "/alias/_pit?keep_alive=1m")).json;
  assert.equal((await reader("POST", "/_search", { pit: { id } })).status, 200);
  assert.equal((await byAlias("POST", "/_search", { pit: { id } })).status, 403);
  assert.equal((await byAlias("DELETE", "/_pit", { id })).status, 200);
});

test("a user runs as another, when a role says so", async (t) => {
  const { mock, admin } = await secured(t);
  const proxy = await newUser(mock, "proxy", { run_as: ["ann"] });
  await newUser(mock, "ann", { cluster: ["monitor"] });
  assert.equal((await proxy("GET", "/")).status, 403);
  const as = (name: string): Sent["headers"] => ({ "es-security-runas-user": name });
  assert.equal((await proxy("GET", "/", undefined, as("ann"))).status, 200);
  const self = (await proxy("GET", "/_security/_authenticate", undefined, as("ann"))).json;
  assert.deepEqual(
    [self["username"], self["authentication_realm"]],
    ["ann", { name: "default_native", type: "native" }],
  );
  assert.equal(
    reasonOf(await proxy("GET", "/", undefined, as("elastic"))),
    "action [cluster:monitor/main] is unauthorized for user [proxy] with effective roles [proxy], because user [proxy] is unauthorized to run as [elastic]",
  );
  const stranger = await admin("GET", "/", undefined, as("stranger"));
  assert.equal(stranger.status, 403);
  assert.equal(
    reasonOf(await proxy("GET", "/x/_search", undefined, as("ann"))),
    "action [indices:data/read/search] is unauthorized for user [proxy] run as [ann] with effective roles [ann] on indices [x], this action is granted by the index privileges [read,all]",
  );
});

test("tells which privileges the caller has", async (t) => {
  const { mock, admin } = await secured(t);
  const user = await newUser(mock, "user", {
    cluster: ["monitor"],
    indices: [{ names: ["logs-*"], privileges: ["manage", "index"] }],
    applications: [{ application: "app", privileges: ["read"], resources: ["*"] }],
  });
  const asked = await user("POST", "/_security/user/_has_privileges", {
    cluster: ["monitor", "manage", "cluster:monitor/main"],
    index: [{ names: ["logs-a", "logs-b*", "x"], privileges: ["monitor", "create_index", "read"] }],
    application: [{ application: "app", privileges: ["read", "write"], resources: ["r"] }],
  });
  const own = { monitor: true, create_index: true, read: false };
  assert.deepEqual(asked.json, {
    username: "user",
    has_all_requested: false,
    cluster: { monitor: true, manage: false, "cluster:monitor/main": true },
    index: {
      "logs-a": own,
      "logs-b*": own,
      x: { monitor: false, create_index: false, read: false },
    },
    application: { app: { r: { read: true, write: false } } },
  });
  assert.deepEqual((await user("GET", "/_security/user/_privileges")).json, {
    cluster: ["monitor"],
    global: [],
    indices: [
      {
        names: ["logs-*"],
        privileges: ["index", "manage"],
        allow_restricted_indices: false,
      },
    ],
    applications: [{ application: "app", privileges: ["read"], resources: ["*"] }],
    run_as: [],
  });
  const all = await admin("POST", "/_security/user/_has_privileges", {
    cluster: ["all"],
    index: [{ names: ["*"], privileges: ["all"] }],
  });
  assert.equal(all.json["has_all_requested"], true);
});

test("patterns of names are Lucene's, and cover what they wholly contain", () => {
  const viewer = namePattern("/~(([.]|ilm-history-).*)/");
  assert.deepEqual(["logs", ".kibana", "ilm-history-1"].map(viewer), [true, false, false]);
  assert.deepEqual(["ab", "axb", "b"].map(namePattern("a*b")), [true, true, false]);
});

test("patterns cover what all of them together fit", () => {
  assert.equal(isPatternCovered("logs-a*", ["logs-*"]), true);
  assert.equal(isPatternCovered("logs*", ["logs-*"]), false);
  assert.equal(isPatternCovered("a*", ["a?"]), false);
  assert.equal(isPatternCovered("/books-[12]/", ["books-*"]), true);
  assert.equal(isPatternCovered("/books-[12]/", ["books-1"]), false);
  assert.equal(isPatternCovered("/books-[12]/", ["books-1", "books-2"]), true);
  assert.equal(isPatternCovered("logs-*", ["/~(secret.*)/"]), true);
  assert.equal(isPatternCovered("*", ["/~(secret.*)/"]), false);
  const without = { patterns: ["a*"], excluded: ["ab*"] };
  assert.equal(isCovered({ patterns: ["a*"], excluded: [] }, [without]), false);
  assert.equal(isCovered({ patterns: ["ac*"], excluded: [] }, [without]), true);
});

test("tokens are refused as with a basic licence unless they are asked for", async (t) => {
  const { admin } = await secured(t);
  const refused = await admin("POST", "/_security/oauth2/token", {
    grant_type: "client_credentials",
  });
  assert.deepEqual(
    [refused.status, reasonOf(refused)],
    [403, "current license is non-compliant for [security tokens]"],
  );
});

test("what cat asks for at once fails together", async (t) => {
  const { mock } = await secured(t);
  const nobody = await newUser(mock, "nobody", {});
  const { status, json } = await nobody("GET", "/_cat/nodes?format=json");
  const error = json["error"] as { reason: string; suppressed: { reason: string }[] };
  const actionOf = ({ reason }: { reason: string }): string => reason.split(" ", 2)[1] ?? "";
  assert.equal(status, 403);
  assert.deepEqual([error, ...error.suppressed].map(actionOf), [
    "[cluster:monitor/state]",
    "[cluster:monitor/nodes/info]",
    "[cluster:monitor/nodes/stats]",
  ]);
});

test("a denied `_resolve/cluster` names its indices, and a key asks for no limits", async (t) => {
  const { mock } = await secured(t);
  const reader = await newUser(mock, "reader", { cluster: ["manage_own_api_key"] });
  const resolved = await reader("GET", "/_resolve/cluster/logs");
  assert.match(String(reasonOf(resolved)), /effective roles \[reader\] on indices \[logs\], this/);
  const ofPattern = await reader("GET", "/_resolve/cluster/log*");
  assert.match(String(reasonOf(ofPattern)), /effective roles \[reader\], this/);
  const made = await reader("POST", "/_security/api_key", { name: "k" });
  const byKey = asking(mock, { authorization: `ApiKey ${String(made.json["encoded"])}` });
  assert.equal((await byKey("GET", "/_security/_query/api_key")).status, 200);
  const limits = await byKey("GET", "/_security/_query/api_key?with_limited_by=true");
  assert.match(String(reasonOf(limits)), /granted by the cluster privileges \[read_security,/);
});
