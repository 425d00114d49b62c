import * as fc from "fast-check";

/** Queries as trees that know what is a name and what a value. */
export type Query =
  | {
      readonly kind: "leaf";
      readonly type: string;
      readonly field: string;
      readonly isLong: boolean;
    }
  | { readonly kind: "terms"; readonly field: string }
  | { readonly kind: "lookup"; readonly field: string; readonly index: string }
  | { readonly kind: "range"; readonly field: string; readonly bounds: readonly string[] }
  | { readonly kind: "exists"; readonly field: string }
  | { readonly kind: "multi"; readonly fields: readonly string[] }
  | { readonly kind: "bool"; readonly clauses: Readonly<Partial<Record<Occur, readonly Query[]>>> }
  | { readonly kind: "nested"; readonly path: string; readonly query: Query }
  | { readonly kind: "constant"; readonly query: Query };

type Occur = "must" | "filter" | "should" | "must_not";

export interface Aggregation {
  readonly type: string;
  readonly field: string;
}

export interface Body {
  readonly query: Query;
  readonly aggs: Readonly<Record<string, Aggregation>>;
  readonly sort: readonly string[];
  readonly source: readonly string[];
}

/** Among them what are parameters elsewhere: a field may be called so. */
const field = fc.constantFrom("user.name", "@timestamp", "path", "index", "query", "field", "size");
const leafType = fc.constantFrom("term", "match", "prefix", "match_phrase", "wildcard");

const leaf: fc.Arbitrary<Query> = fc.oneof(
  fc.record({ kind: fc.constant("leaf" as const), type: leafType, field, isLong: fc.boolean() }),
  fc.record({ kind: fc.constant("terms" as const), field }),
  fc.record({ kind: fc.constant("lookup" as const), field, index: fc.constant("users") }),
  fc.record({
    kind: fc.constant("range" as const),
    field,
    bounds: fc.subarray(["gte", "gt", "lte", "lt"], { minLength: 1 }),
  }),
  fc.record({ kind: fc.constant("exists" as const), field }),
  fc.record({
    kind: fc.constant("multi" as const),
    fields: fc.uniqueArray(field, { minLength: 1, maxLength: 3 }),
  }),
);

const query: fc.Arbitrary<Query> = fc.letrec<{ query: Query; clauses: readonly Query[] }>(
  (tie) => ({
    clauses: fc.array(tie("query"), { minLength: 1, maxLength: 4 }),
    query: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .record(
          {
            must: tie("clauses"),
            filter: tie("clauses"),
            should: tie("clauses"),
            must_not: tie("clauses"),
          },
          { requiredKeys: [] },
        )
        .map((clauses) => ({ kind: "bool" as const, clauses })),
      fc.record({ kind: fc.constant("nested" as const), path: field, query: tie("query") }),
      fc.record({ kind: fc.constant("constant" as const), query: tie("query") }),
    ),
  }),
).query;

const aggregation = fc.record({ type: fc.constantFrom("terms", "avg", "cardinality"), field });

export const body: fc.Arbitrary<Body> = fc.record({
  query,
  aggs: fc.dictionary(fc.constantFrom("a", "b", "c"), aggregation),
  sort: fc.array(field, { maxLength: 2 }),
  source: fc.uniqueArray(field, { maxLength: 3 }),
});

/** A whole number from 0 to below − 1. */
export type Draw = (below: number) => number;

export const draws: fc.Arbitrary<Draw> = fc.infiniteStream(fc.nat()).map((numbers): Draw => {
  return (below) => (below <= 0 ? 0 : (numbers.next().value ?? 0) % below);
});

/** Writes the body with values, orders and lengths of lists as they are drawn. */
export function written({ query: tree, aggs, sort, source }: Body, draw: Draw): unknown {
  const aggregations = Object.entries(aggs).map(([name, { type, field: of }]): Member => [
    name,
    object(
      [
        [
          type,
          object(
            [
              ["field", of],
              ["missing", value(draw)],
            ],
            draw,
          ),
        ],
      ],
      draw,
    ),
  ]);
  return object(
    [
      ["query", writtenQuery(tree, draw)],
      ["aggs", object(aggregations, draw)],
      [
        "sort",
        sort.map((of) => ({
          [of]: object(
            [
              ["order", "desc"],
              ["missing", value(draw)],
            ],
            draw,
          ),
        })),
      ],
      ["_source", shuffled(source, draw)],
      ["size", value(draw)],
    ],
    draw,
  );
}

function writtenQuery(tree: Query, draw: Draw): unknown {
  switch (tree.kind) {
    case "leaf": {
      const long = object(
        [
          ["value", value(draw)],
          ["boost", value(draw)],
        ],
        draw,
      );
      return { [tree.type]: { [tree.field]: tree.isLong ? long : value(draw) } };
    }
    case "terms":
      return {
        terms: object(
          [
            [tree.field, values(draw)],
            ["boost", value(draw)],
          ],
          draw,
        ),
      };
    case "lookup": {
      const lookup: Member[] = [
        ["index", tree.index],
        ["id", value(draw)],
        ["path", "followers"],
      ];
      return { terms: { [tree.field]: object(lookup, draw) } };
    }
    case "range": {
      const bounds = tree.bounds.map((bound): Member => [bound, value(draw)]);
      return { range: { [tree.field]: object(bounds, draw) } };
    }
    case "exists":
      return { exists: { field: tree.field } };
    case "multi":
      return {
        multi_match: object(
          [
            ["query", value(draw)],
            ["fields", shuffled(tree.fields, draw)],
          ],
          draw,
        ),
      };
    case "bool": {
      const clauses = Object.entries(tree.clauses).map(([occur, list]): Member => [
        occur,
        shuffled(
          list.map((clause) => writtenQuery(clause, draw)),
          draw,
        ),
      ]);
      return { bool: object([...clauses, ["minimum_should_match", value(draw)]], draw) };
    }
    case "nested":
      return {
        nested: object(
          [
            ["path", tree.path],
            ["query", writtenQuery(tree.query, draw)],
          ],
          draw,
        ),
      };
    case "constant":
      return {
        constant_score: object(
          [
            ["filter", writtenQuery(tree.query, draw)],
            ["boost", value(draw)],
          ],
          draw,
        ),
      };
  }
}

