/** Random rollovers, and copies of indices with more or fewer shards. */
import * as fc from "fast-check";
import type { Step } from "../../corpus/corpus.ts";
import { type Json, settings } from "../choose.ts";
import { asked, cleared, mostlyGood } from "./parts.ts";

const target = fc.constantFrom("d2", "d3", "d-000002", "UPPER");
const content = settings(
  {
    settings: settings(
      {
        "index.number_of_shards": mostlyGood(fc.constantFrom(1, 2, 4), 3, 0),
        number_of_replicas: fc.constant(0),
        "index.blocks.write": fc.constantFrom(null, false, true),
        "index.sort.field": fc.constant("n"),
        refresh_interval: fc.constant("2s"),
      },
      2,
    ),
    aliases: fc.constantFrom<Json>({ z: {} }, { z: { is_write_index: true } }, { "d-000001": {} }),
    mappings: fc.constantFrom<Json>({ properties: { q: { type: "long" } } }, {}),
    max_single_primary_size: fc.constantFrom("1gb", "0b"),
    unknown: fc.constant(1),
  },
  2,
);

const resize = fc
  .tuple(
    fc.constantFrom("_clone", "_split", "_shrink"),
    fc.constantFrom("d-000001", "d-000001", "absent", "w"),
    target,
    content,
    fc.constantFrom("", "", "?copy_settings=false", "?wait_for_active_shards=0"),
  )
  .map(([what, from, to, body, line]): Step => ({
    ask: `POST /${from}/${what}/${to}${line}`,
    body,
  }));

const conditions = settings(
  {
    max_docs: mostlyGood(fc.integer({ min: 1, max: 9 }), "x", -1),
    max_age: mostlyGood(fc.constantFrom("1d", "0s"), "x"),
    max_size: mostlyGood(fc.constantFrom("1gb", "0b"), "x"),
    max_primary_shard_docs: fc.integer({ min: 1, max: 4 }),
    max_primary_shard_size: fc.constant("1gb"),
    min_docs: fc.integer({ min: 0, max: 9 }),
    min_age: fc.constantFrom("0s", "1d"),
    min_size: fc.constant("1gb"),
    min_primary_shard_docs: fc.constant(1),
    unknown: fc.constant(1),
  },
  3,
);
const rollover = fc
  .tuple(
    fc.constantFrom("w", "w", "w", "d-000001", "absent", "two"),
    fc.constantFrom("", "", "/d-000003", "/d2", "/UPPER"),
    fc.constantFrom("", "?dry_run=true", "?dry_run=true", "?lazy=true"),
    settings(
      {
        conditions,
        aliases: fc.constantFrom<Json>({ z: {} }, { w: {} }),
        settings: fc.constant({ number_of_replicas: 0 }),
        mappings: fc.constant({ properties: { q: { type: "long" } } }),
        unknown: fc.constant(1),
      },
      2,
    ),
  )
  .map(([from, to, line, body]): Step => ({ ask: `POST /${from}/_rollover${to}${line}`, body }));

const change = fc.oneof(
  fc.constantFrom(true, true, false, null).map((write): Step => ({
    ask: "PUT /d-000001/_settings",
    body: { "index.blocks.write": write },
  })),
  fc
    .constantFrom("w", "d-000001", "d2", "two")
    .map((one): Step => ({ ask: `POST /${one}/_doc/7?refresh=true`, body: { n: 7, z: 1 } })),
  target.map((one): Step => ({ ask: `DELETE /${one}?ignore_unavailable=true` })),
);
const look = fc
  .tuple(
    fc.constantFrom("d2", "d3", "d*", "w", "z"),
    fc.constantFrom("", "/_settings?flat_settings=true", "/_alias", "/_mapping", "/_search?sort=n"),
  )
  .map(([one, what]): Step => ({ ask: `GET /${one}${what}` }));

/** An index behind an alias to write to. */
export const resizes = fc
  .tuple(
    fc.constantFrom(1, 2, 4),
    fc.constantFrom<Json>({}, { number_of_routing_shards: 4 }),
    asked(
      fc.oneof({ weight: 3, arbitrary: resize }, { weight: 2, arbitrary: rollover }, change, {
        weight: 2,
        arbitrary: look,
      }),
      30,
    ),
  )
  .map(([shards, more, steps]): readonly Step[] => [
    ...cleared,
    {
      ask: "PUT /d-000001",
      body: {
        settings: { number_of_replicas: 0, number_of_shards: shards, ...more },
        mappings: { properties: { n: { type: "integer" } } },
        aliases: { w: { is_write_index: true }, two: {} },
      },
    },
    {
      ask: "POST /d-000001/_bulk?refresh=true",
      body: [1, 2, 3].flatMap((n) => [{ index: { _id: `${n}` } }, { n }]),
    },
    { ask: "PUT /d-000001/_settings", body: { "index.blocks.write": true } },
    ...steps,
  ]);
