/** Random mappings with documents and with requests of many kinds on them. */
import * as fc from "fast-check";
import type { CorpusGroup, Step } from "../corpus/corpus.ts";
import { bounded } from "./bounded.ts";
import { type Field, someFields } from "./fields.ts";
import { moreSearchesOn } from "./more-options.ts";
import { bodyOfSearch, queryOn } from "./requests.ts";
import { searchesOn } from "./searches.ts";

type Json = Readonly<Record<string, unknown>>;

/** An index, what is written to it first, and what is asked then. */
export interface GeneratedScenario {
  /** Settings and mappings of the index. */
  readonly index: Json;
  readonly documents: readonly Json[];
  readonly requests: readonly Step[];
}

const index = "differential";
/** Requests of a scenario. */
const requestsEach = 60;
const writesEach = 12;

const analysis = {
  analyzer: { short: { type: "standard", max_token_length: 3, stopwords: ["fox"] } },
  normalizer: { low: { type: "custom", filter: ["lowercase"] } },
};

const dynamicTemplates: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  {},
  {},
  { dynamic: false },
  { dynamic: "strict" },
  { date_detection: false },
  { numeric_detection: true },
  { dynamic_templates: [{ s: { match_mapping_type: "string", mapping: { type: "keyword" } } }] },
  {
    dynamic_templates: [
      { l: { match: "x*", match_mapping_type: "long", mapping: { type: "integer" } } },
      { r: { match_pattern: "regex", match: "^y.$", mapping: { type: "text", norms: false } } },
      { u: { unmatch: "z", path_match: "d.*", mapping: { type: "{dynamic_type}" } } },
    ],
  },
);

/** Types whose values are not copied: objects, and bytes, which the mock refuses. */
const uncopied: ReadonlySet<string> = new Set(["binary", "flattened"]);

/** Values for fields that the mapping does not name. */
const unmapped: fc.Arbitrary<Json> = fc.record(
  {
    x1: fc.constantFrom<unknown>(1, "1", 2.5, "text of words", true, "2020-01-01"),
    y1: fc.constantFrom<unknown>("2020/01/01", "3", [1, 2], null, "word"),
    d: fc.constantFrom<unknown>({ a: 1 }, { b: "c" }, { a: 1.5, z: "q" }, {}, 5, [{ a: null }]),
    "d.a": fc.constantFrom<unknown>(2, "3", null, ["x"]),
    "o.f0": fc.constantFrom<unknown>(1, "red", null, true),
  },
  { requiredKeys: [] },
);

function mappingOf(fields: readonly Field[], others: Json, copies: boolean): Json {
  const within = (prefix: string | undefined): Json =>
    Object.fromEntries(
      fields
        .filter(({ path, name }) => path === (prefix === undefined ? name : `${prefix}.${name}`))
        .map(({ name, definition, type }) => [
          name,
          copies && name === "f1" && prefix === undefined && !uncopied.has(type)
            ? { ...definition, copy_to: "all" }
            : definition,
        ]),
    );
  return {
    ...others,
    properties: {
      ...within(undefined),
      o: { properties: within("o") },
      n: { type: "nested", properties: within("n") },
      al: { type: "alias", path: fields[0]?.path },
    },
  };
}

function documentOf(fields: readonly Field[]): fc.Arbitrary<Json> {
  const some = (prefix: "o" | "n" | undefined): fc.Arbitrary<Json> => {
    const own = fields.filter(({ path, name }) =>
      prefix === undefined ? path === name : path === `${prefix}.${name}`,
    );
    return fc.record(Object.fromEntries(own.map(({ name, value }) => [name, value])), {
      requiredKeys: [],
    });
  };
  return fc
    .tuple(
      some(undefined),
      fc.option(some("o"), { nil: undefined }),
      fc.option(fc.array(some("n"), { maxLength: 3 }), { nil: undefined }),
      fc.option(unmapped, { freq: 2, nil: {} }),
    )
    .map(([top, o, n, others]) => ({
      ...top,
      ...(o === undefined ? {} : { o }),
      ...(n === undefined ? {} : { n }),
      ...others,
    }));
}

