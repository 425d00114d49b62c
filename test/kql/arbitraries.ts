import * as fc from "fast-check";

import { FieldTable } from "../../src/kql/field-table.ts";
import { quoteValue } from "../../src/kql/quote-value.ts";

/** A small table with a field of every type, so that random filters often meet random records. */
export const smallFields = new FieldTable(
  {
    "@timestamp": { type: "date" },
    name: { type: "keyword", hasText: true },
    tags: { type: "keyword", isList: true },
    "url.path": { type: "wildcard", hasText: true },
    "http.status": { type: "long", digits: 3 },
    size: { type: "long", unit: "bytes" },
    "source.ip": { type: "ip", isCanonical: true },
    "client.ip": { type: "ip" },
    isBad: { type: "boolean" },
    headers: { type: "flattened" },
    items: { type: "nested" },
    "items.index": { type: "keyword" },
    "items.status": { type: "long" },
  },
  { who: ["name", "headers"], status: ["http.status"], from: ["source.ip", "client.ip"] },
);

const words = [
  "alice",
  "Alice",
  "al",
  "bob smith",
  "a-b",
  "user_47",
  "4711",
  "4711 x",
  "Kelvin",
  "\u212aelvin",
  "\u0130x ix",
  "x4711y",
  "é",
  "Élan 日本",
  'say "hi"',
  "back\\slash",
  "a:b",
  "*",
  "what?",
  "true",
  "500",
  "10.1.2.3",
  "2026-11-30",
  "",
];
const numbers = [0, 1, 200, 201, 404, 499, 500, 503, 999];
const addresses = ["10.1.2.3", "10.1.255.9", "10.2.0.1", "192.168.0.1", "2001:db8::1", "::1"];
const dates = [
  "2026-11-29T23:59:59.999Z",
  "2026-11-30T00:00:00.000000000Z",
  "2026-11-30T10:20:30.123456789Z",
  "2026-12-01T00:00:00Z",
  "2027-01-31T12:00:00.5Z",
];
const blocks = ["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/23", "2001:db8::/32", "::/0"];
const dateTexts = ["2026-11-30", "2026-11", "2026", "2026-11-30T10:20", "now", "now-1d/d", "now/M"];

/** The instant that `now` means in these tests. */
export const nowMs = Date.UTC(2026, 10, 30, 12);

const text = fc.constantFrom(...words);
const status = fc.constantFrom(...numbers.filter((number) => number >= 100));
const item = fc.record({ index: text, status: fc.constantFrom(...numbers) }, { requiredKeys: [] });

/** A record of the small table; any of its fields may be absent. */
export const document = fc.record(
  {
    "@timestamp": fc.constantFrom(...dates),
    name: text,
    tags: fc.array(text, { maxLength: 3 }),
    url: fc.record({ path: text }),
    http: fc.record({ status }),
    size: fc.constantFrom(...numbers),
    source: fc.record({ ip: fc.constantFrom(...addresses) }),
    client: fc.record({
      ip: fc.constantFrom(...addresses, "::FFFF:10.1.2.3", "0:0:0:0:0:ffff:a01:203"),
    }),
    isBad: fc.boolean(),
    headers: fc.record({ host: text, "x-id": text }, { requiredKeys: [] }),
    items: fc.array(item, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

/** A record on a line, as the `ecs` format writes it: compact, ASCII only. */
export function lineOf(record: unknown): Buffer {
  const json = JSON.stringify(record).replaceAll(
    /[\u007f-\uffff]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return Buffer.from(`${json}\n`, "latin1");
}

const wildcarded = fc
  .tuple(text, fc.nat(10), fc.nat(10), fc.constantFrom("prefix", "suffix", "middle", "inner"))
  .map(([word, one, other, kind]) => {
    const [from, to] = [Math.min(one, other), Math.max(one, other)];
    const pieces = {
      prefix: [word.slice(0, to), ""],
      suffix: ["", word.slice(from)],
      middle: ["", word.slice(from, to), ""],
      inner: [word.slice(0, from), word.slice(to)],
    }[kind];
    return pieces.map((piece) => piece.replaceAll(/[\\():<>"*{}]/g, "\\$&")).join("*");
  })
  .filter((pattern) => !/\b(?:and|or|not)\b/i.test(pattern));

const anyText = fc.oneof(
  text.map(quoteValue),
  wildcarded,
  text.map((word) => `"${word.replaceAll(/["\\]/g, "\\$&")}"`),
);

function leaf(field: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 4, arbitrary: value.map((one) => `${field}: ${one}`) },
    { weight: 1, arbitrary: fc.constant(`${field}: *`) },
    {
      weight: 1,
      arbitrary: fc
        .tuple(value, fc.constantFrom(" or ", " and ", " or not "), value)
        .map(([one, word, other]) => `${field}: (${one}${word}${other})`),
    },
  );
}

function range(field: string, value: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom("<", "<=", ">", ">="), value)
    .map(([sign, one]) => `${field} ${sign} ${one}`);
}

const number = fc.constantFrom(...numbers, 250, 100_000).map(String);
const quoted = (value: string): string => `"${value}"`;
const address = fc.constantFrom(...addresses).map(quoted);
const block = fc.constantFrom(...blocks).map(quoted);
const dateText = fc.constantFrom(...dateTexts, ...dates).map(quoted);
const textNames = fc.constantFrom(
  "name",
  "name.text",
  "tags",
  "url.path",
  "url.path.text",
  "headers.host",
  "n*e",
);

const leafText: fc.Arbitrary<string> = fc.oneof(
  textNames.chain((name) => leaf(name, anyText)),
  range("name", text.map(quoteValue)),
  leaf("status", number),
  range("http.status", fc.oneof(number, fc.constantFrom("499.5", "500.2"))),
  leaf("size", number),
  range("size", fc.constantFrom("1KiB", "0.5KB", "499.5")),
  leaf("from", fc.oneof(address, block)),
  leaf("source.ip", fc.oneof(address, block)),
  range("client.ip", address),
  leaf("@timestamp", dateText),
  range("@timestamp", dateText),
  leaf("isBad", fc.constantFrom("true", "false")),
  leaf("nothing", anyText),
  anyText,
  fc
    .tuple(
      leaf("index", anyText),
      fc.constantFrom(" and ", " or ", " and not "),
      fc.oneof(leaf("status", number), range("status", number)),
    )
    .map((parts) => `items: { ${parts.join("")} }`),
);

const tree = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    leafText,
    fc
      .tuple(tie("node"), fc.constantFrom(" and ", " or ", " AND "), tie("node"))
      .map((parts) => parts.join("")),
    tie("node").map((inner) => `not (${inner})`),
    tie("node").map((inner) => `(${inner})`),
  ),
}));

/** A filter over the small table; some of them say what no field can hold. */
export const filterText = tree.node;
