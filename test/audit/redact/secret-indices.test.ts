import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { test } from "node:test";
import {
  brotliCompressSync,
  deflateRawSync,
  deflateSync,
  gzipSync,
  zstdCompressSync,
} from "node:zlib";
import { array, assert as assertProperty, constantFrom, nat, property } from "fast-check";
import type { RedactionRule } from "../../../src/audit/redact/configured-rules.ts";
import { Redactor } from "../../../src/audit/redact/redactor.ts";
import {
  documents,
  json,
  latin1,
  leaks,
  nothing,
  recorded,
  rows,
  secret,
  stored,
  utf16,
  type Exchange,
} from "./exchanges.ts";
import { bodyOf, key, redact, redactedBody, type Call } from "./support.ts";

const bulk = (index: string): string =>
  `{"index":{"_index":"${index}"}}\n{"password":"${secret}"}\n`;
const msearch = (index: string): string => `{"index":"${index}"}\n{}\n`;
const multiGet = (index: string): string => json({ docs: [{ _index: index, _id: "a" }] });

const codings = {
  gzip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
};

test("a coded body that names an index of credentials is looked through, others are kept", () => {
  for (const [coding, encode] of Object.entries(codings)) {
    const cases = {
      bulk: { target: "/_bulk", coding, body: encode(bulk(".security-7")) },
      msearch: {
        target: "/_msearch?filter_path=**._source",
        coding,
        body: encode(msearch(".security-7")),
        answer: documents,
      },
      answer: {
        target: "/_search",
        answerCoding: coding,
        answer: encode(json({ hits: [{ _index: ".security-7", _source: { password: secret } }] })),
      },
    };
    assert.deepEqual(leaks(cases), [], coding);
    const own = encode(bulk("logs"));
    const [{ state, bytes }] = recorded({ target: "/_bulk", coding, body: own });
    assert.equal(state, "none");
    assert.ok(bytes.equals(own));
    const [cut] = recorded({ target: "/_bulk", coding, body: own.subarray(0, -6) });
    assert.equal(cut.state, "none", "a cut body is kept, too");
  }
  const [raw] = recorded({
    target: "/_bulk",
    coding: "deflate",
    body: deflateRawSync(bulk(".security")),
  });
  assert.equal(raw.state, "redacted");
  // Elasticsearch takes a coding that it does not know for none.
  const unknown = { target: "/_bulk", coding: "rot13", body: bulk(".security-7") };
  assert.deepEqual(leaks({ unknown }), []);
  const twice = gzipSync(gzipSync(bulk("logs")));
  assert.equal(
    recorded({ target: "/_bulk", coding: "gzip, gzip", body: twice })[0].state,
    "hidden",
  );
});

test("a coded body that is too large to be searched leaves its digest, a bulk or an answer is kept", () => {
  const bomb = gzipSync(Buffer.alloc(20_000_000, 0x20));
  const request = recorded({ target: "/_mget", coding: "gzip", body: bomb })[0];
  assert.deepEqual([request.state, request.bytes.length], ["bounded", 0]);
  assert.equal(request.namesCredentials, true);
  const answer = { target: "/_search", answerCoding: "gzip", answer: bomb };
  assert.ok(recorded(answer)[1].bytes.equals(bomb));
  const noise = Buffer.from(Array.from({ length: 1_200_000 }, (_, at) => (at * at * 7919) >> 7));
  const call: Call = { method: "POST", target: "/_search", direction: "response" };
  const large = redactedBody({ ...call, contentEncoding: "gzip" }, noise, [500_000, 1_100_000]);
  assert.ok(large.bytes.equals(noise));
  for (const body of [noise, bomb]) {
    const { state, bytes } = recorded({ target: "/_bulk", coding: "gzip", body })[0];
    assert.equal(state, "none");
    assert.ok(bytes.equals(body));
  }
});

const utf32 = (text: string): Buffer =>
  Buffer.from(Array.from(text).flatMap((char) => [0, 0, 0, char.charCodeAt(0)]));
const yaml = (name: string): Exchange => ({
  target: "/_mget",
  type: "application/yaml",
  body: `docs: [{_index: ${name}, _id: a}]\n`,
  answer: documents,
});
const cbor = "application/cbor";
const smile = "application/smile";

