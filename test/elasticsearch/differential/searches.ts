/** Random searches of many kinds, some of them faulty. */
import * as fc from "fast-check";
import type { Step } from "../corpus/corpus.ts";
import type { Field } from "./fields.ts";
import { bodyOfSearch, isOrdered, mostly } from "./requests.ts";
import { aggregationsOn } from "./wide-aggregations.ts";
import { wideQueryOn } from "./wide-queries.ts";

type Json = Readonly<Record<string, unknown>>;

/** What takes the place of a part of a faulty body. */
const wrongValues: fc.Arbitrary<unknown> = fc.constantFrom<unknown>(
  3,
  "x",
  "",
  null,
  [],
  {},
  true,
  -1,
  1e40,
  { foo: 1 },
  ["x", 1],
);

/** Paths to all parts of a body. */
function pathsIn(value: unknown, path: readonly (string | number)[] = []): (string | number)[][] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const own = [...path, Array.isArray(value) ? Number(key) : key];
    return [own, ...pathsIn(inner, own)];
  });
}

/** A body with a part in another's place, without it, or with an unknown one beside it. */
function changedAt(
  value: unknown,
  [step, ...rest]: readonly (string | number)[],
  change: "replace" | "remove" | "add",
  other: unknown,
): unknown {
  if (step === undefined || value === null || typeof value !== "object") return value;
  if (Array.isArray(value)) {
    const list: readonly unknown[] = value;
    const at = Number(step);
    if (rest.length > 0) return list.with(at, changedAt(list[at], rest, change, other));
    return change === "remove" ? list.toSpliced(at, 1) : list.with(at, other);
  }
  const object = value as Json;
  if (rest.length > 0) return { ...object, [step]: changedAt(object[step], rest, change, other) };
  if (change === "add") return { ...object, foo: other };
  if (change === "replace") return { ...object, [step]: other };
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== step));
}

/** Makes a body faulty. */
function faulty(body: Json): fc.Arbitrary<Json> {
  const paths = pathsIn(body);
  return paths.length === 0
    ? fc.constant(body)
    : fc
        .tuple(
          fc.constantFrom(...paths),
          fc.constantFrom("replace", "replace", "remove", "add"),
          wrongValues,
        )
        .map(([path, change, other]) => changedAt(body, path, change, other) as Json);
}

function optionsOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  const paths = fields.map(({ path }) => path);
  const ordered = mostly(fields, isOrdered).map(({ path }) => path);
  return fc.record(
    {
      query: wideQueryOn(fields),
      aggs: aggregationsOn(fields),
      size: fc.integer({ min: 0, max: 5 }),
      from: fc.integer({ min: 0, max: 2 }),
      min_score: fc.constantFrom(0.1, 0.5, 1),
      version: fc.constant(true),
      seq_no_primary_term: fc.constant(true),
      track_scores: fc.boolean(),
      track_total_hits: fc.constantFrom<unknown>(true, false, 1),
      terminate_after: fc.constantFrom(1, 100),
      highlight: fc
        .subarray([...paths, "f*"], { minLength: 1, maxLength: 2 })
        .map((some) => ({ fields: Object.fromEntries(some.map((path) => [path, {}])) })),
      collapse: ordered.map((field) => ({ field })),
      rescore: wideQueryOn(fields).map((rescore_query) => ({ query: { rescore_query } })),
    },
    { requiredKeys: [] },
  );
}

/** A sorted search that goes on behind some values. */
function pageOn(fields: readonly Field[]): fc.Arbitrary<Json> {
  return mostly(fields, isOrdered).chain((field) =>
    fc
      .tuple(field.value, fc.constantFrom("asc", "desc"), fc.constantFrom("_first", "_last"))
      .map(([value, order, missing]) => ({
        sort: [{ [field.path]: { order, missing } }],
        search_after: [Array.isArray(value) ? value[0] : value],
      })),
  );
}

/** Requests that search an index in many ways. */
export function searchesOn(index: string, fields: readonly Field[]): fc.Arbitrary<Step> {
  const body = fc.oneof(
    { weight: 3, arbitrary: optionsOn(fields) },
    { weight: 1, arbitrary: aggregationsOn(fields).map((aggs) => ({ size: 0, aggs })) },
    { weight: 1, arbitrary: wideQueryOn(fields).map((query) => ({ query })) },
    { weight: 1, arbitrary: pageOn(fields) },
  );
  const ask = `POST /${index}/_search`;
  return fc.oneof(
    { weight: 8, arbitrary: body.map((one): Step => ({ ask, body: one })) },
    {
      weight: 1,
      arbitrary: fc
        .oneof(body, bodyOfSearch(fields))
        .chain(faulty)
        .map((one): Step => ({ ask, body: one })),
    },
    {
      weight: 1,
      arbitrary: wideQueryOn(fields)
        .chain((query) => faulty({ query }))
        .chain((one) =>
          fc
            .constantFrom(
              "_count",
              "_validate/query",
              "_explain/1?filter_path=matched,error,status",
            )
            .map((what): Step => ({ ask: `POST /${index}/${what}`, body: one })),
        ),
    },
    {
      weight: 1,
      arbitrary: fc
        .tuple(
          fc.constantFrom("red", "f0:red", "f1:[1 TO 3]", "*", "f0:re*", "f0:", "red OR"),
          fc.constantFrom(
            "",
            "&sort=f0",
            "&sort=f1:desc",
            "&df=f0",
            "&size=2",
            "&size=x",
            "&from=-1",
          ),
        )
        .map(([text, more]): Step => ({
          ask: `GET /${index}/_search?q=${encodeURIComponent(text)}&lenient=true${more}`,
        })),
    },
  );
}
