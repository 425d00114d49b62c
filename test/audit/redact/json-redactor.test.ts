import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { createHmac } from "node:crypto";
import test from "node:test";

import { key, redactedBody, settings, type Call } from "./support.ts";

interface Vector {
  readonly title: string;
  readonly call?: Call;
  readonly body: string;
  readonly stored: string;
  readonly state?: "none" | "redacted" | "bounded";
}

const pipeline: Call = { target: "/_ingest/pipeline/p", contentType: "application/json" };
const unknown: Call = { target: "/_plugin/x", contentType: "application/json" };

const vectors: readonly Vector[] = [
  {
    title: "strings, numbers, arrays and objects are removed, null and booleans stay",
    body: '{"a":"b","password":"s","pwd":17,"token":["s",{"x":1}],"secret":{"x":"s"},"pass":null,"jwt":true}',
    stored:
      '{"a":"b","password":"<secret>","pwd":"<secret>","token":"<secret>","secret":"<secret>","pass":null,"jwt":true}',
  },
  {
    title: "an empty string is no secret",
    body: '{"password":""}',
    stored: '{"password":""}',
    state: "none",
  },
  {
    title: "white space stays, and escapes in names do not hide them",
    body: '{ "pass\\u0077ord" :\n "s" , "\\u0061pi-key": "s" }',
    stored: '{ "pass\\u0077ord" :\n "<secret>" , "\\u0061pi-key": "<secret>" }',
  },
  {
    title: "quotes and backslashes in a secret do not end it",
    body: String.raw`{"password":"a\"b\\","x":"y"}`,
    stored: '{"password":"<secret>","x":"y"}',
  },
  {
    title: "dotted settings are judged by their last part",
    body: '{"persistent":{"xpack.http.password":"s","xpack.password.file":"f"}}',
    stored: '{"persistent":{"xpack.http.password":"<secret>","xpack.password.file":"f"}}',
  },
  {
    title: "credentials in a URL within a value",
    body: '{"url":"https://user:pa@ss@host:9200/x","b":"https:\\/\\/u:p@h","c":"//host/a@b"}',
    stored: '{"url":"https://<secret>@host:9200/x","b":"https://<secret>@h","c":"//host/a@b"}',
  },
  {
    title: "pairs, fields and schemes within a value",
    body: '{"a":"jdbc:x?user=u&password=s;Encrypt=1","b":"Authorization: Basic s","c":"Bearer abc123XYZ== end"}',
    stored:
      '{"a":"jdbc:x?user=u&password=<secret>;Encrypt=1","b":"Authorization: <secret>","c":"Bearer <secret> end"}',
  },
  {
    title: "JSON within a string",
    body: String.raw`{"body":"{\"password\":\"a b\",\"x\":1,\"n\":\"{\\\"token\\\":\\\"s\\\"}\"}"}`,
    stored: String.raw`{"body":"{\"password\":\"<secret>\",\"x\":1,\"n\":\"{\\\"token\\\":\\\"<secret>\\\"}\"}"}`,
  },
  {
    title: "several JSON texts, one a line or not",
    body: '{"a":1}\n{"password":"s"} {"password":"s"}[]\n\n',
    stored: '{"a":1}\n{"password":"<secret>"} {"password":"<secret>"}[]\n\n',
  },
  {
    title: "a byte order mark and comments",
    body: '\uFEFF{/* " password: s */"a":1, // token=abc\n"pwd":"s"}',
    stored: '\uFEFF{/* " password: <secret>"a":1, // token=<secret>\n"pwd":"<secret>"}',
  },
  {
    title: "a value beside a secret name, before it and behind it",
    call: pipeline,
    body: '{"processors":[{"set":{"field":"api_key","value":"s"}},{"set":{"value":{"a":["s"]},"field":"ctx.password"}},{"set":{"field":"x","value":"y"}}]}',
    stored:
      '{"processors":[{"set":{"field":"api_key","value":"<secret>"}},{"set":{"value":"<secret>","field":"ctx.password"}},{"set":{"field":"x","value":"y"}}]}',
  },
  {
    title: "a sensitive value of a connector's configuration",
    call: { target: "/_ingest/pipeline/p", contentType: "application/json" },
    body: '{"c":{"value":"s","sensitive":true},"d":{"sensitive":false,"value":"y"}}',
    stored: '{"c":{"value":"<secret>","sensitive":true},"d":{"sensitive":false,"value":"y"}}',
  },
  {
    title: "values of a connector's configuration, and only these",
    call: {
      target: "/_connector/c/_configuration",
      contentType: "application/json",
    },
    body: '{"value":"kept","configuration":{"host":{"value":"s","label":"Host"},"values":{"a":"s"}}}',
    stored:
      '{"value":"kept","configuration":{"host":{"value":"<secret>","label":"Host"},"values":"<secret>"}}',
  },
  {
    title: "an array of names and values, where anything may stand",
    call: unknown,
    body: '["Host","es","X-Api-Key","s","Accept","x"]',
    stored: '["Host","es","X-Api-Key","<secret>","Accept","x"]',
  },
  {
    title: "fields of a mapping may be called like secrets",
    call: { target: "/idx", contentType: "application/json" },
    body: '{"mappings":{"properties":{"password":{"type":"keyword","fields":{"token":{"type":"text"}}}}},"settings":{"password":{"a":"s"}}}',
    stored:
      '{"mappings":{"properties":{"password":{"type":"keyword","fields":{"token":{"type":"text"}}}}},"settings":{"password":"<secret>"}}',
  },
  {
    title: "what says which API key stays",
    call: {
      method: "POST",
      target: "/_security/api_key",
      direction: "response",
      contentType: "application/json",
    },
    body: '{"id":"k7","name":"shipping","api_key":"s","encoded":"s"}',
    stored: '{"id":"k7","name":"shipping","api_key":"<secret>","encoded":"<secret>"}',
  },
  {
    title: "what says which token and API key was used stays",
    call: {
      method: "GET",
      target: "/_security/_authenticate",
      direction: "response",
      contentType: "application/json",
    },
    body: '{"username":"u","token":{"name":"t","type":"service","password":"s"},"api_key":{"id":"k7","name":"n"}}',
    stored:
      '{"username":"u","token":{"name":"t","type":"service","password":"<secret>"},"api_key":{"id":"k7","name":"n"}}',
  },
  {
    title: "the value of a service token goes, its name stays",
    call: {
      method: "POST",
      target: "/_security/service/elastic/fleet-server/credential/token/t1",
      direction: "response",
      contentType: "application/json",
    },
    body: '{"created":true,"token":{"name":"t1","value":"s"}}',
    stored: '{"created":true,"token":{"name":"t1","value":"<secret>"}}',
  },
  {
    title: "what is no JSON ends what is stored",
    body: '{"a":1,"b":2 "password":"s"}',
    stored: '{"a":1,"b":2',
    state: "bounded",
  },
  {
    title: "UTF-16 is not stored",
    body: '{\u0000"\u0000p\u0000',
    stored: "{",
    state: "bounded",
  },
];

