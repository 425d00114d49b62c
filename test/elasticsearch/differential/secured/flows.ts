/** Requests that belong together, each of another random caller. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { caller, grant, role } from "./callers.ts";
import { clusterPrivileges, indexPrivileges } from "./privileges.ts";

type Headers = Readonly<Record<string, string>>;

const target = fc.constantFrom("books-*", "books-1", "*", "shelf", "secret", "logs,secret");

/** A scroll that others page through and close. */
const scroll = fc
  .tuple(target, caller, caller, caller)
  .map(([names, opener, reader, closer]): Step[] => [
    {
      ask: `POST /${names}/_search?scroll=1m&size=1&filter_path=_scroll_id,hits.total,error,status`,
      headers: opener,
      keep: { scroll: "_scroll_id" },
      mask: ["_scroll_id"],
    },
    ...[reader, opener].map((headers) => ({
      ask: "POST /_search/scroll?filter_path=hits.total,hits.hits._index,error,status",
      headers,
      body: { scroll_id: "${scroll}" },
    })),
    { ask: "DELETE /_search/scroll", headers: closer, body: { scroll_id: ["${scroll}"] } },
  ]);

/** A point in time that others search and close. */
const point = fc
  .tuple(target, caller, caller, caller)
  .map(([names, opener, reader, closer]): Step[] => [
    {
      ask: `POST /${names}/_pit?keep_alive=1m&filter_path=id,error,status`,
      headers: opener,
      keep: { point: "id" },
      mask: ["id"],
    },
    ...[reader, opener].map((headers) => ({
      ask: "POST /_search?filter_path=hits.total,error,status",
      headers,
      body: { pit: { id: "${point}" } },
    })),
    { ask: "DELETE /_pit", headers: closer, body: { id: "${point}" } },
  ]);

const asksOfKey: readonly string[] = [
  "GET /_security/_authenticate",
  "GET /_security/user/_privileges",
  "GET /books-*/_search?filter_path=hits.total,error,status",
  "GET /_cluster/health?filter_path=timed_out,error,status",
  "GET /secret/_doc/1",
  "GET /_security/api_key?owner=true&filter_path=api_keys.name,error,status",
];

/** A key that its maker and others use, look at and end. */
const key = fc
  .tuple(fc.option(role), caller, caller, fc.subarray([...asksOfKey]), caller)
  .map(([limits, maker, other, asks, end]): Step[] => {
    const byKey: Headers = { authorization: "ApiKey ${made}" };
    return [
      {
        ask: "POST /_security/api_key",
        headers: maker,
        body: { name: "made", ...(limits === null ? {} : { role_descriptors: { x: limits } }) },
        keep: { made: "encoded", idmade: "id", secretmade: "api_key" },
      },
      ...asks.map((ask) => ({ ask, headers: byKey })),
      { ask: "GET /_cat/indices?h=index&s=index", headers: byKey, isText: true },
      {
        ask: "GET /_security/_authenticate",
        headers: { ...byKey, "es-security-runas-user": "bob" },
      },
      { ask: "GET /_security/api_key?id=${idmade}", headers: other },
      { ask: "DELETE /_security/api_key", headers: end, body: { ids: ["${idmade}"] } },
      { ask: "GET /_security/_authenticate", headers: byKey },
    ];
  });

/** What somebody asks for, and whether it is theirs. */
const privileges = fc
  .tuple(
    fc.subarray([...clusterPrivileges], { maxLength: 3 }),
    fc.array(grant, { minLength: 1, maxLength: 2 }),
    caller,
  )
  .map(([cluster, index, headers]): Step[] => [
    {
      ask: "POST /_security/user/_has_privileges",
      headers,
      body: {
        cluster,
        index: [...index, { names: ["books-1", "books-12*"], privileges: indexPrivileges }],
      },
    },
  ]);

/** Several requests, one after the other. */
export const flow: fc.Arbitrary<readonly Step[]> = fc.oneof(scroll, point, key, privileges);
