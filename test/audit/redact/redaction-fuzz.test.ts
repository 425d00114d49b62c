import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";

import * as fc from "fast-check";
import { stringify } from "yaml";

import { Redactor } from "../../../src/audit/redact/redactor.ts";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";

import { bodyOf, key, redact, type Call } from "./support.ts";

const canary = "C4n4ry-S3cr3t";
const maxGrowth = 1024;
const runs = { numRuns: 400 };

const secretNames = [
  "password",
  "api_key",
  "apiKey",
  "X-Api-Key",
  "client_secret",
  "bearer_token",
  "xpack.http.ssl.keystore_password",
  "pwd",
  "Authorization",
  "pass\u0077ord",
];

/** JSON in which canaries stand under names of secrets, and nowhere else. */
const json = fc.letrec<{ value: unknown; secret: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: "binary", maxLength: 20 }),
    fc.double(),
    fc.constantFrom(null, true, false),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 8 }), tie("value"), { maxKeys: 4 }),
    fc.tuple(fc.constantFrom(...secretNames), tie("secret")).map(([name, value]) => ({
      before: 1,
      [name]: value,
      after: [],
    })),
  ),
  secret: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom(canary, `"${canary}\\`, `\n${canary} ${canary}`),
    fc.array(tie("secret"), { maxLength: 3 }),
    fc.dictionary(fc.string({ maxLength: 8 }), tie("secret"), { maxKeys: 3 }),
  ),
})).value;

const text = fc
  .tuple(json, fc.constantFrom(undefined, 1, "\t"), fc.boolean())
  .map(([value, indent, isEscaped]) => {
    const written = JSON.stringify(value, undefined, indent);
    // Escapes in names and values mean the same.
    return isEscaped ? written.replaceAll("p", "\\u0070") : written;
  });

const calls: readonly Call[] = [
  { target: "/_cluster/settings", contentType: "application/json" },
  { target: "/_ingest/pipeline/x" },
  { target: "/_connector/c", direction: "response" },
  { target: "/idx/_search", direction: "response", status: 500 },
  { target: "/.security-7/_search", direction: "response", contentType: "application/x-ndjson" },
];
const call = fc.constantFrom(...calls);
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 6 });

function placed(parts: readonly number[], length: number): number[] {
  return parts.map((part) => Math.floor(part * length));
}

test("a canary under a secret name never survives, however JSON is cut into pieces", () => {
  fc.assert(
    fc.property(text, call, cuts, (body, from, parts) => {
      const bytes = Buffer.from(body);
      const one = bodyOf(from);
      const other = bodyOf(from);
      assert.ok(one !== undefined && other !== undefined);
      const whole = redact(one, bytes);
      const pieces = redact(other, bytes, placed(parts, bytes.length));
      assert.ok(!whole.text.includes(canary), whole.text);
      assert.equal(pieces.text, whole.text);
      assert.equal(pieces.hmac, whole.hmac);
      assert.ok(whole.bytes.length <= bytes.length + maxGrowth);
      if (whole.state === "none") assert.equal(whole.text, body);
      else assert.equal(whole.state, "redacted");
    }),
    runs,
  );
});

test("a canary never survives where the body ends early", () => {
  fc.assert(
    fc.property(text, call, fc.double({ min: 0, max: 1, noNaN: true }), (body, from, part) => {
      const bytes = Buffer.from(body);
      const redactor = bodyOf(from);
      assert.ok(redactor !== undefined);
      const cut = bytes.subarray(0, Math.floor(part * bytes.length));
      const result = redact(redactor, cut, [cut.length >> 1]);
      assert.ok(!result.text.includes(canary), `${cut.toString()} → ${result.text}`);
      assert.ok(result.bytes.length <= cut.length + maxGrowth);
    }),
    runs,
  );
});

test("broken JSON never shows a canary that stood under a secret name", () => {
  const damage = fc.tuple(
    fc.double({ min: 0, max: 1, noNaN: true }),
    fc.constantFrom("", '"', "{", "}", ",", ":", "\\", "\u0000", "/*", "//", "x", "\n"),
  );
  fc.assert(
    fc.property(text, call, damage, (body, from, [part, inserted]) => {
      const at = Math.floor(part * body.length);
      const broken = body.slice(0, at) + inserted + body.slice(at);
      // Where the damage falls into the name, it is another name.
      fc.pre(secretNames.every((name) => !/[\w-]/.test(name.charAt(0)) || !cutsName(body, at)));
      const redactor = bodyOf(from);
      assert.ok(redactor !== undefined);
      const result = redact(redactor, broken, [at]);
      assert.ok(!result.text.includes(canary), `${broken} → ${result.text}`);
    }),
    runs,
  );
});

/** Whether a position is within a word, or within the quotes and blanks between name and value. */
function cutsName(body: string, at: number): boolean {
  return /[\w\\"-]/.test(body.charAt(at)) || /[\w\\"-]/.test(body.charAt(at - 1));
}

