import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";

import { RedactedOutput } from "../../../src/audit/redact/redacted-output.ts";
import { Redactor } from "../../../src/audit/redact/redactor.ts";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { bodyOf, key, redact, redactedBody, settings, type Call } from "./support.ts";

interface Vector {
  readonly body: string;
  readonly stored: string;
  readonly state?: "none" | "redacted" | "bounded" | "hidden";
}

function everywhere(call: Call, { body, stored, state = "redacted" }: Vector): void {
  const bytes = Buffer.from(body);
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const result = redactedBody(call, bytes, [cut]);
    assert.equal(result.text, stored, `cut at ${cut}`);
    assert.equal(result.state, state);
  }
}

const errorPage: Call = {
  method: "GET",
  target: "/idx/_search",
  direction: "response",
  contentType: "text/html",
  status: 502,
};

test("an error page that repeats a request shows no credential of it", () => {
  everywhere(errorPage, {
    body: `<h1>502</h1><pre>GET http://u:s@es/idx/_search?api_key=s&size=1 HTTP/1.1
Host: es
Authorization: Digest username="u", response="s"
cookie: sid=s; b=s
X-Api-Key: s
Accept: */*

{"password": "s", "query": {"token":{"a":"s"}}}
{&quot;pwd&quot;: &quot;s&quot;}
</pre><a href="/?sig=s&amp;x=1">Basic YWJjOmRlZg==</a>`,
    stored: `<h1>502</h1><pre>GET http://<secret>@es/idx/_search?api_key=<secret>&size=1 HTTP/1.1
Host: es
Authorization: <secret>
cookie: <secret>
X-Api-Key: <secret>
Accept: */*

{"password": "<secret>", "query": {"token":<secret>}}
{&quot;pwd&quot;: <secret>}
</pre><a href="/?sig=<secret>&amp;x=1">Basic <secret></a>`,
  });
});

test("text without secrets stays as it is", () => {
  everywhere(errorPage, {
    body:
      "<p>basic authentication failed: user name, see https://es/docs?x=1#token\nkey: " +
      "value</p>",
    stored:
      "<p>basic authentication failed: user name, see https://es/docs?x=1#token\nkey: value</p>",
    state: "none",
  });
});

test("long lines are looked through, too", () => {
  const filler = "lorem ipsum ".repeat(20_000);
  const body = `${filler} password=secret ${filler} token: secret\n${filler}`;
  const { text, state } = redactedBody(errorPage, body, [100, 70_000, 200_000, 240_005]);
  assert.equal(state, "redacted");
  assert.equal(text, `${filler} password=<secret> ${filler} token: <secret>\n${filler}`);
});

test("long words in small pieces hide nothing, and are not copied again with each piece", (t) => {
  const { mock } = t.mock.method(RedactedOutput.prototype, "bytes");
  const word = "x".repeat(150_000);
  const cuts = Array.from({ length: 300 }, (_, at) => 1000 * (at + 1));
  const kinds = [
    { contentType: "text/plain", before: `${word} password=`, after: ` ${word}` },
    {
      contentType: "application/x-www-form-urlencoded",
      before: `a=${word}&password=`,
      after: `&b=${word}`,
    },
    {
      contentType: "application/yaml",
      before: `---\na: ${word}\npassword: `,
      after: `\nb: ${word}`,
    },
  ];
  for (const { contentType, before, after } of kinds) {
    mock.resetCalls();
    const { text } = redactedBody({ ...settings, contentType }, `${before}secret${after}`, cuts);
    assert.equal(text, `${before}<secret>${after}`);
    const copied = mock.calls.reduce((sum, { result }) => sum + (result?.length ?? 0), 0);
    assert.ok(copied < 3 * text.length, `${contentType}: ${copied} bytes were copied`);
  }
});

test("text that cannot be divided is stored up to there", () => {
  const { bytes, state } = redactedBody(errorPage, `a\n${"x".repeat(1_200_000)}`, [600_000]);
  assert.equal(state, "bounded");
  assert.equal(bytes.toString(), "a\n");
});

