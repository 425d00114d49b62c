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

import { Redactor } from "../../../src/audit/redact/redactor.ts";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { key, redact, redactedBody, settings, type Call } from "./support.ts";

const secret = "C4n4ryS3cr3tZZ";
const errorPage: Call = { target: "/idx/_search", direction: "response", status: 502 };
const json = (value: unknown): string => JSON.stringify(value);

/** Names of the cases whose secret is kept, at any of some cuts. */
function kept(call: Call, cases: Readonly<Record<string, string>>): string[] {
  return Object.entries(cases)
    .filter(([, body]) => {
      const { length } = Buffer.from(body);
      return [[], [length >> 1], [length - 3], [1, 2, length >> 2]].some((cuts) =>
        redactedBody(call, body, cuts).text.includes(secret),
      );
    })
    .map(([name]) => name);
}

const encoded: Readonly<Record<string, string>> = {
  "an escape in JSON within a string": `{"pass\\u0077ord":"${secret}"}`,
  "an escape in JSON within JSON within a string": json({ a: `{"pass\\u0077ord":"${secret}"}` }),
  "an encoded pair": `user%3Da%26password%3D${secret}`,
  "a pair that is encoded twice": `x=token%253D${secret}`,
  "an encoded colon": `password%3A%20${secret}`,
  "encoded JSON": `source=%7B%22password%22%3A%22${secret}%22%7D`,
  "encoded credentials in a URL": `https://h/?r=https%3A%2F%2Fu%3A${secret}%40h`,
  "an encoded query in a path": `GET /x%3Ftoken%3D${secret} HTTP/1.1`,
  "a character reference": `password&#61;${secret}`,
  "markup that is escaped": `&lt;password&gt;${secret}&lt;/password&gt;`,
  "beside a secret that is plain": `token=x&amp;y=z password%3D${secret}`,
};

const marked: Readonly<Record<string, string>> = {
  "an element": `<a><password>${secret}</password></a>`,
  "an element with a prefix": `<ns:Password type="x">${secret}</ns:Password>`,
  "an element over lines": `<password>\n  ${secret}\n</password>`,
  "a section of CDATA": `<password><![CDATA[${secret}]]></password>`,
  "an attribute": `<user password="${secret}"/>`,
  "a value beside its key": `<add key="password" value="${secret}"/>`,
  "a field of a form": `<input value="${secret}" type="password" name="password">`,
  "a row of a table": `<tr><td>X-Api-Key</td><td>${secret}</td></tr>`,
  "a row over lines": `<tr><th> Cookie: </th>\n<td class="v">sid=${secret}; a=b</td></tr>`,
  "a row with emphasis": `<tr><td><b>Authorization</b></td><td>Digest ${secret}</td></tr>`,
  "a definition": `<dt>password</dt><dd>${secret}</dd>`,
};

const written: Readonly<Record<string, string>> = {
  "a list of tuples": `[('X-Api-Key', '${secret}'), ('A', 'b')]`,
  "tuples of bytes": `[(b'x-api-key', b'${secret}')]`,
  "a call": `headers.put("token","${secret}")`,
  "a list in JSON in a string": `[["password", "${secret}"]]`,
  "a private key": `-----BEGIN PRIVATE KEY-----\nMIIC${secret}\n-----END PRIVATE KEY-----\n`,
  "a private key without an end": `x\n-----BEGIN RSA PRIVATE KEY-----\nMIIC\n${secret}`,
};

/** Formats under a wrong name, or without one. */
const misnamed: Readonly<Record<string, string>> = {
  "a block of YAML": `a: 1\npassword: |\n  x\n  ${secret}\n\n  ${secret}\nb: 2\n`,
  "a folded block of YAML": `user:\r\n  password: >-2 # of it\r\n    ${secret}\r\n`,
  "a part of a form": `--zz\r\nContent-Disposition: form-data; name="password"\r\n\r\n${secret}\r\n--zz--`,
  "a part of a form, its name last": `content-disposition:form-data;x="y";\tname=pwd\n\n${secret}\n`,
  "a name with a colon in its quotes": `{"password:":"${secret}","a":{"token.":"${secret}"}}`,
};

