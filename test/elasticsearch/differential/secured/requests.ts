/** Random requests of random callers to a server that knows its users. */
import * as fc from "fast-check";
import type { CorpusGroup, Step } from "../../corpus/corpus.ts";
import { bySuperuser, caller, forgotten, made } from "./callers.ts";

/** Requests of a scenario. */
const requestsEach = 60;

const target = fc.constantFrom(
  "*",
  "*,-secret",
  "-secret,*",
  "_all",
  "absent",
  "absent*",
  "books-*",
  "books-*,-books-2",
  "books-1",
  "books-1,books-2",
  "books-1,secret",
  "logs",
  "new-1",
  "secret",
  "secret,absent",
  "shelf",
  "shelf,logs",
  "s*",
  ".security*",
  ".security-7",
);
const single = fc.constantFrom("books-1", "books-2", "logs", "new-1", "secret", "shelf", "absent");
const id = fc.constantFrom("1", "2", "9");
const options = fc.constantFrom(
  "",
  "",
  "",
  "ignore_unavailable=true",
  "allow_no_indices=false",
  "expand_wildcards=all",
  "expand_wildcards=none",
);

type Ask = readonly [ask: string, body?: unknown];

/** Requests that name many indices; `{t}` is what they name. */
const ofIndices: readonly Ask[] = [
  ["POST /{t}/_search?filter_path=hits.hits,hits.total,error,status", { sort: ["_index", "_id"] }],
  ["GET /{t}/_count"],
  ["GET /{t}/_mapping"],
  ["GET /{t}/_settings?filter_path=*.settings.index.number_of_shards,error,status"],
  ["GET /{t}/_alias"],
  ["GET /{t}/_alias/shelf"],
  ["HEAD /{t}"],
  ["GET /{t}/_field_caps?fields=*&filter_path=indices,fields.t,error,status"],
  ["GET /_resolve/index/{t}"],
  ["POST /{t}/_refresh"],
  ["POST /{t}/_flush"],
  ["POST /{t}/_forcemerge"],
  ["POST /{t}/_cache/clear"],
  ["GET /{t}/_stats/docs?filter_path=_all.primaries.docs.count,error,status"],
  ["GET /{t}/_segments?filter_path=_shards.failed,error,status"],
  ["GET /_cat/indices/{t}?h=index&s=index"],
  ["GET /_cat/count/{t}?h=count"],
  ["GET /_cat/shards/{t}?h=index&s=index"],
  ["GET /{t}/_validate/query?q=t:one"],
  ["GET /{t}/_search_shards?filter_path=indices,error,status"],
  ["PUT /{t}/_mapping", { properties: { z: { type: "keyword" } } }],
  ["PUT /{t}/_settings", { "index.priority": 2 }],
  ["POST /{t}/_close"],
  ["POST /{t}/_open"],
  ["GET /_cluster/health/{t}?filter_path=timed_out,error,status"],
  ["GET /{t}"],
  ["POST /{t}/_pit?keep_alive=1m&filter_path=_shards,error,status"],
  ["GET /{t}/_recovery?filter_path=error,status"],
  ["GET /{t}/_mapping/field/t"],
  ["PUT /{t}/_block/read_only?filter_path=acknowledged,error,status"],
  ["GET /_cat/aliases/{t}?h=alias&s=alias"],
];