test("YAML: a secret goes with all lines that belong to it", () => {
  everywhere(
    { target: "/_cluster/settings", contentType: "application/yaml" },
    {
      body: `---
persistent:
  "xpack.password": 'it''s' # why
  name: "a: b"
  token:
    a: s
  - b
  secret: |
    line

    line
  'api-key': &anchor s
  list:
    - pwd: s
      url: http://u:s@h/
    - {password: s, x: y}
  pass:
  - s
  x: y
`,
      stored: `---
persistent:
  "xpack.password": <secret>
  name: "a: b"
  token:
    <secret>
  <secret>
  secret: <secret>
    <secret>

    <secret>
  'api-key': <secret>
  list:
    - pwd: <secret>
      url: http://<secret>@h/
    - {password: <secret>
  pass:
  <secret>
  x: y
`,
    },
  );
});

test("YAML that cannot be judged line by line ends what is stored", () => {
  const call: Call = {
    target: "/_cluster/settings",
    contentType: "application/vnd.elasticsearch+yaml",
  };
  for (const line of [
    "b: &x s",
    "? password",
    'password: "a',
    "password: {a:",
    String.raw`"pass\x77ord": s`,
    String.raw`"pass\U00000077ord": s`,
    String.raw`{"a": b, "pass\x77ord": s}`,
  ]) {
    const { text, state } = redactedBody(call, `a: 1\n${line}\nc: 2\n`);
    assert.equal(text, "a: 1\n");
    assert.equal(state, "bounded");
  }
});

test("forms are redacted pair by pair, with `&` and `;` between them", () => {
  everywhere(
    { target: "/_plugin/login", contentType: "application/x-www-form-urlencoded" },
    {
      body: "user=u&password=s%20s;api%5Fkey=s&url=http%3A%2F%2Fu%3As%40h%2F&key=s&x=",
      stored: "user=u&password=<secret>;api%5Fkey=<secret>&url=http://<secret>@h/&key=<secret>&x=",
    },
  );
});

test("what cannot be read is hidden", () => {
  const smile = Buffer.from("3a290a05fa8370617373776f7264", "hex");
  const cbor = Buffer.from("a16870617373776f72646173", "hex");
  for (const [contentType, body] of [
    ["application/smile", smile],
    ["application/json", smile],
    [undefined, smile],
    [undefined, cbor],
    ["application/yaml", cbor],
    ["application/yaml", Buffer.concat([Buffer.from("d9d9f7", "hex"), cbor])],
    ["text/plain", Buffer.concat([Buffer.from("d9d9f7", "hex"), cbor])],
    ["application/vnd.elasticsearch+cbor", cbor],
    ["multipart/form-data; boundary=x", Buffer.from("--x")],
    [undefined, Buffer.from([0x1f, 0x8b, 8])],
  ] as const) {
    const result = redactedBody({ target: "/_cluster/settings", contentType }, body, [1]);
    assert.equal(result.state, "hidden");
    assert.equal(result.bytes.length, 0);
    assert.match(result.hmac, /^[0-9a-f]{32}$/);
  }
});

test("a call below a security API that nobody knows is hidden whole", () => {
  const call: Call = { target: "/_plugins/_security/api/x", contentType: "application/json" };
  assert.equal(redactedBody(call, '{"anything":"s"}').state, "hidden");
});

const own = '{"_index":"logs","_source":{"password":"s"}}';

test("bodies of documents are not looked through", () => {
  for (const [method, target] of [
    ["PUT", "/idx/_doc/1"],
    ["POST", "/idx/_search"],
    ["GET", "/idx/_doc/1"],
    ["POST", "/idx/_update/1"],
    ["GET", "/logs-*,-.security*/_search"],
    ["GET", "/*/_search"],
  ] as const) {
    assert.equal(bodyOf({ method, target }), undefined, `${method} ${target}`);
    // Answers are searched for the name of another index than was asked for.
    const answer = redactedBody({ method, target, direction: "response" }, own);
    assert.deepEqual([answer.state, answer.text], ["none", own], `${method} ${target}`);
  }
});