const id = fc.constantFrom("1", "2", "3", "9");
const sourceParameters = fc.constantFrom(
  "",
  "?_source=false",
  "?_source_includes=f0,o.*",
  "?_source_excludes=*1",
  "?stored_fields=f0,f1",
  "?realtime=false",
  "?version=1",
);

/** Reads whose answers do not depend on scores. */
function read(fields: readonly Field[]): fc.Arbitrary<Step> {
  const paths = fc.constantFrom(...fields.map(({ path }) => path), "*", "al", "x1", "o.*");
  return fc.oneof(
    fc
      .tuple(id, sourceParameters)
      .map(([one, what]) => ({ ask: `GET /${index}/_doc/${one}${what}` })),
    fc.tuple(id, sourceParameters).map(([one, what]) => ({
      ask: `GET /${index}/_source/${one}${what.startsWith("?_source") ? what : ""}`,
    })),
    fc.array(id, { minLength: 1, maxLength: 3 }).map((ids) => ({
      ask: `POST /${index}/_mget`,
      body: { docs: ids.map((_id, at) => ({ _id, ...(at === 1 ? { _source: ["f*"] } : {}) })) },
    })),
    queryOn(fields).map((query) => ({ ask: `POST /${index}/_count`, body: { query } })),
    paths.map((path) => ({ ask: `GET /${index}/_field_caps?fields=${path}` })),
    fc
      .tuple(paths, fc.constantFrom("-metadata", "-multifield", "-nested,-parent"))
      .map(([path, filters]) => ({
        ask: `GET /${index}/_field_caps?fields=${path}&filters=${filters}`,
      })),
    fc.array(paths, { minLength: 1, maxLength: 3 }).map((stored) => ({
      ask: `GET /${index}/_doc/1?stored_fields=${stored.join(",")}`,
    })),
    paths.map((path) => ({ ask: `GET /${index}/_mapping/field/${path}` })),
    fc.constant({ ask: `GET /${index}/_mapping` }),
    queryOn(fields).map((query) => ({ ask: `POST /${index}/_validate/query`, body: { query } })),
    fc.tuple(id, queryOn(fields)).map(([one, query]) => ({
      ask: `POST /${index}/_explain/${one}?filter_path=matched,_id,error,status`,
      body: { query },
    })),
    fc.tuple(id, paths).map(([one, path]) => ({
      ask: `GET /${index}/_termvectors/${one}?fields=${path}&filter_path=term_vectors,found,error`,
    })),
    queryOn(fields).map((query) => ({
      ask: "POST /_msearch?filter_path=responses.hits.total,responses.error,responses.status",
      body: [{ index }, { query }, { index, ignore_unavailable: true }, { size: 0 }],
    })),
  );
}

/** A change of the mapping: of a field to another's type or parameters, or of the root. */
function update(fields: readonly Field[]): fc.Arbitrary<Step> {
  const top = fields.filter(({ path, name }) => path === name);
  const field = fc.tuple(fc.constantFrom(...top), fc.constantFrom(...top), fc.boolean());
  return fc
    .oneof(
      field.map(([to, from, isWhole]) => ({
        properties: {
          [to.name]: isWhole ? from.definition : { ...to.definition, ...from.definition },
        },
      })),
      fc.constantFrom<Json>(
        { properties: { o: { type: "nested" } } },
        { properties: { n: { properties: { f0: { type: "keyword" } } } } },
        { properties: { o: { dynamic: false } }, numeric_detection: true },
        { dynamic: "strict" },
        { properties: { x1: { type: "keyword" }, "o.new": { type: "long", meta: { a: "b" } } } },
        { properties: { all: { type: "text" } } },
      ),
    )
    .map((body) => ({ ask: `PUT /${index}/_mapping`, body }));
}

