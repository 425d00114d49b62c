import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import type { MockEs } from "../../mock-es/index.ts";
import { routeTable } from "../../mock-es/route-table.ts";
import { endpointActions } from "../../mock-es/rest/endpoint-actions.ts";
import { isCovered, namePattern } from "../../mock-es/security/name-pattern.ts";
import { errorOf, ndjson, type Received, send, type Sent, startFor } from "./running-mock.ts";

const elasticPassword = "changeme";

function basic(user: string, password = `${user}-password`): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}` };
}

const elastic = basic("elastic", elasticPassword);

type Ask = (
  method: string,
  target: string,
  body?: unknown,
  more?: Sent["headers"],
) => Promise<Received>;

/** Sends requests with credentials. */
function asking(mock: MockEs, credentials: Record<string, string>): Ask {
  return async (method, target, body, more = {}) =>
    await send(mock, method, target, {
      headers: { ...credentials, ...more },
      ...(body === undefined ? {} : { body }),
    });
}

async function secured(t: TestContext): Promise<{ readonly mock: MockEs; readonly admin: Ask }> {
  const mock = await startFor(t, { security: { elasticPassword } });
  return { mock, admin: asking(mock, elastic) };
}

/** Makes a role and a user of the same name who has it. */
async function newUser(mock: MockEs, name: string, role: object): Promise<Ask> {
  const admin = asking(mock, elastic);
  const made = await admin("PUT", `/_security/role/${name}`, role);
  assert.deepEqual(made.json, { role: { created: true } }, made.text);
  const user = { password: `${name}-password`, roles: [name] };
  assert.deepEqual((await admin("PUT", `/_security/user/${name}`, user)).json, { created: true });
  return asking(mock, basic(name));
}

function reasonOf(received: Received): unknown {
  return errorOf(received).reason;
}

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
  assert.deepEqual(await denied("PUT", "/_index_template/x", {}), [
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
  assert.deepEqual(await indicesOf("/_search"), ["logs-a", "logs-b"]);
  assert.deepEqual(await indicesOf("/logs-*/_search"), ["logs-a", "logs-b", "other"]);
  assert.deepEqual(await indicesOf("/logs-alias/_search"), ["other"]);
  assert.deepEqual(await indicesOf("/o*/_search"), []);
  assert.deepEqual(await indicesOf("/other,logs-a/_search?ignore_unavailable=true"), ["logs-a"]);
  const mappings = await reader("GET", "/*/_mapping");
  assert.deepEqual(Object.keys(mappings.json), ["logs-a", "logs-b"]);
  await admin("PUT", "/logs-a/_alias/hidden");
  assert.deepEqual(Object.keys((await reader("GET", "/_alias")).json), ["logs-a", "logs-b"]);
  assert.equal((await reader("GET", "/_cat/aliases")).text, "");
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

test("scrolls and points in time are seen by those only who opened them", async (t) => {
  const { mock, admin } = await secured(t);
  await admin("PUT", "/a/_doc/1", {});
  const other = await newUser(mock, "other", {
    indices: [{ names: ["a"], privileges: ["read"] }],
  });
  const scroll = await admin("POST", "/a/_search?scroll=1m&size=1", {});
  const body = { scroll_id: scroll.json["_scroll_id"] };
  assert.equal((await other("POST", "/_search/scroll", body)).status, 404);
  assert.equal((await admin("POST", "/_search/scroll", body)).status, 200);
  const { id } = (await admin("POST", "/a/_pit?keep_alive=1m")).json;
  assert.equal((await other("POST", "/_search", { pit: { id } })).status, 404);
  assert.equal((await admin("POST", "/_search", { pit: { id } })).status, 200);
  const all = await other("DELETE", "/_search/scroll/_all");
  assert.match(String(reasonOf(all)), /^action \[cluster:admin\/indices\/scroll\/clear_all\]/);
});

test("users are made, shown, changed, disabled and deleted", async (t) => {
  const { mock, admin } = await secured(t);
  const user = { password: "jacks-password", roles: ["viewer"], full_name: "Jack", email: "j@x" };
  const created = await admin("POST", "/_security/user/jack", { ...user, metadata: { n: 1 } });
  assert.deepEqual(created.json, { created: true });
  assert.deepEqual((await admin("GET", "/_security/user/jack")).json, {
    jack: {
      username: "jack",
      roles: ["viewer"],
      full_name: "Jack",
      email: "j@x",
      metadata: { n: 1 },
      enabled: true,
    },
  });
  const jack = asking(mock, basic("jack", "jacks-password"));
  assert.deepEqual((await jack("GET", "/_security/_authenticate")).json, {
    username: "jack",
    roles: ["viewer"],
    full_name: "Jack",
    email: "j@x",
    metadata: { n: 1 },
    enabled: true,
    authentication_realm: { name: "default_native", type: "native" },
    lookup_realm: { name: "default_native", type: "native" },
    authentication_type: "realm",
  });
  const changed = await jack("POST", "/_security/user/_password", { password: "new-password" });
  assert.deepEqual(changed.json, {});
  assert.equal((await jack("GET", "/_security/_authenticate")).status, 401);
  const renewed = asking(mock, basic("jack", "new-password"));
  assert.equal((await renewed("GET", "/_security/_authenticate")).status, 200);
  const others = await renewed("POST", "/_security/user/elastic/_password", { password: "x-word" });
  assert.equal(others.status, 403);
  assert.deepEqual((await admin("PUT", "/_security/user/jack/_disable")).json, {});
  assert.equal((await renewed("GET", "/_security/_authenticate")).status, 401);
  assert.deepEqual((await admin("PUT", "/_security/user/jack/_enable")).json, {});
  assert.deepEqual((await admin("DELETE", "/_security/user/jack")).json, { found: true });
  const again = await admin("DELETE", "/_security/user/jack");
  assert.deepEqual([again.status, again.json], [404, { found: false }]);
  const missing = await admin("GET", "/_security/user/jack");
  assert.deepEqual([missing.status, missing.json], [404, {}]);
});

for (const [method, target, body, type, reason] of [
  [
    "PUT",
    "/_security/user/jack",
    { password: "short", roles: [] },
    "validation_exception",
    "Validation Failed: 1: passwords must be at least [6] characters long;",
  ],
  [
    "PUT",
    "/_security/user/jack",
    { roles: [] },
    "validation_exception",
    "Validation Failed: 1: password must be specified unless you are updating an existing user;",
  ],
  [
    "PUT",
    "/_security/user/jack",
    { password: "long-enough" },
    "action_request_validation_exception",
    "Validation Failed: 1: roles are missing;",
  ],
  [
    "PUT",
    "/_security/user/elastic",
    { password: "long-enough", roles: [] },
    "action_request_validation_exception",
    "Validation Failed: 1: user [elastic] is reserved and only the password can be changed;",
  ],
  [
    "PUT",
    "/_security/user/jack",
    { pass: 1 },
    "parse_exception",
    "failed to parse add user request. unexpected field [pass]",
  ],
  [
    "DELETE",
    "/_security/user/elastic",
    undefined,
    "illegal_argument_exception",
    "user [elastic] is reserved and cannot be deleted",
  ],
  [
    "PUT",
    "/_security/user/elastic/_disable",
    undefined,
    "illegal_argument_exception",
    "users may not update the enabled status of their own account",
  ],
  [
    "PUT",
    "/_security/role/viewer",
    {},
    "action_request_validation_exception",
    "Validation Failed: 1: Role [viewer] is reserved and may not be used.;",
  ],
  [
    "PUT",
    "/_security/role/r",
    { foo: 1 },
    "parse_exception",
    "failed to parse role [r]. unexpected field [foo]",
  ],
  [
    "PUT",
    "/_security/role/r",
    { indices: [{ names: ["a"], privileges: ["read"], query: "{}" }] },
    "security_exception",
    "current license is non-compliant for [field and document level security]",
  ],
  [
    "PUT",
    "/_security/role/r",
    { remote_indices: [] },
    "illegal_argument_exception",
    "[remote_indices] of a role is not supported by mock-es",
  ],
  [
    "PUT",
    "/_security/role_mapping/m",
    { roles: ["viewer"] },
    "parsing_exception",
    "failed to parse role-mapping [m]. missing field [rules]",
  ],
  ["PUT", "/_security/api_key", {}, "illegal_argument_exception", "Required [name]"],
  [
    "PUT",
    "/_security/api_key",
    { name: "_x" },
    "action_request_validation_exception",
    "Validation Failed: 1: api key name may not begin with an underscore;",
  ],
  [
    "DELETE",
    "/_security/api_key",
    {},
    "action_request_validation_exception",
    "Validation Failed: 1: One of [api key id(s), api key name, username, realm name] must be specified if [owner] flag is false;",
  ],
  [
    "PUT",
    "/_security/api_key/none",
    {},
    "resource_not_found_exception",
    "no API key owned by requesting user found for ID [none]",
  ],
  [
    "POST",
    "/_security/_query/user",
    { query: { term: { password: "x" } } },
    "illegal_argument_exception",
    "Field [password] is not allowed for querying or aggregation",
  ],
] as const) {
  test(`security refuses ${method} ${target} ${JSON.stringify(body)}`, async (t) => {
    const { admin } = await secured(t);
    assert.deepEqual(errorOf(await admin(method, target, body)), { type, reason });
  });
}

test("roles are made, shown and deleted, and unknown privileges refused with all there are", async (t) => {
  const { admin } = await secured(t);
  const role = {
    cluster: ["monitor"],
    indices: [{ names: ["a*"], privileges: ["read"] }],
    run_as: ["other"],
    metadata: { n: 1 },
    description: "reads",
  };
  assert.deepEqual((await admin("PUT", "/_security/role/r", role)).json, {
    role: { created: true },
  });
  assert.deepEqual((await admin("PUT", "/_security/role/r", role)).json, {
    role: { created: false },
  });
  assert.deepEqual((await admin("GET", "/_security/role/r")).json, {
    r: {
      cluster: ["monitor"],
      indices: [{ names: ["a*"], privileges: ["read"], allow_restricted_indices: false }],
      applications: [],
      run_as: ["other"],
      metadata: { n: 1 },
      transient_metadata: { enabled: true },
      description: "reads",
    },
  });
  const unknown = await admin("PUT", "/_security/role/x", { cluster: ["nope"] });
  assert.match(
    String(reasonOf(unknown)),
    /^Validation Failed: 1: unknown cluster privilege \[nope\]\. a privilege must be either one of the predefined cluster privilege names \[manage_own_api_key,.*,all\] or a pattern over one of the available cluster actions;$/,
  );
  const reserved = await admin("GET", "/_security/role/superuser,snapshot_user");
  assert.deepEqual(Object.keys(reserved.json), ["superuser", "snapshot_user"]);
  const bulk = await admin("POST", "/_security/role", {
    roles: { r: role, s: {}, viewer: {} },
  });
  assert.deepEqual(bulk.json, {
    created: ["s"],
    noop: ["r"],
    errors: {
      count: 1,
      details: {
        viewer: {
          type: "action_request_validation_exception",
          reason: "Validation Failed: 1: Role [viewer] is reserved and may not be used.;",
        },
      },
    },
  });
  assert.deepEqual((await admin("DELETE", "/_security/role", { names: ["s", "t"] })).json, {
    deleted: ["s"],
    not_found: ["t"],
  });
  assert.deepEqual((await admin("DELETE", "/_security/role/r")).json, { found: true });
  assert.equal((await admin("GET", "/_security/role/r")).status, 404);
});

test("role mappings are stored, shown and deleted", async (t) => {
  const { admin } = await secured(t);
  const mapping = { roles: ["viewer"], rules: { field: { username: "*" } }, enabled: true };
  assert.deepEqual((await admin("PUT", "/_security/role_mapping/m", mapping)).json, {
    role_mapping: { created: true },
  });
  assert.deepEqual((await admin("GET", "/_security/role_mapping")).json, {
    m: { ...mapping, metadata: {} },
  });
  assert.deepEqual((await admin("DELETE", "/_security/role_mapping/m")).json, { found: true });
  assert.equal((await admin("GET", "/_security/role_mapping/m")).status, 404);
});

test("an API key may do what it is for, as far as its owner may, until it ends", async (t) => {
  let nowMs = Date.parse("2026-01-01");
  const mock = await startFor(t, { security: { elasticPassword }, nowMs: () => nowMs });
  const admin = asking(mock, elastic);
  for (const index of ["a", "b"]) await admin("PUT", `/${index}/_doc/1`, {});
  const made = await admin("POST", "/_security/api_key", {
    name: "k",
    expiration: "1d",
    role_descriptors: { r: { indices: [{ names: ["a"], privileges: ["read"] }] } },
    metadata: { app: "x" },
  });
  const { id, name, expiration, api_key: secret, encoded } = made.json;
  assert.deepEqual([name, expiration], ["k", nowMs + 86_400_000]);
  assert.equal(
    Buffer.from(String(encoded), "base64").toString(),
    `${String(id)}:${String(secret)}`,
  );
  const key = asking(mock, { authorization: `ApiKey ${String(encoded)}` });
  assert.equal((await key("GET", "/a/_search")).status, 200);
  assert.equal(
    reasonOf(await key("GET", "/b/_search")),
    `action [indices:data/read/search] is unauthorized for API key id [${String(id)}] of user [elastic] on indices [b], this action is granted by the index privileges [read,all]`,
  );
  const self = (await key("GET", "/_security/_authenticate")).json;
  assert.deepEqual(self["api_key"], { id, name: "k", managed_by: "elasticsearch" });
  assert.deepEqual(self["authentication_realm"], { name: "_es_api_key", type: "_es_api_key" });
  const shown = (await admin("GET", `/_security/api_key?id=${String(id)}`)).json["api_keys"];
  assert.deepEqual(shown, [
    {
      id,
      name: "k",
      type: "rest",
      creation: nowMs,
      expiration,
      invalidated: false,
      username: "elastic",
      realm: "reserved",
      realm_type: "reserved",
      metadata: { app: "x" },
      role_descriptors: {
        r: {
          cluster: [],
          indices: [{ names: ["a"], privileges: ["read"], allow_restricted_indices: false }],
          applications: [],
          run_as: [],
          metadata: {},
          transient_metadata: { enabled: true },
        },
      },
    },
  ]);
  const derived = await key("POST", "/_security/api_key", { name: "d" });
  assert.equal(derived.status, 403);
  const same = await admin("PUT", `/_security/api_key/${String(id)}`, { metadata: { app: "x" } });
  assert.deepEqual(same.json, { updated: false });
  const wider = await admin("PUT", `/_security/api_key/${String(id)}`, { role_descriptors: {} });
  assert.deepEqual(wider.json, { updated: true });
  assert.equal((await key("GET", "/b/_search")).status, 200);
  nowMs += 86_400_000;
  const late = await key("GET", "/a/_search");
  assert.deepEqual(
    [
      late.status,
      (late.json["error"] as Record<string, unknown>)["additional_unsuccessful_credentials"],
    ],
    [401, "API key: api key is expired"],
  );
  const gone = await admin("DELETE", "/_security/api_key", { ids: [id] });
  assert.deepEqual(gone.json, {
    invalidated_api_keys: [id],
    previously_invalidated_api_keys: [],
    error_count: 0,
  });
  assert.match((await key("GET", "/")).text, /api key \[.*\] has been invalidated/);
});

test("who manages own API keys sees and ends no others", async (t) => {
  const { mock, admin } = await secured(t);
  const owner = await newUser(mock, "owner", { cluster: ["manage_own_api_key"] });
  await admin("PUT", "/_security/api_key", { name: "of-elastic" });
  await owner("PUT", "/_security/api_key", { name: "mine" });
  const all = await owner("GET", "/_security/api_key");
  assert.equal(
    reasonOf(all),
    "action [cluster:admin/xpack/security/api_key/get] is unauthorized for user [owner] with effective roles [owner], this action is granted by the cluster privileges [read_security,manage_api_key,manage_security,all]",
  );
  const own = (await owner("GET", "/_security/api_key?owner=true")).json["api_keys"];
  assert.deepEqual(
    (own as { name: string }[]).map(({ name }) => name),
    ["mine"],
  );
  const queried = await owner("POST", "/_security/_query/api_key", {});
  assert.equal(queried.json["total"], 1);
  const sorted = await admin("POST", "/_security/_query/api_key", {
    query: { bool: { must: [{ prefix: { name: "of" } }, { term: { invalidated: false } }] } },
    sort: ["name"],
  });
  assert.deepEqual(
    [sorted.json["total"], (sorted.json["api_keys"] as { _sort: unknown }[])[0]?._sort],
    [1, ["of-elastic"]],
  );
  assert.equal((await owner("DELETE", "/_security/api_key", { name: "of-elastic" })).status, 403);
  const ended = await owner("DELETE", "/_security/api_key", { owner: true });
  assert.equal((ended.json["invalidated_api_keys"] as unknown[]).length, 1);
});

test("API keys are granted to others, and tokens issued, refreshed and ended", async (t) => {
  const mock = await startFor(t, { security: { elasticPassword, tokens: true } });
  const admin = asking(mock, elastic);
  await newUser(mock, "ann", { cluster: ["monitor"] });
  const granted = await admin("POST", "/_security/api_key/grant", {
    grant_type: "password",
    username: "ann",
    password: "ann-password",
    api_key: { name: "for-ann" },
  });
  const key = asking(mock, { authorization: `ApiKey ${String(granted.json["encoded"])}` });
  assert.equal((await key("GET", "/_security/_authenticate")).json["username"], "ann");
  const issued = await admin("POST", "/_security/oauth2/token", {
    grant_type: "password",
    username: "ann",
    password: "ann-password",
  });
  assert.equal(issued.json["expires_in"], 1200);
  const bearer = (token: unknown): Ask =>
    asking(mock, { authorization: `Bearer ${String(token)}` });
  const token = bearer(issued.json["access_token"]);
  assert.equal(
    (await token("GET", "/_security/_authenticate")).json["authentication_type"],
    "token",
  );
  const fresh = await admin("POST", "/_security/oauth2/token", {
    grant_type: "refresh_token",
    refresh_token: issued.json["refresh_token"],
  });
  assert.equal((await bearer(fresh.json["access_token"])("GET", "/")).status, 200);
  const ended = await admin("DELETE", "/_security/oauth2/token", { username: "ann" });
  assert.equal(ended.json["invalidated_tokens"], 2);
  assert.equal((await token("GET", "/")).status, 401);
  const used = await admin("POST", "/_security/oauth2/token", {
    grant_type: "refresh_token",
    refresh_token: issued.json["refresh_token"],
  });
  assert.deepEqual([used.status, used.json["error"]], [400, "invalid_grant"]);
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
  assert.equal(isCovered("logs-a*", ["logs-*"]), true);
  assert.equal(isCovered("logs*", ["logs-*"]), false);
  assert.equal(isCovered("a*", ["a?"]), false);
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

test("privileges of applications are stored, shown and deleted", async (t) => {
  const { admin } = await secured(t);
  const read = { actions: ["data:read/*"], metadata: { n: 1 } };
  assert.deepEqual((await admin("PUT", "/_security/privilege", { shop: { read } })).json, {
    shop: { read: { created: true } },
  });
  assert.deepEqual((await admin("GET", "/_security/privilege/sh*")).json, {
    shop: { read: { application: "shop", name: "read", ...read } },
  });
  assert.deepEqual((await admin("DELETE", "/_security/privilege/shop/read")).json, {
    shop: { read: { found: true } },
  });
  assert.equal((await admin("GET", "/_security/privilege/shop/read")).status, 404);
});