test("a canary under a secret name never survives in YAML, in whatever style it is written", () => {
  const style = fc.record({
    collectionStyle: fc.constantFrom("any", "block", "flow"),
    defaultStringType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE", "BLOCK_LITERAL"),
    defaultKeyType: fc.constantFrom("PLAIN", "QUOTE_DOUBLE", "QUOTE_SINGLE"),
    lineWidth: fc.constantFrom(0, 20, 80),
    indentSeq: fc.boolean(),
    indent: fc.constantFrom(1, 2, 4),
  } as const);
  fc.assert(
    fc.property(json, style, cuts, (value, options, parts) => {
      const body = Buffer.from(stringify(value, { ...options, aliasDuplicateObjects: false }));
      const from: Call = { target: "/_cluster/settings", contentType: "application/yaml" };
      const one = bodyOf(from);
      const other = bodyOf(from);
      assert.ok(one !== undefined && other !== undefined);
      const whole = redact(one, body);
      const pieces = redact(other, body, placed(parts, body.length));
      assert.ok(!whole.text.includes(canary), `${body.toString()}\n→\n${whole.text}`);
      assert.equal(pieces.text, whole.text);
      assert.ok(whole.bytes.length <= body.length + maxGrowth);
    }),
    runs,
  );
});

test("a canary never survives in a form or a query, however its name is encoded", () => {
  const encodings = [
    (text: string): string => text,
    encodeURIComponent,
    (text: string): string =>
      [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
  ];
  const pair = fc.tuple(
    fc.constantFrom(...secretNames, "sig", "key"),
    fc.constantFrom(canary, `${canary} ${canary}`, `http://u:${canary}@h/`),
    fc.constantFrom(...encodings),
    fc.constantFrom("&", ";"),
    fc.constantFrom("", "a=b&", "x&", "u=http://h/?y=1;"),
  );
  fc.assert(
    fc.property(fc.array(pair, { maxLength: 5 }), cuts, (pairs, parts) => {
      const text = pairs
        .map(([name, value, encode, separator, before]) => {
          return `${before}${encode(name)}=${encodeURIComponent(value)}${separator}`;
        })
        .join("");
      const redactor = bodyOf({
        target: "/_plugin/x",
        contentType: "application/x-www-form-urlencoded",
      });
      assert.ok(redactor !== undefined);
      assert.ok(!redact(redactor, text, placed(parts, text.length)).text.includes("C4n4ry"));
      const match = matchApiEndpoint("GET", `/_search?${text}`);
      const { query = "" } = new Redactor(key).target(match);
      assert.ok(!query.includes("C4n4ry"), query);
    }),
    runs,
  );
});

test("any bytes in any format: never throws, never grows by more than 1 KiB", () => {
  const formats = [
    "application/json",
    "application/yaml",
    "application/x-www-form-urlencoded",
    "text/plain",
    undefined,
  ];
  const dense = fc
    .array(
      fc.constantFrom(
        '"pwd":"x",',
        "password=",
        "token: ",
        "http://a:b@",
        "://a:b",
        "Basic ",
        "{",
        "}",
        "[",
        '"',
        "\\",
        "\n",
        " ",
        "&",
        ";",
        "- ",
        "\u0000",
        "é",
        "1",
        "key=1",
      ),
      { maxLength: 400 },
    )
    .map((parts) => Buffer.from(parts.join("")));
  const bytes = fc.oneof(
    dense,
    fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array)),
  );
  fc.assert(
    fc.property(bytes, fc.constantFrom(...formats), cuts, (body, contentType, parts) => {
      const from: Call = { target: "/_cluster/settings", contentType };
      const one = bodyOf(from);
      const other = bodyOf(from);
      assert.ok(one !== undefined && other !== undefined);
      const whole = redact(one, body);
      const pieces = redact(other, body, placed(parts, body.length));
      assert.ok(whole.bytes.length <= body.length + maxGrowth);
      assert.ok(pieces.bytes.length <= body.length + maxGrowth);
      assert.equal(pieces.text, whole.text);
      if (whole.state === "none") assert.deepEqual(whole.bytes, body);
    }),
    { numRuns: 1500 },
  );
});

test("coded bodies: no canary in what is stored, whole, cut or damaged, and no growth", () => {
  const codings = {
    gzip: gzipSync,
    deflate: deflateSync,
    br: brotliCompressSync,
    zstd: zstdCompressSync,
  };
  fc.assert(
    fc.property(
      text,
      fc.constantFrom(...(Object.keys(codings) as (keyof typeof codings)[])),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.boolean(),
      (body, contentEncoding, part, isCut) => {
        const coded = Buffer.from(codings[contentEncoding](Buffer.from(body)));
        const at = Math.floor(part * coded.length);
        const received = isCut ? coded.subarray(0, at) : coded;
        const redactor = bodyOf({ target: "/_cluster/settings", contentEncoding });
        assert.ok(redactor !== undefined);
        const result = redact(redactor, received, [received.length >> 1]);
        assert.ok(result.bytes.length <= received.length + maxGrowth);
        assert.ok(!result.text.includes(canary));
        if (result.state === "none") assert.deepEqual(result.bytes, received);
      },
    ),
    { numRuns: 200 },
  );
});