for (const [name, cases] of Object.entries({ encoded, marked, written, misnamed }))
  test(`text holds no secret: ${name}`, () => {
    assert.deepEqual(kept({ ...errorPage, contentType: "text/html" }, cases), []);
    assert.deepEqual(kept(errorPage, cases), []);
    const strings = Object.fromEntries(
      Object.entries(cases).map(([label, text]) => [label, json({ reason: text, x: 1 })]),
    );
    if (cases !== misnamed) assert.deepEqual(kept(settings, strings), []);
  });

test("what is called a form and is none is looked through as text", () => {
  const form = { ...settings, contentType: "application/x-www-form-urlencoded" };
  // `&` and `;` are no part of a value there.
  const plain = Object.entries(encoded).filter(([, body]) => !/[&;]/.test(body));
  assert.deepEqual(
    kept(form, { ...marked, ...written, ...misnamed, ...Object.fromEntries(plain) }),
    [],
  );
  const values = `a=b c&password=two words&d=<e>&x={"f":1}`;
  assert.equal(
    redactedBody(form, values).text,
    `a=b c&password=<secret>&d=<e>&x={"f":1}`,
    "pairs stay pairs",
  );
});

test("a block of YAML ends with its lines", () => {
  const page = { ...errorPage, contentType: "text/plain" };
  assert.equal(
    redactedBody(page, `password: |\n  a\n  b\nuser: bob\n`).text,
    "password: |\n  <secret>\n  <secret>\nuser: bob\n",
  );
});

test("what encodings do not hide stays", () => {
  const page = `<a href="/x%20y?z=%C3%A4">a &amp; b</a> <td>name</td><td>value</td>
[('name', 'value')] token=<secret>
`;
  const call = { ...errorPage, contentType: "text/html" };
  assert.equal(redactedBody(call, page.replace("<secret>", secret)).text, page);
  const body = json({ url: "http://h/a%20b?c=d%26e", note: "50% \\u00e4 &lt;b&gt;" });
  assert.equal(redactedBody(settings, body).text, body);
  const key = `-----BEGIN PUBLIC KEY-----\nMIIC\n-----END PUBLIC KEY-----\n`;
  assert.equal(redactedBody(call, key).text, key);
});

test("JSON that is called a form or YAML holds no secret", () => {
  for (const contentType of ["application/x-www-form-urlencoded", "application/yaml", "text/xml"])
    for (const indent of [0, 2]) {
      const body = JSON.stringify({ persistent: { a: 1, password: secret } }, null, indent);
      const { text } = redactedBody({ ...settings, contentType }, body);
      assert.ok(!text.includes(secret), `${contentType}: ${text}`);
    }
  const form = { ...settings, contentType: "application/x-www-form-urlencoded" };
  for (const body of [
    `password:${secret}`,
    `x%3D1%26password%3D${secret}`,
    `a=1&token%3D${secret}`,
  ])
    assert.ok(!redactedBody(form, body).text.includes(secret), body);
});

test("a coded body that is not called one is not stored", () => {
  const codings = [gzipSync, deflateSync, deflateRawSync, brotliCompressSync, zstdCompressSync];
  const types = [undefined, "application/json", "text/plain", "application/yaml"];
  for (const contentType of [...types, "application/x-www-form-urlencoded", "text/csv"])
    for (const encode of codings) {
      const body = encode(Buffer.from(json({ password: secret, list: [1, 2, 3] })));
      const { bytes, state } = redactedBody({ ...settings, contentType }, body);
      assert.notEqual(state, "none", `${encode.name} as ${contentType}`);
      // Too little to decode anything from.
      assert.ok(bytes.length < 8, `${encode.name} as ${contentType}: ${bytes.length} bytes`);
    }
});