test("an index of credentials is seen wherever it stands in a list of any length", () => {
  const others = Array.from({ length: 300 }, (_, at) => `logs-${at}`).join(",");
  const asked = "?expand_wildcards=all";
  const asksToRead = { method: "GET", direction: "response" } as const;
  const names = [".security", ".s*", "eu:.security", "%3C.security-%7Bnow%7D%3E", "%2Esecurity"];
  for (const name of [...names, `.security::data`, "logs", "*", "-.security", "*,-.x"])
    for (const query of ["", asked]) {
      const isSeen = (list: string): boolean =>
        redactedBody({ target: `/${list}/_search${query}`, ...asksToRead }, own).state !== "none";
      const isSecret = names.includes(name) || name === ".security::data";
      assert.equal(isSeen(name), isSecret || (query !== "" && name.includes("*")), name);
      for (const list of [`${name},${others}`, `${others},${name}`, `x,${name},${others}`])
        assert.equal(isSeen(list), isSeen(name), `${list.slice(0, 40)} ${query}`);
    }
});

test("requests that name indices in their body are looked through from one of credentials on", () => {
  for (const target of ["/_msearch", "/_mget", "/_bulk", "/a/_bulk", "/_query", "/_sql"]) {
    const call: Call = { method: "POST", target };
    for (const name of [
      ".security-7",
      ".fleet-secrets",
      ".connector-secrets",
      ".secrets-inference",
    ]) {
      const body = `{"password":"mine","x":"${name}"}\n{"password":"s","api_key":{"hash":"s"}}\n`;
      const stored = body.replace('"s"', '"<secret>"').replace('{"hash":"s"}', "<secret>");
      everywhere(call, { body, stored });
      assert.equal(redactedBody(call, body).namesCredentials, true);
    }
    const hidden = String.raw`{"index":".s\u0065curity"}` + '\n{"password":"s"}\n';
    everywhere(call, { body: hidden, stored: hidden.replace('"s"', '"<secret>"') });
    const usual =
      String.raw`{"a":"\u003cb\u003e \u0026 \u001b[0m\u002b\u0027\u0060\u007f"}` +
      '\n{"password":"x"}\n';
    everywhere(call, { body: usual, stored: usual, state: "none" });
    const others = '{"index":{"_index":".kibana_1"}}\n{"password":"mine","price":1.5}\n';
    everywhere(call, { body: others, stored: others, state: "none" });
    const bytes = Buffer.from(`#${others}#`);
    assert.equal(bodyOf(call)?.passes?.(bytes, 1, bytes.length - 1), true);
    const secret = Buffer.from('{"index":{"_index":".security-7"}}');
    assert.equal(bodyOf(call)?.passes?.(secret, 0, secret.length), false);
  }
});

test("the answer to a request that names an index of credentials is looked through whole", () => {
  const answer = (target: string) => {
    const match = matchApiEndpoint("POST", target);
    return new Redactor(key).body(match, "response", "application/json", undefined, 200, {
      namesCredentials: true,
      secrets: undefined,
    });
  };
  const redactor = answer("/_mget?filter_path=docs._source");
  assert.ok(redactor !== undefined);
  const { text } = redact(redactor, '{"docs":[{"_source":{"username":"u","password":"s"}}]}');
  assert.equal(text, '{"docs":[{"_source":{"username":"u","password":"<secret>"}}]}');
  // Their values stand without the names of their fields.
  for (const target of ["/_query", "/_sql", "/_sql?format=txt", "/_mtermvectors"]) {
    const hiding = answer(target);
    assert.ok(hiding !== undefined);
    assert.equal(redact(hiding, '{"values":[["s"]]}').state, "hidden", target);
  }
});

test("values without the names of their fields are no way around", () => {
  const call: Call = { method: "POST", target: "/.security/_terms_enum" };
  assert.equal(redactedBody(call, '{"field":"password","string":"s"}').state, "hidden");
  const search: Call = { method: "GET", target: "/.security/_search", direction: "response" };
  everywhere(search, {
    body: '{"hits":[{"sort":["s"]}],"aggregations":{"a":{"buckets":[{"key":"s","doc_count":1}]}}}',
    stored: '{"hits":[{"sort":"<secret>"}],"aggregations":"<secret>"}',
  });
});

