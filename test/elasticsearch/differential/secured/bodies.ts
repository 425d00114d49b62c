/** Bodies about users, roles, keys and privileges in which one setting is of another kind. */
import type { CorpusGroup, Step } from "../../corpus/corpus.ts";
import { mutationsOf } from "../mutations/changed-settings.ts";
import { bySuperuser } from "./callers.ts";

type Json = Readonly<Record<string, unknown>>;

/** A request whose body is changed. */
interface Base {
  readonly ask: string;
  readonly body: Json;
  readonly before?: readonly Step[];
  /** What shows afterwards how the body was read. */
  readonly after?: readonly Step[];
  readonly keep?: Readonly<Record<string, string>>;
}

const user: Json = {
  username: "mia",
  password: "secret-1",
  roles: ["r1", "r2"],
  full_name: "Mia",
  email: "mia@example.com",
  metadata: { a: { b: [1, "x"] } },
  enabled: true,
};

const role: Json = {
  cluster: ["monitor", "manage_own_api_key"],
  indices: [
    { names: ["a", "b*"], privileges: ["read", "write"], allow_restricted_indices: false },
    { names: "c", privileges: ["indices:data/read/get"] },
  ],
  applications: [{ application: "shop", privileges: ["read", "data:x/*"], resources: ["item/*"] }],
  run_as: ["ann", "b*"],
  metadata: { a: { b: 1 } },
  description: "of a test",
};

const mapping: Json = {
  roles: ["r1", "r2"],
  enabled: true,
  rules: {
    all: [
      { field: { username: ["ann", "b*"] } },
      { any: [{ field: { groups: "x" } }, { field: { dn: null } }] },
      { except: { field: { "metadata.a": 1 } } },
    ],
  },
  metadata: { a: 1 },
};

const forgotUser = bySuperuser("DELETE /_security/user/mia");
const userIsThere = bySuperuser("PUT /_security/user/mia", { password: "secret-1", roles: ["r1"] });
const forgotKeys = bySuperuser("DELETE /_security/api_key?filter_path=error_count", {
  username: "mia",
});
const byMia = { authorization: `Basic ${Buffer.from("mia:secret-1").toString("base64")}` };
const key: Step = {
  ...bySuperuser("POST /_security/api_key/grant", {
    grant_type: "password",
    username: "mia",
    password: "secret-1",
    api_key: { name: "k", metadata: { old: 1 }, role_descriptors: { own: { cluster: ["all"] } } },
  }),
  keep: { idk: "id", secretk: "api_key", k: "encoded" },
};
const shownKeys = bySuperuser("GET /_security/api_key?username=mia&active_only=true");
const made = { idmade: "id", secretmade: "api_key", made: "encoded" };
const withKey = [userIsThere, forgotKeys, key];

const queryBody: Json = {
  query: {
    bool: {
      must: [{ terms: { username: ["mia", "x"] } }, { prefix: { username: { value: "m" } } }],
      filter: { range: { username: { gte: "a", lt: "z" } } },
      should: [{ wildcard: { username: "*" } }, { exists: { field: "email" } }],
      must_not: { ids: { values: ["x"] } },
      minimum_should_match: 1,
    },
  },
  from: 0,
  size: 5,
  sort: [{ username: { order: "desc" } }],
  search_after: ["zzz"],
};