test("a page in another charset is text", () => {
  const page = Buffer.from(
    "Zugriff f\u00fcr password=geheim\nverweigert f\u00fcr alle\n",
    "latin1",
  );
  const type = "text/html; charset=ISO-8859-1";
  const { bytes, state } = redactedBody({ ...errorPage, contentType: type }, page);
  assert.equal(state, "redacted");
  assert.match(bytes.toString("latin1"), /verweigert f\u00fcr alle/);
});

test("lists of secrets are removed, objects and numbers of the same name are judged", () => {
  const body = {
    tokens: [secret, { id: "t1", token: secret }],
    passwords: { a: secret },
    cookies: secret,
    auth: { basic: { username: "u", password: secret } },
    basic_auth: `u:${secret}`,
    max_tokens: 4096,
    invalidated_api_keys: ["k7"],
  };
  const { text } = redactedBody(settings, json(body));
  assert.equal(
    text,
    json({
      ...body,
      tokens: ["<secret>", { id: "t1", token: "<secret>" }],
      passwords: "<secret>",
      cookies: "<secret>",
      auth: { basic: { username: "u", password: "<secret>" } },
      basic_auth: "<secret>",
    }),
  );
});

test("a value beside a secret name is removed wherever names are looked for", () => {
  const targets = [
    "/_cluster/settings",
    "/_watcher/watch/w",
    "/_inference/x",
    "/_snapshot/r",
    "/_x",
  ];
  for (const target of targets)
    for (const member of ["name", "key", "id", "attr", "field"])
      for (const value of [secret, [secret], { a: secret }]) {
        const { text } = redactedBody({ target }, json([{ [member]: "X-Api-Key", value }]));
        assert.ok(!text.includes(secret), `${target} ${member}: ${text}`);
      }
});

test("encodings in a target hide no secret", () => {
  const redactor = new Redactor(key);
  const targets = [
    `/_search?token%3D${secret}`,
    `/_search?%2574oken=${secret}`,
    `/_search?token:${secret}`,
    `/_search?x=token%253D${secret}`,
    `/_search%3Ftoken%3D${secret}`,
    `/a%3Btoken%3D${secret}/_search`,
    `/http%253A%252F%252Fu%253A${secret}%2540h/x`,
    `/x?u=http%253A%252F%252Fu%253A${secret}%2540h`,
    `/_search?index=https://u:${secret}@h/x`,
    `/_search?index=${"a,".repeat(300)}https%3A%2F%2Fu%3A${secret}%40h`,
    `/a,https:%2F%2Fu:pass,${secret}@h,b/_search`,
  ];
  for (const target of targets) {
    const redacted = json(redactor.target(matchApiEndpoint("GET", target)));
    assert.ok(!redacted.includes(secret), redacted);
  }
  for (const plain of ["/a%20b/_doc/user%3Ajo%40x.com", "/%3Clogs-%7Bnow%2Fd%7D%3E/_search"])
    assert.equal(redactor.target(matchApiEndpoint("GET", plain)).path, plain);
});

test("hosts and header fields hide no secret", () => {
  const redactor = new Redactor(key);
  for (const host of [`u%3A${secret}%40h`, `h?token=${secret}`, `h/token=${secret}`, `${secret}@h`])
    assert.ok(!redactor.host(host).includes(secret), host);
  for (const host of ["es:9200", "[::1]:9200", "a_b-c.example.com"])
    assert.equal(redactor.host(host), host);
  for (const text of [`pass%77ord=${secret}`, `{"pass\\u0077ord":"${secret}"}`])
    assert.ok(!redactor.text(text).includes(secret), text);
  const forwarded = redactor.forwarded(`for=1.2.3.4;host="u:${secret}@h:9200";proto=https`) ?? "";
  assert.match(forwarded, /^for=1\.2\.3\.4;host="redacted-[0-9a-f]{32}@h:9200";proto=https$/);
});

/** Calls whose body may name indices by wildcards. */
const wildcardCalls = ["/_msearch", "/logs/_msearch/template", "/_query", "/_query/async", "/_sql"];

