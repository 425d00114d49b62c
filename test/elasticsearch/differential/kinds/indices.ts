/** Random changes of indices: templates, aliases, settings, open and closed. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, cleared, mostlyGood } from "./parts.ts";

const name = fc.constantFrom("differential", "d2", "d3");
const pattern = fc.constantFrom(
  "differential",
  "d2",
  "d3",
  "d*",
  "absent",
  "d2,d3",
  "-d2",
  "a1",
  "*,-d2",
);
const setting = settings(
  {
    number_of_replicas: mostlyGood(fc.integer({ min: 0, max: 1 }), -1, "x", null),
    refresh_interval: mostlyGood(fc.constantFrom("1s", "-1", "500ms", null), "x", 5, "-2"),
    number_of_shards: mostlyGood(fc.integer({ min: 1, max: 2 }), 0, 1025, "x"),
    max_result_window: mostlyGood(fc.constantFrom(10, 100), 0, -1),
    "index.max_inner_result_window": fc.constant(5),
    priority: fc.constant(3),
    hidden: fc.boolean(),
    "blocks.write": mostlyGood(fc.boolean(), "x"),
    "index.blocks": fc.constant({ metadata: false }),
    codec: mostlyGood(fc.constantFrom("default", "best_compression"), "x"),
    auto_expand_replicas: mostlyGood(fc.constantFrom("0-1", "false", "0-all"), "x"),
    "routing.allocation.include.x": fc.constant("y"),
    analysis: fc.constantFrom<Json>(
      { analyzer: { a: { type: "standard" } } },
      { analyzer: { a: {} } },
      { normalizer: { z: { type: "x" } } },
    ),
    "mapping.total_fields.limit": mostlyGood(fc.constant(100), 0, -1),
    "sort.field": fc.constantFrom<unknown>("n", ["n"], "absent"),
    "search.slowlog.threshold.query.warn": fc.constant("1s"),
    gc_deletes: fc.constant("1m"),
    unknown: fc.constant(1),
    uuid: fc.constant("x"),
    "index.creation_date": fc.constant(1),
  },
  2,
);
const alias = settings(
  {
    filter: fc.constantFrom<Json>({ term: { n: 1 } }, { bogus: {} }, {}, { match_all: {} }),
    routing: fc.constantFrom<unknown>("a", 1),
    index_routing: fc.constantFrom("b", "b,c"),
    search_routing: fc.constantFrom("a", "a,b"),
    is_write_index: mostlyGood(fc.boolean(), "x"),
    is_hidden: fc.boolean(),
    unknown: fc.constant(1),
  },
  2,
);
const aliases = fc
  .constantFrom("a1", "a2", "d2", "A", "")
  .chain((one) => alias.map((about) => ({ [one]: about })));
const mappings = fc.constantFrom<Json>(
  { properties: { n: { type: "integer" } } },
  { properties: { n: { type: "keyword" }, o: { properties: { a: { type: "text" } } } } },
  { properties: { n: { type: "bogus" } } },
  { dynamic: "strict", _meta: { a: 1 } },
  { dynamic: false, _source: { enabled: false } },
  { _routing: { required: true } },
  { bogus: 1 },
  {},
);
const content = settings({ settings: setting, aliases, mappings }, 3);

const change = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.tuple(name, content).map(([one, body]): Step => ({ ask: `PUT /${one}`, body })),
  },
  fc
    .tuple(pattern, fc.constantFrom("", "?ignore_unavailable=true", "?allow_no_indices=false"))
    .map(([one, line]): Step => ({ ask: `DELETE /${one.replace("*", "2")}${line}` })),
  {
    weight: 3,
    arbitrary: fc
      .tuple(
        pattern,
        setting,
        fc.boolean(),
        fc.constantFrom("", "?preserve_existing=true", "?ignore_unavailable=true", "?reopen=true"),
      )
      .map(([one, body, isWrapped, line]): Step => ({
        ask: `PUT /${one}/_settings${line}`,
        body: isWrapped ? { index: body } : body,
      })),
  },
  fc
    .tuple(
      pattern,
      fc.constantFrom(
        "_close",
        "_open",
        "_refresh",
        "_flush",
        "_forcemerge",
        "_block/write",
        "_block/read",
      ),
      fc.constantFrom(
        "",
        "?ignore_unavailable=true",
        "?expand_wildcards=none",
        "?expand_wildcards=closed",
      ),
    )
    .map(([one, what, line]): Step => ({
      ask: `${what.startsWith("_block") ? "PUT" : "POST"} /${one}/${what}${line}`,
    })),
  fc
    .tuple(pattern, fc.constantFrom("a1", "a2", "d3", "a*"), alias)
    .map(([one, other, body]): Step => ({ ask: `PUT /${one}/_alias/${other}`, body })),
  fc
    .tuple(pattern, fc.constantFrom("a1", "a2", "*", "absent", "a1,absent"))
    .map(([one, other]): Step => ({ ask: `DELETE /${one}/_alias/${other}` })),
  {
    weight: 3,
    arbitrary: fc
      .array(
        fc
          .tuple(
            fc.constantFrom("add", "remove", "add", "remove_index", "bogus"),
            settings(
              {
                index: pattern,
                alias: fc.constantFrom("a1", "a2", "a*", "d2"),
                indices: fc.constant(["d2", "differential"]),
                aliases: fc.constant(["a1", "a2"]),
                must_exist: fc.boolean(),
              },
              3,
            ),
            alias,
          )
          .map(([what, where, about]) => ({
            [what]: what === "add" ? { ...where, ...about } : where,
          })),
        { maxLength: 2 },
      )
      .map((actions): Step => ({ ask: "POST /_aliases", body: { actions } })),
  },
  fc.tuple(name, mappings).map(([one, body]): Step => ({ ask: `PUT /${one}/_mapping`, body })),
  fc
    .tuple(
      name,
      fc.constantFrom<Json>({ n: 1 }, { n: "x" }, { z: 1 }),
      fc.constantFrom("", "&routing=a"),
    )
    .map(([one, body, line]): Step => ({ ask: `PUT /${one}/_doc/1?refresh=true${line}`, body })),
  fc
    .constantFrom<Json>({ n: 1 }, { z: "x" })
    .map((body): Step => ({ ask: "POST /a1/_doc/5?refresh=true", body })),
);

const template = fc.oneof(
  fc
    .tuple(
      fc.constantFrom("t1", "t2"),
      settings(
        {
          index_patterns: mostlyGood(
            fc.constantFrom<unknown>(["d2*"], "d*", ["d3", "differential"]),
            [],
            5,
          ),
          template: content,
          priority: mostlyGood(fc.integer({ min: 0, max: 2 }), -1, "x"),
          version: fc.integer({ min: 0, max: 3 }),
          composed_of: fc.constantFrom(["c1"], ["c1", "c2"], ["absent"], []),
          ignore_missing_component_templates: fc.constant(["absent"]),
          _meta: fc.constant({ a: { b: 1 } }),
          unknown: fc.constant(1),
          allow_auto_create: fc.boolean(),
        },
        4,
      ),
      fc.constantFrom("", "", "?create=true"),
    )
    .map(([one, body, line]): Step => ({
      ask: `PUT /_index_template/${one}${line}`,
      body: { index_patterns: ["d2"], ...body },
    })),
  fc
    .tuple(
      fc.constantFrom("c1", "c2"),
      content,
      settings({ version: fc.constant(2), _meta: fc.constant({}), unknown: fc.constant(1) }, 1),
      fc.constantFrom("", "?create=true"),
    )
    .map(([one, body, more, line]): Step => ({
      ask: `PUT /_component_template/${one}${line}`,
      body: { template: body, ...more },
    })),
  fc
    .constantFrom("t1", "t2", "t*", "absent")
    .map((one): Step => ({ ask: `DELETE /_index_template/${one}` })),
  fc
    .constantFrom("c1", "c2", "absent")
    .map((one): Step => ({ ask: `DELETE /_component_template/${one}` })),
  fc
    .constantFrom(
      "_index_template/t*",
      "_index_template",
      "_component_template/c1",
      "_index_template/absent",
      "_component_template?flat_settings=true",
    )
    .map((path): Step => ({ ask: `GET /${path}` })),
  name.map((one): Step => ({ ask: `POST /_index_template/_simulate_index/${one}` })),
  fc
    .constantFrom("t1", "t2")
    .map((one): Step => ({ ask: `POST /_index_template/_simulate/${one}` })),
);

const look = fc
  .tuple(
    pattern,
    fc.constantFrom(
      "",
      "/_settings",
      "/_alias",
      "/_mapping",
      "/_alias/a*",
      "/_settings/index.number*",
      "/_search?size=2",
      "/_count",
    ),
    fc.constantFrom(
      "",
      "",
      "?ignore_unavailable=true",
      "?expand_wildcards=closed",
      "?expand_wildcards=none",
      "?allow_no_indices=false",
      "?flat_settings=true",
    ),
  )
  .map(([one, what, line]): Step => ({
    ask: `GET /${one}${what}${what.includes("?") ? line.replace("?", "&") : line}`,
  }));

const clearedTemplates: readonly Step[] = [
  { ask: "DELETE /_index_template/*" },
  { ask: "DELETE /_component_template/*" },
];

/** Changes of few names, and looks at them. */
export const indices = asked(
  fc.oneof(
    { weight: 5, arbitrary: change },
    { weight: 2, arbitrary: template },
    { weight: 4, arbitrary: look },
  ),
).map((steps) => [...cleared, ...clearedTemplates, ...steps, ...clearedTemplates]);