const bases: readonly Base[] = [
  {
    ask: "PUT /_security/user/mia",
    body: user,
    before: [forgotUser],
    after: [
      bySuperuser("GET /_security/user/mia"),
      { ask: "GET /_security/_authenticate", headers: byMia },
    ],
  },
  {
    ask: "PUT /_security/user/mia/_password",
    body: { password: "secret-1" },
    before: [userIsThere],
    after: [{ ask: "GET /_security/_authenticate", headers: byMia }],
  },
  {
    ask: "PUT /_security/role/mut",
    body: role,
    before: [bySuperuser("DELETE /_security/role/mut")],
    after: [bySuperuser("GET /_security/role/mut")],
  },
  {
    ask: "POST /_security/role",
    body: { roles: { mut: { cluster: ["monitor"], indices: [], metadata: {} }, mut2: {} } },
    before: [bySuperuser("DELETE /_security/role", { names: ["mut", "mut2"] })],
    after: [bySuperuser("GET /_security/role/mut,mut2")],
  },
  { ask: "DELETE /_security/role", body: { names: ["absent", "superuser"] } },
  {
    ask: "PUT /_security/role_mapping/mut",
    body: mapping,
    before: [bySuperuser("DELETE /_security/role_mapping/mut")],
    after: [bySuperuser("GET /_security/role_mapping/mut")],
  },
  {
    ask: "POST /_security/api_key/grant",
    body: {
      grant_type: "password",
      username: "mia",
      password: "secret-1",
      api_key: { name: "k", expiration: "1d", role_descriptors: {}, metadata: { a: 1 } },
    },
    before: [userIsThere, forgotKeys],
    after: [shownKeys],
    keep: made,
  },
  {
    ask: "PUT /_security/api_key",
    body: {
      name: "k",
      expiration: "1d",
      role_descriptors: { own: { cluster: ["all"], restricted: 1 }, other: { metadata: {} } },
      metadata: { a: [1, { b: null }] },
    },
    keep: made,
  },
  {
    ask: "PUT /_security/api_key",
    body: {
      name: "k",
      role_descriptors: { own: role },
      metadata: { a: [1, { b: null }] },
    },
    after: [bySuperuser("GET /_security/api_key?id=${idmade}")],
    keep: made,
  },
  {
    ask: "PUT /_security/api_key/${idk}",
    body: {
      expiration: "1d",
      metadata: { a: 1 },
      role_descriptors: { own: { cluster: ["none"] } },
    },
    before: withKey,
    after: [shownKeys],
  },
  {
    ask: "POST /_security/api_key/_bulk_update",
    body: {
      ids: ["${idk}", "absent"],
      expiration: "1d",
      metadata: { a: 1 },
      role_descriptors: { own: { cluster: ["none"] } },
    },
    before: withKey,
    after: [shownKeys],
  },
  { ask: "DELETE /_security/api_key", body: { ids: ["${idk}"], owner: false }, before: withKey },
  {
    ask: "DELETE /_security/api_key",
    body: { username: "mia", realm_name: "default_native" },
    before: withKey,
  },
  { ask: "DELETE /_security/api_key", body: { name: "k", owner: true }, before: withKey },
  {
    ask: "POST /_security/user/_has_privileges",
    body: {
      cluster: ["monitor", "manage"],
      index: [{ names: ["a", "b*"], privileges: ["read"], allow_restricted_indices: true }],
      application: [{ application: "shop", privileges: ["read"], resources: ["x", "y/*"] }],
    },
  },
  {
    ask: "PUT /_security/privilege",
    body: {
      shop: {
        read: { actions: ["data:read/*", "x:y"], metadata: { a: 1 }, name: "read" },
        write: { application: "shop", actions: ["data:write/*"] },
      },
    },
    before: [
      bySuperuser("DELETE /_security/privilege/shop/read"),
      bySuperuser("DELETE /_security/privilege/shop/write"),
    ],
    after: [bySuperuser("GET /_security/privilege/shop")],
  },
  { ask: "POST /_security/_query/user", body: queryBody, before: [userIsThere] },
  {
    ask: "POST /_security/_query/role",
    body: {
      query: { match: { description: { query: "of", operator: "and" } } },
      from: 0,
      size: 1,
      sort: ["name"],
    },
  },
  {
    ask: "POST /_security/_query/api_key",
    body: {
      query: {
        bool: {
          must: { term: { name: { value: "k" } } },
          filter: [{ term: { invalidated: false } }, { match_all: {} }],
          must_not: [{ range: { creation: { gte: "now+1d" } } }],
        },
      },
      from: 0,
      size: 1,
      sort: [{ creation: { order: "desc", format: "date_time" } }, "name"],
    },
    before: withKey,
  },
  {
    ask: "POST /_security/oauth2/token",
    body: {
      grant_type: "password",
      username: "mia",
      password: "secret-1",
      scope: "full",
      refresh_token: "x",
    },
    before: [userIsThere],
  },
  {
    ask: "DELETE /_security/oauth2/token",
    body: { token: "x", refresh_token: "y", realm_name: "native", username: "mia" },
  },
];

/** Every body with each of its settings changed, a group each. */
export const changedBodies: readonly CorpusGroup[] = bases.flatMap(
  ({ ask, body, before = [], after = [], keep }) =>
    [body, ...mutationsOf(body, 1)].map((changed): CorpusGroup => {
      const step = { ...bySuperuser(ask, changed), ...(keep === undefined ? {} : { keep }) };
      return { name: "bodies", steps: [...before, step, ...after] };
    }),
);