test("wildcards in a body that match an index of credentials count as its name, cut anywhere", () => {
  const bodies = [
    '{"query":"FROM .sec* | LIMIT 10"}',
    '{"query":"FROM logs,\\n.s* | LIMIT 10"}',
    '{"query":"FROM\\u0020.s*"}',
    String.raw`{"query":"SELECT * FROM \".sec*\""}`,
    String.raw`{"query":"FROM a\u002c.sec*-7"}`,
    String.raw`{"query":"FROM .sec\u002A"}`,
    String.raw`{"query":"FROM \u002esec*"}`,
    '{"query":"FROM remote:.sec*,*:.x*"}',
    '{"query":"FROM ?i","params":[{"i":".*"}]}',
    '{"index":".sec*"}',
    '{"index":["a",".s*"]}',
    '{"index":"a,.security-profile*"}',
    '{"index":"<.sec*>"}',
    '{"index":".fleet-enrollment-api-keys*"}',
    '{"index":"*","expand_wildcards":"all"}',
    '{"index":"*","expandWildcards":["hidden"]}',
    "x".repeat(100) + " .transform-int*ernal",
  ];
  for (const target of wildcardCalls)
    for (const body of bodies) {
      const whole = Buffer.from(`${body}\n{"password":"${secret}"}\n`);
      for (let cut = 0; cut <= body.length; cut += 1) {
        const { text, namesCredentials } = redactedBody({ target, method: "POST" }, whole, [cut]);
        assert.equal(namesCredentials, true, `${target} ${body} ${cut}`);
        assert.ok(!text.includes(secret), text);
      }
      const bytes = Array.from(whole, (_, at) => at);
      const { namesCredentials } = redactedBody({ target, method: "POST" }, whole, bytes);
      assert.equal(namesCredentials, true, `${target} ${body} in single bytes`);
    }
  // In CBOR the length of a string stands before it, here an `e`.
  const cbor: Call = { method: "POST", target: "/_msearch", contentType: "application/cbor" };
  const header = Buffer.from("\xa1eindexe.sec*\xff", "latin1");
  assert.equal(redactedBody(cbor, header).namesCredentials, true);
});

test("other wildcards in a body are recorded as before, cut anywhere", () => {
  const bodies = [
    '{"query":"FROM logs-* | KEEP user.*, a.s* | STATS COUNT(*) BY host.sec*"}',
    '{"query":"FROM .kibana*,.ds-*,.alerts-* | WHERE a > .5*b"}',
    '{"query":"FROM *,s*,-.s* | LIMIT 1"}',
    String.raw`{"query":"FROM l | WHERE m RLIKE \".*fail.*\" OR m like  \"\"\".*x\"\"\""}`,
    '{"index":[".kibana*","logs-*.sec*"],"x":"a.*.s*"}',
    `{"x":"${"y".repeat(60)}.s*"}`,
  ];
  for (const target of wildcardCalls)
    for (const body of bodies) {
      const whole = Buffer.from(`${body}\n{"password":"${secret}"}\n`);
      for (let cut = 0; cut <= body.length; cut += 1) {
        const { state, bytes } = redactedBody({ target, method: "POST" }, whole, [cut]);
        assert.equal(state, "none", `${target} ${body} ${cut}`);
        assert.ok(bytes.equals(whole));
      }
      const cuts = Array.from(whole, (_, at) => at);
      assert.equal(redactedBody({ target, method: "POST" }, whole, cuts).state, "none");
    }
  // Documents are written to one index, whatever text they hold.
  const bulk = '{"index":{"_index":"a"}}\n{"password":"mine","x":".s*"}\n';
  assert.equal(redactedBody({ method: "POST", target: "/_bulk" }, bulk).text, bulk);
});