/** Requests that name one index, `{s}`, and one document, `{i}`. */
const ofDocuments: readonly Ask[] = [
  ["GET /{s}/_doc/{i}"],
  ["HEAD /{s}/_doc/{i}"],
  ["GET /{s}/_source/{i}"],
  ["PUT /{s}/_doc/{i}?refresh=true", { t: "new" }],
  ["PUT /{s}/_create/{i}?refresh=true", { t: "new" }],
  ["POST /{s}/_update/{i}?refresh=true", { doc: { t: "newer" } }],
  ["POST /{s}/_update/{i}", { doc: { t: "x" }, doc_as_upsert: true }],
  ["DELETE /{s}/_doc/{i}?refresh=true"],
  ["POST /{s}/_explain/{i}?filter_path=matched,error,status", { query: { match_all: {} } }],
  ["GET /{s}/_termvectors/{i}?filter_path=found,error,status"],
  ["PUT /{s}"],
  ["DELETE /{s}"],
  ["PUT /{s}/_alias/mine"],
  ["DELETE /{s}/_alias/mine"],
  ["POST /{s}/_rollover"],
  ["PUT /{s}/_clone/new-2"],
  ["POST /{s}/_analyze", { text: "one two" }],
  [
    "POST /_mget",
    {
      docs: [
        { _index: "{s}", _id: "{i}" },
        { _index: "books-1", _id: "1" },
      ],
    },
  ],
  ["POST /_msearch", [{ index: "{s}" }, { size: 0 }, { index: "books-1" }, { size: 0 }]],
  [
    "POST /_bulk?refresh=true",
    [
      { index: { _index: "{s}", _id: "{i}" } },
      { t: "b" },
      { create: { _index: "books-1", _id: "{i}" } },
      { t: "c" },
      { update: { _index: "{s}", _id: "1" } },
      { doc: { t: "d" } },
      { delete: { _index: "books-2", _id: "{i}" } },
    ],
  ],
  ["POST /{s}/_bulk", [{ create: { _id: "{i}" } }, { t: "e" }, { delete: { _id: "7" } }]],
  ["POST /_aliases", { actions: [{ add: { index: "{s}", alias: "mine" } }] }],
  [
    "POST /_aliases",
    {
      actions: [
        { add: { index: "books-1", alias: "mine" } },
        { remove: { index: "{s}", alias: "mine", must_exist: false } },
      ],
    },
  ],
  ["POST /{s}/_search?scroll=1m&filter_path=hits.total,error,status"],
  ["POST /_search/scroll", { scroll_id: "absent" }],
];

/** Requests about the cluster and its users. */
const ofCluster: readonly Ask[] = [
  ["GET /?filter_path=tagline,error,status"],
  ["GET /_cluster/health?filter_path=timed_out,error,status"],
  ["GET /_cluster/settings"],
  ["PUT /_cluster/settings", { transient: { "cluster.max_shards_per_node": 1000 } }],
  ["GET /_cluster/state/version?filter_path=cluster_name,error,status"],
  ["GET /_cluster/stats?filter_path=cluster_name,error,status"],
  ["GET /_cluster/pending_tasks"],
  ["GET /_nodes?filter_path=_nodes.failed,error,status"],
  ["GET /_nodes/stats?filter_path=_nodes.failed,error,status"],
  ["GET /_cat/health?h=status"],
  ["GET /_cat/nodes?h=master"],
  ["GET /_cat/templates/made*?h=x"],
  ["GET /_cat/master?h=x"],
  ["GET /_tasks?filter_path=error,status"],
  ["GET /_index_template/absent"],
  ["PUT /_index_template/made", { index_patterns: ["made-*"] }],
  ["DELETE /_index_template/made"],
  ["PUT /_component_template/made", { template: {} }],
  ["DELETE /_component_template/made"],
  ["GET /_ingest/pipeline/absent"],
  ["PUT /_ingest/pipeline/made", { processors: [{ set: { field: "a", value: 1 } }] }],
  ["DELETE /_ingest/pipeline/absent*"],
  ["GET /_scripts/absent"],
  ["GET /_snapshot"],
  ["DELETE /_search/scroll/_all"],
  ["POST /_refresh"],
  ["GET /_search?filter_path=hits.total,error,status"],
  ["GET /_alias"],
  ["GET /_license?filter_path=license.type,error,status"],
  ["GET /_security/_authenticate"],
  ["GET /_security/user/_privileges"],
  ["GET /_security/user"],
  ["GET /_security/user/ann"],
  ["GET /_security/user/bob,absent"],
  ["GET /_security/role/r1"],
  ["GET /_security/role/r1,r2"],
  ["GET /_security/role_mapping"],
  ["GET /_security/privilege/_builtin?filter_path=error,status"],
  ["PUT /_security/user/cid", { full_name: "Cid", roles: ["r1"] }],
  ["POST /_security/user/cid/_password", { password: "secret-1" }],
  ["POST /_security/user/_password", { password: "secret-1" }],
  ["PUT /_security/user/cid/_disable"],
  ["PUT /_security/user/cid/_enable"],
  ["PUT /_security/role/r9", { cluster: ["monitor"] }],
  ["DELETE /_security/role/r9"],
  ["GET /_security/api_key?owner=true&active_only=true&filter_path=api_keys.name,error,status"],
  ["GET /_security/api_key?id=${idk1}"],
  ["GET /_security/api_key?id=${idk2}&with_limited_by=true"],
  ["POST /_security/api_key", { name: "made" }],
  ["POST /_security/api_key", { name: "made", role_descriptors: { x: {} } }],
  ["DELETE /_security/api_key", { ids: ["${idk2}"], owner: true }],
  ["DELETE /_security/api_key", { ids: ["${idk1}"] }],
  ["PUT /_security/api_key/${idk1}", { metadata: { a: 1 } }],
  ["POST /_security/_query/user", { sort: ["username"], query: { prefix: { username: "a" } } }],
  ["POST /_security/role/_clear_cache"],
  [
    "POST /_security/user/_has_privileges",
    {
      cluster: ["monitor", "manage_security"],
      index: [
        { names: ["books-1", "books-*", "secret", "*"], privileges: ["read", "write", "manage"] },
        { names: [".security"], privileges: ["read"], allow_restricted_indices: true },
      ],
      application: [
        { application: "shop", privileges: ["read", "data:write/x"], resources: ["item/1", "x"] },
      ],
    },
  ],
  ["POST /_security/user/ann/_has_privileges", { cluster: ["all"] }],
];