type Member = readonly [key: string, value: unknown];

function object(members: readonly Member[], draw: Draw): object {
  return Object.fromEntries(shuffled(members, draw));
}

function value(draw: Draw): unknown {
  return [draw(1e6), `"x"\\${draw(1e6)}\n{}`, "user.name", true, null, -1.5e-7][draw(6)];
}

function values(draw: Draw): unknown {
  return Array.from({ length: draw(5) }, () => value(draw));
}

function shuffled<T>(items: readonly T[], draw: Draw): T[] {
  return items
    .map((item) => ({ item, rank: draw(1e9) }))
    .sort((one, other) => one.rank - other.rank)
    .map(({ item }) => item);
}

/** Writes JSON with white space and comments between its tokens. */
export function loosely(json: unknown, draw: Draw): string {
  const gaps = ["", " ", "\n\t", ' /* "}] */ ', "// {\n", "\r\n"];
  const gap = (): string => gaps[draw(gaps.length)] ?? "";
  const write = (part: unknown): string => {
    if (Array.isArray(part)) {
      return `[${gap()}${part.map(write).join(`${gap()},${gap()}`)}${gap()}]`;
    }
    if (typeof part !== "object" || part === null) return JSON.stringify(part);
    const members = Object.entries(part).map(
      ([key, inner]) => `${gap()}${JSON.stringify(key)}${gap()}:${gap()}${write(inner)}${gap()}`,
    );
    return `{${members.join(",")}${gap()}}`;
  };
  return gap() + write(json) + gap();
}

/**
 * One of the bodies that differ in one place: a field, a type, a clause more, less or elsewhere.
 */
export function altered(body: Body, draw: Draw): Body {
  const { query: tree, aggs, sort, source } = body;
  const all: Body[] = alterations(tree).map((other) => ({ ...body, query: other }));
  all.push({ ...body, sort: [...sort, "one.more"] });
  if (sort.length === 2 && sort[0] !== sort[1]) all.push({ ...body, sort: sort.toReversed() });
  all.push({ ...body, source: [...source, "one.more"] });
  all.push({ ...body, aggs: { ...aggs, d: { type: "max", field: "x" } } });
  for (const [name, { type, field: of }] of Object.entries(aggs)) {
    all.push({ ...body, aggs: { ...aggs, [name]: { type, field: `${of}.x` } } });
    all.push({ ...body, aggs: { ...aggs, [name]: { type: "min", field: of } } });
  }
  return all[draw(all.length)] ?? body;
}

function alterations(tree: Query): Query[] {
  const around: Query[] = [
    { kind: "constant", query: tree },
    { kind: "bool", clauses: { must: [tree] } },
  ];
  switch (tree.kind) {
    case "leaf":
      return [
        ...around,
        { ...tree, field: `${tree.field}.x` },
        { ...tree, type: tree.type === "term" ? "match" : "term" },
        { kind: "terms", field: tree.field },
      ];
    case "lookup":
      return [...around, { ...tree, index: "others" }, { kind: "terms", field: tree.field }];
    case "range":
      return [...around, { ...tree, field: "x" }, { ...tree, bounds: [...tree.bounds, "format"] }];
    case "terms":
    case "exists":
      return [...around, { ...tree, field: `${tree.field}.x` }];
    case "multi":
      return [...around, { ...tree, fields: [...tree.fields, "x"] }];
    case "nested":
      return [
        ...around,
        { ...tree, path: `${tree.path}.x` },
        ...alterations(tree.query).map((inner) => ({ ...tree, query: inner })),
      ];
    case "constant":
      return [...around, ...alterations(tree.query).map((inner) => ({ ...tree, query: inner }))];
    case "bool":
      return [...around, ...boolAlterations(tree.clauses)];
  }
}

const otherOccur: Readonly<Record<Occur, Occur>> = {
  must: "should",
  should: "filter",
  filter: "must_not",
  must_not: "must",
};

function boolAlterations(clauses: Partial<Record<Occur, readonly Query[]>>): Query[] {
  const results: Query[] = [];
  const added: Query = { kind: "exists", field: "added" };
  for (const occur of ["must", "filter", "should", "must_not"] as const) {
    const list = clauses[occur];
    if (list === undefined) {
      results.push({ kind: "bool", clauses: { ...clauses, [occur]: [added] } });
      continue;
    }
    const { [occur]: _moved, ...others } = clauses;
    results.push({ kind: "bool", clauses: { ...clauses, [occur]: [...list, added] } });
    results.push({ kind: "bool", clauses: { ...clauses, [occur]: [...list, ...list] } });
    if (clauses[otherOccur[occur]] === undefined) {
      results.push({ kind: "bool", clauses: { ...others, [otherOccur[occur]]: list } });
    }
    for (const [at, clause] of list.entries()) {
      for (const other of alterations(clause)) {
        const changed = [...list.slice(0, at), other, ...list.slice(at + 1)];
        results.push({ kind: "bool", clauses: { ...clauses, [occur]: changed } });
      }
    }
  }
  return results;
}