test("no encoding of a request's format hides the name of an index of credentials", () => {
  assert.deepEqual(
    leaks({
      "UTF-16": { target: "/_bulk", body: utf16(bulk(".security-7")) },
      "UTF-16, high byte first": { target: "/_bulk", body: utf16(bulk(".security-7")).swap16() },
      "UTF-32": { target: "/_bulk", body: utf32(bulk(".security-7")) },
      "a line in UTF-16": {
        target: "/_bulk",
        body: Buffer.concat([
          Buffer.from('{"index":{"_index":".security-7"}}\n'),
          utf16(json({ password: secret })),
        ]),
      },
      "a brace in JSON": {
        target: "/_bulk",
        body: bulk(String.raw`<.secur\u007bnow{'ity'}}>`),
      },
      "YAML \\x": yaml(String.raw`"\x2esecurity"`),
      "YAML \\U": yaml(String.raw`"\U0000002esecurity"`),
      "YAML over lines": yaml('".secu\\\n   rity"'),
      "YAML's own base64": yaml("!!binary LnNlY3VyaXR5"),
      "CBOR in chunks": {
        target: "/_mget",
        type: cbor,
        body: latin1(
          "\xa1ddocs\x81\xa1f_index\x7fe.security-7".replace("e.security-7", "e.secue\x64rity\xff"),
        ),
        answer: documents,
      },
      CBOR: {
        target: "/_mget",
        type: cbor,
        body: latin1("\xa1ddocs\x81\xa1f_indexh.watches"),
        answer: documents,
      },
      Smile: {
        target: "/_bulk",
        type: smile,
        body: latin1(
          `:)\n\0\xfa\x84index\xfa\x85_indexI.security-7\xfb\xfb\xff:)\n\0\xfa\x87passwordM${secret}\xfb\xff`,
        ),
      },
      "an answer in CBOR": {
        target: "/_search",
        answerType: cbor,
        answer: latin1(`\xbfdhits\x9f\xbff_indexk.security-7g_source\xbfhpasswordn${secret}\xff`),
      },
    }),
    [],
  );
  const usual =
    '{"index":{"_index":"a"}}\n{"x":"a < b > c <.note> <{x}> \\u003c.div\\u003e !=","p":".5"}\n';
  assert.equal(redactedBody({ method: "POST", target: "/_bulk" }, usual).state, "none");
});

test("an index of credentials counts whichever it is, in members and in queries", () => {
  const names =
    ".fleet-agents-7 .fleet-enrollment-api-keys .watches .ent-search-x .tasks c:.watches";
  for (const name of names.split(" ")) {
    const hits = json({ hits: [{ _index: name, _source: { password: secret } }] });
    assert.deepEqual(
      leaks({
        bulk: { target: "/_bulk", body: bulk(name) },
        mget: { target: "/x/_mget", body: multiGet(name), answer: documents },
        msearch: { target: "/x/_msearch", body: msearch(name), answer: documents },
        "ES|QL": {
          target: "/_query",
          body: json({ query: `FROM a,\n${name} | LIMIT 1` }),
          answer: rows,
        },
        SQL: { target: "/_sql", body: json({ query: `SELECT * FROM "${name}"` }), answer: rows },
        script: {
          target: "/_scripts/painless/_execute",
          body: json({ context_setup: { index: name } }),
          answer: json({ result: secret }),
        },
        answer: { target: "/_search", answer: hits },
        pretty: { target: "/_search", answer: hits.replaceAll(":", " : ").replace("c : .", "c:.") },
        YAML: {
          target: "/_search?format=yaml",
          answerType: "application/yaml",
          answer: `hits:\n- _index: "${name}"\n  _source:\n    password: "${secret}"\n`,
        },
      }),
      [],
      name,
    );
  }
  for (const body of [
    json({ hits: [{ _index: ".kibana", _source: { password: secret, x: "_index .watches" } }] }),
    json({ hits: [{ _index: "a:logs", _source: { host: "x.tasks", _index: 1 } }] }),
  ])
    assert.equal(recorded({ target: "/_search", answer: body })[1].state, "none");
  const query = json({ query: "FROM a | KEEP x.watches, y.tasks | WHERE z > .5" });
  assert.equal(recorded({ target: "/_query", body: query, answer: rows })[1].state, "none");
});

test("date math that names an index of credentials counts as its name, cut anywhere", () => {
  const names = [
    "<.secur{now/d}>",
    "<.secur{now/d{'ity-7'}}>",
    "<{now/d{'.security-7'}}>",
    String.raw`<.sec\\urity-7>`,
    "<.secur{2026-01-01||/d{'ity'}}>",
  ];
  for (const name of names) {
    for (const body of [bulk(name), bulk(name.replace("<", String.raw`\u003c`))]) {
      for (let cut = 0; cut < body.length; cut += 1) {
        const { text, namesCredentials } = redactedBody(
          { method: "POST", target: "/_bulk" },
          body,
          [cut],
        );
        assert.equal(namesCredentials, true, `${body} ${cut}`);
        assert.ok(!text.includes(secret), text);
      }
    }
    const path = encodeURIComponent(JSON.parse(`"${name}"`) as string);
    const call: Call = { target: `/${path}/_doc/1`, contentType: "application/json" };
    assert.ok(!redactedBody(call, json({ password: secret })).text.includes(secret), path);
  }
  for (const name of ["<logs-{now/d}>", "<{now/d}-a>", "<.kibana-{now/d}>"])
    assert.equal(
      redactedBody({ method: "POST", target: "/_bulk" }, bulk(name)).state,
      "none",
      name,
    );
  for (const target of ["/%252Esecurity-7/_doc/1", "/a,%20.security-7/_doc/1"]) {
    const call: Call = { target, contentType: "application/json" };
    assert.ok(!redactedBody(call, json({ password: secret })).text.includes(secret));
  }
});