test("a preview of documents that hold credentials shows none", () => {
  const rows: readonly (readonly [target: string, answer: string])[] = [
    ["/_transform/_preview", json({ preview: [{ user: "a", password: secret }] })],
    ["/_ml/datafeeds/_preview", json([{ user: "a", api_key_hash: secret }])],
    ["/_ml/data_frame/analytics/_preview", json({ feature_values: [{ password: secret }] })],
  ];
  for (const [target, answer] of rows) {
    const call: Call = { method: "POST", target, direction: "response", status: 200 };
    assert.deepEqual(kept(call, { preview: answer }), [], target);
    assert.match(redactedBody(call, answer, []).text, /[[{]/);
  }
});

const settingsNames = `entra_id userpass dbpass SMTPPASS adminpwd creds auth_code ssh_key ssl_key
  secret_string license_key webhook_url kennwort motdepasse password_old private_key_pem
  private_key_base64 credentials_json Authorization-Header authorization_code jwkset`.split(/\s+/);

test("names of secrets that are put together, and those of Elasticsearch's own API", () => {
  for (const name of settingsNames)
    assert.deepEqual(kept(settings, { [name]: json({ persistent: { [name]: secret } }) }), []);
  const calls: Readonly<Record<string, unknown>> = {
    "/_watcher/watch/w": [
      { webhook: { host: "hooks.slack.com", path: `/services/T0/${secret}` } },
      { webhook: { url: `https://hooks.slack.com/services/T0/${secret}` } },
      { request: { params: { key: secret } } },
    ],
    "/_inference/completion/x": [{ service_settings: { entra_id: secret, secret_key: secret } }],
    "/_snapshot/r": [{ settings: { "conf.fs.azure.account.key": secret } }],
    "/_ingest/ip_location/database/x": [{ maxmind: { license_key: secret } }],
    "/_plugins/_notifications/configs": [{ config: { slack: { url: `https://h/${secret}` } } }],
    "/_xpack/watcher/watch/w": [{ request: { headers: { own: secret } } }],
  };
  for (const [target, bodies] of Object.entries(calls))
    assert.deepEqual(kept({ target }, { [target]: json(bodies) }), []);
  const saml: Call = { method: "POST", target: "/_security/saml/prepare" };
  assert.deepEqual(kept(saml, { relay: json({ relay_state: secret }) }), []);
});

/** What stands in an error that repeats what was asked, for a call that may hold credentials. */
const messages: readonly string[] = [
  `Unrecognized token '${secret}': was expecting (JSON String, Number, Array)`,
  `[1:3] [password] unknown token [${secret}]`,
  `Failed to parse value [${secret}] for setting [x]`,
  `illegal value can't update [x.y] from [null] to [${secret}]`,
  `unable to authenticate user [elastic] with password [${secret}]`,
  `Incorrect API key provided: ${secret}1. You can find your key at`,
  `invalid api key [${secret}]`,
];

test("an error that repeats a secret is recorded without it", () => {
  const redactor = new Redactor(key);
  const answer = (target: string, text: string, secrets?: readonly string[]): string => {
    const asked = { namesCredentials: false, secrets };
    const match = matchApiEndpoint("PUT", target);
    const body = redactor.body(match, "response", "application/json", undefined, 400, asked);
    assert.ok(body !== undefined);
    return redact(body, json({ error: { reason: text } })).text;
  };
  for (const target of ["/_security/user/u", "/_snapshot/r", "/_cluster/settings", "/_x/y"])
    for (const message of messages) assert.ok(!answer(target, message).includes(secret), message);
  const { secrets } = redactedBody(settings, json({ a: { password: secret, token: "a.b$" } }));
  assert.deepEqual(secrets, [secret, "a.b$"]);
  const reason = `no setting like ${secret}, "a.b$" or axb$`;
  assert.match(answer("/_cluster/settings", reason, secrets), /like <secret>, .*<secret>.* or axb/);
  // The users' own documents are told as they are.
  const own = "failed to parse field [age] of type [long], value: [abc], token 'abc'";
  assert.ok(answer("/logs/_doc/1", own).includes(own));
});
