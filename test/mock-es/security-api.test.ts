import assert from "node:assert/strict";
import { test } from "node:test";
import { errorOf, startFor } from "./running-mock.ts";
import {
  asking,
  basic,
  elastic,
  elasticPassword,
  newUser,
  reasonOf,
  secured,
  type Ask,
} from "./security-fixture.ts";
import { refusals } from "./security-refusals.ts";

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

for (const [method, target, body, type, reason] of refusals) {
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
