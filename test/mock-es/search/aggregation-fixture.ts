/** Documents that aggregations are computed over. */
import { documentsOf, searchIn } from "./documents.ts";

export const TYPES = {
  tag: "keyword",
  text: "text",
  n: "long",
  x: "double",
  day: "date",
  ok: "boolean",
  ip: "ip",
  "o.k": "keyword",
  o: "object",
};
export const DOCS = documentsOf(
  { tag: "red", n: 1, x: 0.5, day: "2024-01-15T10:00:00Z", ok: true, ip: "10.0.0.1" },
  { tag: ["red", "blue", "red"], n: 4, x: 2.5, day: "2024-01-31T23:30:00Z", ok: false },
  { tag: "blue", n: [10, 4], day: "2024-04-01", ok: true, text: "hello" },
  { n: 20, o: { k: "v" }, day: null },
);

/** Results as a client reads them. */
export function asRead(value: unknown): unknown {
  return value === undefined ? undefined : JSON.parse(JSON.stringify(value));
}

export const run = (aggs: unknown, body: object = {}): unknown =>
  asRead(searchIn(DOCS, TYPES, { size: 0, aggs, ...body }).aggregations?.["a"]);
export const bucketsOf = (aggs: unknown): unknown =>
  (run({ a: aggs }) as { buckets: unknown }).buckets;