for (const { title, call = settings, body, stored, state = "redacted" } of vectors) {
  test(`JSON: ${title}, cut anywhere`, () => {
    const bytes = Buffer.from(body);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      const result = redactedBody(call, bytes, [cut]);
      assert.equal(result.text, stored, `cut at ${cut}`);
      assert.equal(result.state, state);
    }
    const bytewise = redactedBody(call, bytes, [...bytes.keys()]);
    assert.equal(bytewise.text, stored);
  });
}

test("a body that ends within a value shows nothing of a secret", () => {
  const canary = "C4n4ry";
  const bodies = [
    `{"a":"b","password":"${canary}${canary}","c":1}`,
    `{"a":"b","token":{"x":["${canary}","${canary}"]},"c":1}`,
    `{"a":"b","url":"http://u:${canary}${canary}@h/","c":1}`,
    `{"set":{"value":"${canary}","field":"password"}}`,
    `{"pin":1,"pwd":12345678901}`,
  ];
  for (const body of bodies) {
    for (let end = 1; end <= body.length; end += 1) {
      for (const cut of [1, end >> 1, end]) {
        const { text, state } = redactedBody(pipeline, body.slice(0, end), [cut]);
        assert.ok(
          !text.includes(canary) && !text.includes("1234567"),
          `${body.slice(0, end)} → ${text}`,
        );
        if (end === body.length) assert.equal(state, "redacted");
      }
    }
  }
});

test("equal secrets have equal tokens, and the digest of the body is keyed", () => {
  const body = '{"a":{"password":"s"},"b":{"api_key":"s"},"c":{"pwd":"t"}}';
  const { bytes, hmac } = redactedBody(settings, body);
  const tokens = [...bytes.toString().matchAll(/redacted-([0-9a-f]{32})/g)].map(
    ([, token]) => token,
  );
  assert.equal(tokens.length, 3);
  assert.equal(tokens[0], tokens[1]);
  assert.notEqual(tokens[0], tokens[2]);
  const expected = createHmac("sha256", key).update("s").digest("hex").slice(0, 32);
  assert.equal(tokens[0], expected);
  assert.equal(hmac, createHmac("sha256", key).update(body).digest("hex").slice(0, 32));
});

test("20 MB are redacted member by member, and nothing else changes", () => {
  const entry = (at: number): string =>
    JSON.stringify({
      id: at,
      name: `repository ${at}`,
      text: "x".repeat(900),
      secret_key: `${"s".repeat(40)}${at}`,
    });
  const count = 20_000;
  const body = Buffer.from(`[${Array.from({ length: count }, (_, at) => entry(at)).join(",\n")}]`);
  assert.ok(body.length > 19_000_000);
  const cuts = Array.from(
    { length: Math.floor(body.length / 65_536) },
    (_, at) => (at + 1) * 65_536,
  );
  const { bytes, state, removed } = redactedBody(settings, body, cuts);
  assert.equal(state, "redacted");
  assert.equal(removed, count);
  const stored = JSON.parse(bytes.toString()) as { id: number; name: string; secret_key: string }[];
  assert.equal(stored.length, count);
  assert.ok(stored.every(({ secret_key }) => secret_key.startsWith("redacted")));
  assert.equal(stored.at(-1)?.name, `repository ${count - 1}`);
});