const filled = (asks: readonly Ask[]): fc.Arbitrary<Step> =>
  fc
    .tuple(fc.constantFrom(...asks), target, single, id, options, caller)
    .map(([[ask, body], t, s, i, option, headers]) => {
      const fill = (text: string): string =>
        text.replaceAll("{t}", t).replaceAll("{s}", s).replaceAll("{i}", i);
      const takesOptions = ask.includes("{t}") && !/_cat|_resolve/.test(ask);
      const mark = ask.includes("?") ? "&" : "?";
      const more = takesOptions && option !== "" ? `${mark}${option}` : "";
      return {
        ask: fill(ask) + more,
        headers,
        ...(body === undefined ? {} : { body: JSON.parse(fill(JSON.stringify(body))) as unknown }),
        // Made at random, and nobody asks for them.
        ...(ask === "POST /_security/api_key"
          ? { keep: { made: "id", secret: "api_key", encoded: "encoded" } }
          : {}),
        ...(ask.startsWith("GET /_cat") ? { isText: true } : {}),
      };
    });

const documents = ["books-1", "books-2", "secret", "logs"].flatMap((name) =>
  ["1", "2"].flatMap((one) => [{ index: { _index: name, _id: one } }, { t: `${name} ${one}` }]),
);

/** Indices, roles, users and keys, and what is asked of them. */
export const securedScenarios: fc.Arbitrary<CorpusGroup> = fc
  .tuple(
    made,
    fc.array(
      fc.oneof(
        { weight: 4, arbitrary: filled(ofIndices) },
        { weight: 4, arbitrary: filled(ofDocuments) },
        { weight: 3, arbitrary: filled(ofCluster) },
      ),
      { minLength: requestsEach, maxLength: requestsEach },
    ),
  )
  .map(([people, steps]) => ({
    name: "secured",
    steps: [
      ...forgotten,
      bySuperuser("PUT /*/_settings?expand_wildcards=all&allow_no_indices=true", {
        "index.blocks.read_only": null,
      }),
      ...[
        "books-1",
        "books-2",
        "books-000002",
        "secret",
        "logs",
        "new-1",
        "new-2",
        "absent",
        "shelf",
      ].map((name) => bySuperuser(`DELETE /${name}?ignore_unavailable=true`)),
      bySuperuser("DELETE /_index_template/made"),
      bySuperuser("DELETE /_component_template/made"),
      bySuperuser("PUT /books-1", { aliases: { shelf: {} }, settings: { number_of_replicas: 0 } }),
      ...["books-2", "secret", "logs"].map((name) =>
        bySuperuser(`PUT /${name}`, { settings: { number_of_replicas: 0 } }),
      ),
      bySuperuser("POST /_bulk?refresh=true", documents),
      ...people,
      ...steps,
    ],
  }));
