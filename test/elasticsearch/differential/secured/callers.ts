/** Random roles, users and keys, and those who call with them. */
import * as fc from "fast-check";
import { superuser } from "../../corpus/all.ts";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { clusterPrivileges, indexPrivileges } from "./privileges.ts";

const userNames = ["ann", "bob", "cid"];
const roleNames = ["r1", "r2", "r3"];
const keyNames = ["k1", "k2"];
/** Every user's. */
const password = "secret-1";

const namePatterns = [
  "*",
  "absent",
  "book?-1",
  "books-*",
  "books-1",
  "books-2",
  "/books-[12]/",
  "/(logs|new).*/",
  "logs",
  "new-*",
  "secret",
  "shelf",
  "*s-*",
];

const some = (
  values: readonly string[],
  maxLength: number,
  minLength = 0,
): fc.Arbitrary<readonly string[]> => fc.subarray([...values], { minLength, maxLength });

/** What a role grants on some indices. */
export const grant: fc.Arbitrary<Json> = fc
  .tuple(some(namePatterns, 3, 1), some(indexPrivileges, 4, 1), fc.integer({ min: 0, max: 9 }))
  .map(([names, privileges, chance]): Json => ({
    names,
    privileges,
    ...(chance === 0 ? { allow_restricted_indices: true } : {}),
  }));

const applications = fc.constant([
  { application: "shop", privileges: ["read", "data:write/*"], resources: ["item/*"] },
]);

/** A role. */
export const role: fc.Arbitrary<Json> = settings(
  {
    cluster: some(clusterPrivileges, 3),
    indices: fc.array(grant, { minLength: 1, maxLength: 3 }),
    run_as: some(["ann", "b*", "/c.d/", "*", "nobody"], 2),
    applications,
    metadata: fc.constant({ of: "test" }),
  },
  4,
);

const builtInRoles = ["editor", "viewer", "monitoring_user", "superuser", "snapshot_user"];

/** Users have made roles most of the time, sometimes one that is built in or missing. */
const rolesOfUser = fc
  .tuple(
    some(roleNames, 2),
    fc.oneof({ weight: 5, arbitrary: fc.constant([]) }, some([...builtInRoles, "absent"], 1)),
  )
  .map(([own, others]) => [...own, ...others]);

/** `Authorization` of somebody with a password. */
function basic(name: string, secret: string): string {
  return `Basic ${Buffer.from(`${name}:${secret}`).toString("base64")}`;
}

const asSuperuser = { authorization: basic(superuser.name, superuser.password) };

/** A request of the superuser. */
export function bySuperuser(ask: string, body?: unknown): Step {
  return { ask, headers: asSuperuser, ...(body === undefined ? {} : { body }) };
}

/** Deletes who an earlier scenario left. */
export const forgotten: readonly Step[] = [
  bySuperuser("DELETE /_security/api_key?filter_path=error_count", { username: superuser.name }),
  ...userNames.flatMap((name) => [
    bySuperuser("DELETE /_security/api_key?filter_path=error_count", { username: name }),
    bySuperuser(`DELETE /_security/user/${name}`),
  ]),
  ...[...roleNames, "r9"].map((name) => bySuperuser(`DELETE /_security/role/${name}`)),
];

/** Makes roles and users, and two keys of the first of them. */
export const made: fc.Arbitrary<readonly Step[]> = fc
  .tuple(
    fc.tuple(...roleNames.map(() => role)),
    fc.tuple(...userNames.map(() => rolesOfUser)),
    fc.tuple(...keyNames.map(() => fc.option(role, { nil: undefined }))),
  )
  .map(([roles, users, keys]) => [
    ...roles.map((body, at) => bySuperuser(`PUT /_security/role/${roleNames[at] ?? ""}`, body)),
    ...users.map((names, at) =>
      bySuperuser(`PUT /_security/user/${userNames[at] ?? ""}`, {
        password,
        roles: names,
        enabled: true,
        metadata: { at },
      }),
    ),
    ...keys.map((body, at): Step => {
      const name = keyNames[at] ?? "";
      return {
        ...bySuperuser("POST /_security/api_key/grant", {
          grant_type: "password",
          username: userNames[at],
          password,
          api_key: { name, ...(body === undefined ? {} : { role_descriptors: { own: body } }) },
        }),
        keep: { [name]: "encoded", [`id${name}`]: "id", [`secret${name}`]: "api_key" },
      };
    }),
  ]);

/** Headers of those who prove nothing, in all forms. */
const strangers: readonly Readonly<Record<string, string>>[] = [
  {},
  { "es-security-runas-user": "ann" },
  { authorization: basic("ann", "wrong-1"), "es-security-runas-user": "bob" },
  { ...asSuperuser, "es-secondary-authorization": basic("ann", "wrong-1") },
  { ...asSuperuser, "es-secondary-authorization": basic("ann", password) },
  ...[
    basic("ann", "wrong-1"),
    basic("nobody", password),
    basic("ann", ""),
    basic("", password),
    basic("", ""),
    basic("ANN", password),
    basic(" ann", password),
    basic("ann", `${password}\0`),
    `${basic("ann", password)}=`,
    `${basic("ann", password)} x`,
    basic("ann", password).replace(" ", "  "),
    basic("ann", password).replace(" ", ""),
    basic("ann", password).replace("Basic", "basic"),
    basic("ann", password).replace("Basic", "Digest"),
    "Basic",
    "Basic ====",
    "Basic Zm9v",
    "Basic Zm9vOg",
    "Basic _-_-",
    "Basic //46/w==",
    "ApiKey",
    "ApiKey Zm9v",
    "ApiKey Zm9vOmJhcg==",
    "ApiKey OmJhcg==",
    "ApiKey Zm9vOg==",
    "ApiKey Zm9vOmJhcg",
    "ApiKey Zm9vOmJhcg=",
    "ApiKey x",
    "ApiKey {}",
    "apikey ${k1}",
    "ApiKey abc:def",
    "ApiKey ${k1}x",
    "Bearer",
    "Bearer absent",
    "Bearer ${k1}",
    "Bearer AAEAAWVsYXN0aWMvZmxlZXQtc2VydmVyL3Rva2VuMTpyNXdkYmRib1FTZTl2R09Ld2FKR0F3",
    "Digest x",
    "Negotiate abc",
    "SharedSecret x",
    "AWS4-HMAC-SHA256 Credential=x",
    "${k1}",
    ",",
    "Basic , ApiKey",
  ].map((authorization) => ({ authorization })),
];

/** Headers of those who call: users mostly, keys, others' names, and strangers. */
export const caller: fc.Arbitrary<Readonly<Record<string, string>>> = fc.oneof(
  {
    weight: 12,
    arbitrary: fc
      .constantFrom(...userNames)
      .map((name) => ({ authorization: basic(name, password) })),
  },
  {
    weight: 4,
    arbitrary: fc
      .constantFrom(...keyNames)
      .map((name) => ({ authorization: `ApiKey \${${name}}` })),
  },
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.constantFrom(...keyNames), fc.constantFrom(...userNames))
      .map(([name, other]) => ({
        authorization: `ApiKey \${${name}}`,
        "es-security-runas-user": other,
      })),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...userNames, superuser.name),
        fc.constantFrom(...userNames, "nobody", ""),
      )
      .map(([name, other]) => ({
        authorization: basic(name, name === superuser.name ? superuser.password : password),
        "es-security-runas-user": other,
      })),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      { weight: 2, arbitrary: fc.constant(asSuperuser) },
      { weight: 5, arbitrary: fc.constantFrom(...strangers) },
    ),
  },
);