function write(fields: readonly Field[]): fc.Arbitrary<Step> {
  const document = documentOf(fields);
  return fc.oneof(
    fc.tuple(id, document).map(([one, body]) => ({
      ask: `PUT /${index}/_doc/${one}?refresh=true`,
      body,
    })),
    fc.tuple(id, document).map(([one, body]) => ({
      ask: `PUT /${index}/_create/${one}?refresh=true`,
      body,
    })),
    id.map((one) => ({ ask: `DELETE /${index}/_doc/${one}?refresh=true` })),
    update(fields),
    // Without the routing, an id that each server makes would choose the shard.
    document.map((body) => ({ ask: `POST /${index}/_doc?refresh=true&routing=1`, body })),
    fc
      .tuple(
        id,
        document,
        fc.constantFrom<Json>({}, { doc_as_upsert: true }, { detect_noop: false }),
      )
      .map(([one, doc, options]) => ({
        ask: `POST /${index}/_update/${one}?refresh=true&_source=true`,
        body: { doc, ...options },
      })),
    fc
      .tuple(fc.array(fc.tuple(id, document), { minLength: 1, maxLength: 3 }), id)
      .map(([all, gone]) => ({
        ask: `POST /${index}/_bulk?refresh=true`,
        body: [
          ...all.flatMap(([_id, body], at) => [
            at === 1 ? { update: { _id } } : { index: { _id } },
            at === 1 ? { doc: body, doc_as_upsert: true } : body,
          ]),
          { delete: { _id: gone } },
        ],
      })),
    fc.tuple(id, fc.integer({ min: 0, max: 4 })).map(([one, seq]) => ({
      ask: `DELETE /${index}/_doc/${one}?if_seq_no=${seq}&if_primary_term=1&refresh=true`,
    })),
  );
}

/** Pages of a scroll, or of a point in time. */
function pages(fields: readonly Field[]): fc.Arbitrary<readonly Step[]> {
  return fc.tuple(queryOn(fields), fc.integer({ min: 1, max: 3 })).map(([query, size]) => {
    const body = { query, size, sort: ["_doc"] };
    return [
      { ask: `POST /${index}/_search?scroll=1m`, body, keep: { scroll: "_scroll_id" } },
      { ask: "POST /_search/scroll", body: { scroll: "1m", scroll_id: "${scroll}" } },
      { ask: "DELETE /_search/scroll", body: { scroll_id: ["${scroll}"] } },
    ];
  });
}

function requestsOn(fields: readonly Field[]): fc.Arbitrary<readonly Step[]> {
  const search = bodyOfSearch(fields).map((body): Step => ({
    ask: `POST /${index}/_search`,
    body,
  }));
  const wide = searchesOn(index, fields);
  const one = fc.oneof(
    { weight: 3, arbitrary: search },
    { weight: 4, arbitrary: wide },
    { weight: 8, arbitrary: moreSearchesOn(index, fields) },
    read(fields),
  );
  const reads = fc.array(one, {
    minLength: requestsEach - writesEach - 3,
    maxLength: requestsEach - writesEach - 3,
  });
  // Scores depend on documents that are deleted and not merged away, so searches come first.
  const changes = fc.array(fc.oneof(write(fields), read(fields)), {
    minLength: writesEach,
    maxLength: writesEach,
  });
  return fc
    .tuple(reads, pages(fields), changes)
    .map(([first, middle, last]) => [...first, ...middle, ...last]);
}

/** Scenarios whose mappings, documents and requests are all random. */
export const generatedScenarios: fc.Arbitrary<GeneratedScenario> = someFields.chain((fields) =>
  fc
    .tuple(
      dynamicTemplates,
      fc.boolean(),
      fc.array(documentOf(fields), { minLength: 1, maxLength: 8 }),
      requestsOn(fields),
      fc.constantFrom(1, 1, 1, 2),
    )
    .map(([others, copies, documents, requests, shards]) => ({
      index: {
        settings: { number_of_replicas: 0, number_of_shards: shards, analysis },
        // Which of two shards maps a new field first is decided by chance.
        mappings: mappingOf(
          fields,
          shards === 1 ? others : { dynamic: false },
          copies && shards === 1,
        ),
      },
      documents,
      requests: requests.map((step) => ({ ...step, body: bounded(step.body, fields) })),
    })),
);

/** All requests of a scenario. */
export function generatedGroup(scenario: GeneratedScenario): CorpusGroup {
  const lines = scenario.documents.flatMap((document, at) => [
    { index: { _id: String(at + 1) } },
    document,
  ]);
  return {
    name: "generated",
    steps: [
      { ask: `DELETE /${index}?ignore_unavailable=true` },
      { ask: `PUT /${index}`, body: scenario.index },
      { ask: `POST /${index}/_bulk?refresh=true`, body: lines },
      ...scenario.requests,
    ],
  };
}
