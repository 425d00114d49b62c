/** Documents with every type of field, one value or several, for generated ES|QL. */
import { createRandom } from "../../../mock-es/faults/random.ts";

/** Fields by name: mapping type, and the values that they have. */
const fields = {
  b1: ["boolean", "booleans"],
  bm: ["boolean", "booleans"],
  i1: ["integer", "integers"],
  im: ["integer", "integers"],
  sh: ["short", "shorts"],
  l1: ["long", "longs"],
  lm: ["long", "longs"],
  d1: ["double", "doubles"],
  dm: ["double", "doubles"],
  f1: ["float", "doubles"],
  k1: ["keyword", "texts"],
  km: ["keyword", "texts"],
  kk: ["keyword", "texts"],
  t1: ["text", "texts"],
  tm: ["text", "texts"],
  a1: ["date", "dates"],
  am: ["date", "dates"],
  n1: ["date_nanos", "nanos"],
  nm: ["date_nanos", "nanos"],
  p1: ["ip", "addresses"],
  pm: ["ip", "addresses"],
  g1: ["geo_point", "points"],
  ulk: ["keyword", "unsigned"],
  vk: ["keyword", "versions"],
  vm: ["keyword", "versions"],
} as const satisfies Readonly<Record<string, readonly [string, keyof typeof values]>>;

/** Names of the fields but `id`. */
export const fieldNames: readonly string[] = [...Object.keys(fields), "tm.raw"];

/** Values as they stand in JSON: longs need all their digits. */
const values = {
  booleans: ["true", "false"],
  integers: "0 1 -1 2 3 7 10 42 -100 2147483647 -2147483648 12345".split(" "),
  shorts: "0 1 -1 5 32767 -32768".split(" "),
  longs: "0 1 -1 5 100 1234567890123 42 -77 9007199254740993".split(" "),
  doubles: "0 -0.0 1 0.5 -0.5 1.5 2.5 -2.5 3.14159 1e10 1e-10 123456789.987 1e19 0.1".split(" "),
  texts: [
    ..."a b abc ÄÖü ß a,b,c 12 -3.5 true 1.2.3 127.0.0.1 2020-01-01 a.b*c İstanbul YWJj".split(" "),
    "",
    "Hello World",
    "foo bar baz",
    "  pad ",
    "POINT(1 2)",
    "zz\\n",
  ].map((text) => JSON.stringify(text)),
  dates: [
    "2020-01-01",
    "2020-02-29T23:59:59.999Z",
    "1969-12-31T23:59:59.999Z",
    "1970-01-01T00:00:00Z",
    "2023-10-23T13:55:01.543Z",
    "1900-03-01",
    "0001-01-01T00:00:00Z",
  ].map((date) => JSON.stringify(date)),
  nanos: [
    "2020-01-01T00:00:00.123456789Z",
    "1970-01-01T00:00:00.000000001Z",
    "2024-12-31T23:59:59.999999999Z",
    "2021-06-15T08:30:00Z",
  ].map((date) => JSON.stringify(date)),
  addresses: "127.0.0.1 10.0.0.1 192.168.1.255 ::1 fe80::1 2001:db8::ff00:42:8329 ::ffff:1.2.3.4"
    .split(" ")
    .map((address) => JSON.stringify(address)),
  points: ["POINT(1 2)", "POINT(-71.34 41.12)", "POINT(179.9 -89.5)"].map((p) => JSON.stringify(p)),
  unsigned: "0 1 42 77 12345".split(" ").map((digits) => JSON.stringify(digits)),
  versions: "1.2.3 1.10.0 1.2.3-alpha 2.0 bad 1.2.3+build 1.2.03"
    .split(" ")
    .map((version) => JSON.stringify(version)),
} as const;

/** What the fields `ul`, `v1` and `vm` are made of. */
export const prelude = "EVAL ul = TO_UNSIGNED_LONG(ulk), v1 = TO_VERSION(vk), vm = TO_VERSION(vm)";

/** The mapping of the index `gen`. */
export const mapping = {
  properties: {
    id: { type: "integer" },
    ...Object.fromEntries(Object.entries(fields).map(([name, [type]]) => [name, { type }])),
    tm: { type: "text", fields: { raw: { type: "keyword" } } },
  },
};

/** A bulk request with documents: one in eight fields is missing, some have several values. */
export function bulkBody(seed: number, count: number): string {
  const random = createRandom(seed);
  const pick = (list: readonly string[]): string =>
    list[Math.floor(random() * list.length)] ?? "null";
  const lines = Array.from({ length: count }, (_, id) => {
    const members = Object.entries(fields).flatMap(([name, [, kind]]) => {
      if (random() < 0.12) return [];
      const isMany = name.endsWith("m") && random() < 0.6;
      const size = isMany ? 2 + Math.floor(random() * 3) : 1;
      const list = Array.from({ length: size }, () => pick(values[kind]));
      return [`"${name}":${isMany ? `[${list.join(",")}]` : list.join("")}`];
    });
    return `{"index":{"_id":"${id}"}}\n{"id":${id},${members.join(",")}}\n`;
  });
  return lines.join("");
}

/** Rows of the index `lk`, which is joined. */
export const lookupBody = [
  { i1: 0, k1: "a", lv: "zero", ln: 1 },
  { i1: 1, k1: "b", lv: "one", ln: 2 },
  { i1: 1, k1: "abc", lv: "uno", ln: 3 },
  { i1: 42, k1: "", lv: "answer", ln: 4 },
  { i1: 7, k1: "a", ln: 5 },
]
  .map((row, id) => `{"index":{"_id":"${id}"}}\n${JSON.stringify(row)}\n`)
  .join("");

/** The mapping of the index `lk`. */
export const lookupMapping = {
  properties: {
    i1: { type: "integer" },
    k1: { type: "keyword" },
    lv: { type: "keyword" },
    ln: { type: "long" },
  },
};