test("a private key in PEM is removed, in text and in strings, cut anywhere", () => {
  const pem = (label: string): string =>
    `-----BEGIN ${label}-----\nProc-Type: 4,ENCRYPTED\n\nMIIa+/\nbb==\n-----END ${label}-----`;
  const texts = { target: "/_plugin/x", contentType: "text/plain" };
  for (const label of ["PRIVATE KEY", "RSA PRIVATE KEY", "ENCRYPTED PRIVATE KEY"]) {
    const { text } = redactedBody(texts, `a ${pem(label)} b\n`);
    assert.doesNotMatch(text, /MII|bb/);
    assert.match(text, /^a -----BEGIN .*-----END [A-Z ]*-----\sb\s$/s);
    everywhere(
      { target: "/_cluster/settings", contentType: "application/json" },
      {
        body: JSON.stringify({ note: pem(label), x: 1 }),
        stored: `{"note":"-----BEGIN ${label}-----<secret>-----END ${label}-----","x":1}`,
      },
    );
  }
  const certificate = pem("CERTIFICATE");
  everywhere(texts, { body: certificate, stored: certificate, state: "none" });
});

test("settings in lists of names and values are judged by their names", () => {
  everywhere(
    { target: "/_cluster/settings", contentType: "application/json" },
    {
      body: '{"a":[{"key":"password","value":"s"},{"value":"s","name":"api_key"}],"b":["X-Api-Key","s"]}',
      stored:
        '{"a":[{"key":"password","value":"<secret>"},{"value":"<secret>","name":"api_key"}],' +
        '"b":["X-Api-Key","<secret>"]}',
    },
  );
});

test("answers whose path names no index are looked through from an index of credentials on", () => {
  const call: Call = { method: "POST", target: "/_search/scroll", direction: "response" };
  const before = '{"hits":[{"_index":"a","_source":{"password":"mine","x":".security"}},';
  const hit =
    '{"_index":".security-7","_source":{"username":"u","password":"s","k":{"token":"s"}}}]}';
  everywhere(call, {
    body: before + hit,
    stored: before + hit.replaceAll('"s"', '"<secret>"'),
  });
  everywhere(call, { body: before, stored: before, state: "none" });
  const { hmac } = redactedBody(call, before + hit);
  assert.equal(hmac, "");
});

test("documents of the indices that hold credentials are looked through", () => {
  for (const target of [
    "/.security-7/_search",
    "/.security/_doc/user-u",
    "/.sec*/_search",
    "/.*/_search",
    "/a,.security-tokens-7/_count",
    "/%2Esecurity-7/_search",
    "/*/_search?expand_wildcards=all",
    "/_search?expand_wildcards=open,hidden",
    "/_all/_search?expand_wildcards=all",
    "/_search?%65xpand_wildcards=all",
    "/*/_search?q=x;expand%5Fwildcards=hidden",
    "//_search?expand_wildcards=all",
    "/_search?index=.security-7",
    "/_search?q=x;ind%65x=a,.sec*",
    "/_search?=index=.security-7",
    "/_search?index=*&=%65xpand_wildcards=all",
    "/nowhere*:x/_search?=expand_wildcards=all",
    "/%3Cx,.security-7,y%3E/_search?ignore_unavailable=true",
    "/cluster:.security*/_search",
    "/.fleet-secrets/_search",
    "/%3C.security-%7Bnow%2Fd%7D%3E/_search",
    `/${"a,".repeat(12_000)}.security-7/_search`,
    `/_search?index=${"a,".repeat(12_000)}.security-7`,
  ]) {
    const call: Call = { method: "GET", target, direction: "response" };
    const body = '{"hits":[{"_id":"user-u","_source":{"username":"u","password":"$2a$s"}}]}';
    assert.equal(
      redactedBody(call, body).text,
      '{"hits":[{"_id":"user-u","_source":{"username":"u","password":"<secret>"}}]}',
      target,
    );
  }
});
