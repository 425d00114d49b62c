/** The index that is searched with mutated bodies. */
type Json = Readonly<Record<string, unknown>>;

export const mutatedIndex = "mutated";

/** A field of each kind that many clauses look at. */
export const mutatedMapping: Json = {
  properties: {
    k: { type: "keyword" },
    t: { type: "text", fields: { raw: { type: "keyword" } } },
    t2: { type: "text" },
    l: { type: "long" },
    i: { type: "integer" },
    d: { type: "double" },
    f: { type: "date" },
    b: { type: "boolean" },
    g: { type: "geo_point" },
    ip: { type: "ip" },
    r: { type: "integer_range" },
    n: { type: "nested", properties: { a: { type: "long" }, t: { type: "text" } } },
  },
};

export const mutatedDocuments: readonly Json[] = [
  {
    k: "red",
    t: "red fox jumps",
    t2: "the blue fox",
    l: 1,
    i: 2,
    d: 1.5,
    f: "2020-01-01",
    b: true,
    g: "10,20",
    ip: "10.0.0.1",
    r: { gte: 1, lte: 5 },
    n: [{ a: 1, t: "x y" }, { a: 2 }],
  },
  {
    k: "blue",
    t: "blue fox",
    l: 3,
    i: -1,
    d: -2.5,
    f: "2020-03-05T10:00:00Z",
    b: false,
    g: "41.12,-71.34",
    ip: "192.168.0.1",
  },
  { k: ["red", "green"], t: "the red red fox", l: [5, 7], d: 4, f: "2021-01-01", n: { a: 3 } },
];