test("bytes of no meaning are kept, whatever marks stand in them by chance", () => {
  const call: Call = { method: "POST", target: "/a/_bulk" };
  const marks = [
    "\0",
    "a\0b\0c\0d\0e\0",
    "<.{",
    "<.\\",
    "<.sec{\x80}>",
    "<.*\x80>",
    "<{>",
    "\0\0\0a\0\0\0b",
  ];
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at * 7919) >> 7));
  const pieces = marks.flatMap((mark) => [latin1(mark), noise]);
  const kept = redactedBody(call, Buffer.concat(pieces), [65_536, 400_000]);
  assert.equal(kept.state, "none");
  assert.ok(kept.bytes.equals(Buffer.concat(pieces)));
});

test("values without the names of their fields, of an index of credentials, are removed", () => {
  const target = "/.security-7/_search";
  const answers = [
    { aggregations: { a: { value: 1, buckets: { [secret]: { doc_count: 1 } } } } },
    { suggest: { a: [{ text: secret }] } },
    { hits: [{ fields: { a: [secret] } }] },
    { sequences: [{ join_keys: [secret] }] },
  ];
  for (const answer of answers)
    assert.deepEqual(leaks({ x: { target, answer: json(answer) } }), []);
  const graph = {
    target: "/.security-7/_graph/explore",
    answer: json({ vertices: [{ term: secret }] }),
  };
  assert.deepEqual(leaks({ graph }), []);
});

test("a rule for some indices applies where a body may name them, and hides no credentials", () => {
  const rule: RedactionRule = {
    names: ["ssn"],
    paths: [],
    parameters: [],
    patterns: [],
    indices: ["patients-*"],
    endpoints: [],
    keepsToken: true,
  };
  const redactor = new Redactor(key, [rule]);
  for (const target of [
    "/_bulk",
    "/logs/_bulk",
    "/logs/_mget",
    "/_search/scroll",
    "/_async_search/x",
  ]) {
    const found = bodyOf({ method: "POST", target }, redactor);
    assert.ok(found !== undefined, target);
    assert.equal(redact(found, '{"ssn":"1","a":2}\n').text, '{"ssn":"<secret>","a":2}\n');
  }
  assert.equal(bodyOf({ method: "POST", target: "/logs/_search" }, redactor), undefined);
  const body = `{"index":{"_index":"a"}}\n{"ssn":"1","password":"mine"}\n${bulk(".security-7")}`;
  const found = bodyOf({ method: "POST", target: "/_bulk" }, redactor);
  assert.ok(found !== undefined);
  const { text, state } = redact(found, body, [30, 90]);
  assert.match(text, /"ssn":"<secret>","password":"mine"/);
  assert.ok(!text.includes(secret), text);
  assert.equal(state, "redacted");
});

const parts = [
  '"_index"',
  ":",
  " ",
  '"',
  ".security-7",
  ".sec",
  "urity",
  "*",
  "<",
  ">",
  ",",
  "\n",
  "\0",
  "`",
  ".secur{now/d{'ity'}}",
  "{now/d}",
  String.raw`\u003c`,
  String.raw`\u00`,
  "2e",
  "6",
  "_wildc",
  "ards",
  ".watches",
  "c:",
  "\\",
  '"pit":{"id":"abc"}',
  '"cursor":"x"',
  "cursor",
  "pit",
  "é",
  "FROM ",
  "logs",
  '{"password":"mine"}',
  "x".repeat(300),
];

test("where a body is cut decides nothing about the indices that it names", () => {
  const targets = ["/_bulk", "/_msearch", "/_query", "/_sql", "/_search", "/_mget"];
  const names = (call: Call, body: Buffer, cuts: readonly number[]): boolean =>
    stored(new Redactor(key), call, body, nothing, cuts).namesCredentials === true;
  assertProperty(
    property(
      constantFrom(...targets),
      constantFrom("request", "response"),
      array(constantFrom(...parts), { maxLength: 14 }),
      array(nat(600), { maxLength: 6 }),
      (target, direction, texts, cuts) => {
        const body = Buffer.from(texts.join(""));
        const status = direction === "request" ? 0 : 200;
        const call: Call = { target, direction, status, contentType: "application/json" };
        const whole = names(call, body, []);
        assert.equal(
          names(
            call,
            body,
            cuts.filter((cut) => cut < body.length),
          ),
          whole,
        );
        assert.equal(
          names(
            call,
            body,
            Array.from(body, (_, at) => at),
          ),
          whole,
        );
      },
    ),
    { numRuns: 500, seed: 11 },
  );
});
