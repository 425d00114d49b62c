import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import test from "node:test";

import type { RedactionRule } from "../../../src/audit/redact/configured-rules.ts";
import { Redactor } from "../../../src/audit/redact/redactor.ts";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { bodyOf, key, redact, withoutTokens } from "./support.ts";

const redactor = new Redactor(key);

function target(text: string, from = redactor): string {
  const { path, query } = from.target(matchApiEndpoint("GET", text));
  return withoutTokens(query === undefined ? path : `${path}?${query}`);
}

const targets: readonly (readonly [string, string])[] = [
  ["/idx/_search?q=a:b&size=10", "/idx/_search?q=a:b&size=10"],
  ["/idx/_doc/a@b.c?routing=x@y", "/idx/_doc/a@b.c?routing=x@y"],
  ["/_search?api_key=s&x=1", "/_search?api_key=<secret>&x=1"],
  [
    "/_search?Access-Token=s;password=s;x=1",
    "/_search?Access-Token=<secret>;password=<secret>;x=1",
  ],
  ["/_search?t%6fken=s%20s&sig=s&key=s", "/_search?t%6fken=<secret>&sig=<secret>&key=<secret>"],
  ["/_search?token=&x", "/_search?token=&x"],
  ["/_search?&&a=b&&token=s&&", "/_search?&&a=b&&token=<secret>&&"],
  ["/_search?=token=s;==source=x&=sig==s", "/_search?=token=<secret>;==source=x&=sig=<secret>"],
  [
    "/_cluster/settings?=source=%7B%22password%22%3A%22s%22%7D",
    "/_cluster/settings?=source=%7B%22password%22:%22<secret>%22%7D",
  ],
  ["/_search?a====&token==s", "/_search?a====&token=<secret>"],
  ["/_search?%61=%62&q=Basic+dXNlcjpwYXNz", "/_search?%61=%62&q=Basic%20<secret>"],
  ["/_search?a=x%26token%3Ds", "/_search?a=x%26token%3D<secret>"],
  ["/x?url=http%3A%2F%2Fu%3As%40h%2F&y=1", "/x?url=http://<secret>@h/&y=1"],
  ["/x?to=/y?token=s", "/x?to=/y?token=<secret>"],
  ["/x#token=s", "/x#token=<secret>"],
  ["/x;password=s/y", "/x;password=<secret>/y"],
  ["/token=s/y", "/token=<secret>/y"],
  [
    "/x;a=1;token=s;=t;token=;t%6fken=s;b=token",
    "/x;a=1;token=<secret>;=t;token=;t%6fken=<secret>;b=token",
  ],
  [`/${"x".repeat(95)}token=s`, `/${"x".repeat(95)}token=<secret>`],
  [`/${"x".repeat(96)}token=s`, `/${"x".repeat(96)}token=s`],
  ["http://u:s@h:9200/_search", "http://<secret>@h:9200/_search"],
  ["http://s@h/_search", "http://<secret>@h/_search"],
  ["http://u:s/s@h/_search", "http://<secret>@h/_search"],
  ["http://u:s?s@h/_search", "http://<secret>@h/_search"],
  ["/?s@h/_search", "/?<secret>@h/_search"],
  ["/_search?@timestamp&q=a@b", "/_search?@timestamp&q=a@b"],
  ["http:/u:s@h/x", "http:/<secret>@h/x"],
  ["/http://u:s@h/x", "/http://<secret>@h/x"],
  ["//u:s@h/x", "//<secret>@h/x"],
  ["/u:s@h:443", "/<secret>@h:443"],
  ["u:s@h:443", "<secret>@h:443"],
  ["/x/http%3A%2F%2Fu%3As%40h/y", "/x/http%3A%2F%2F<secret>%40h/y"],
  [
    "/_cluster/settings?source=%7B%22password%22%3A%22s%22%7D",
    "/_cluster/settings?source=%7B%22password%22:%22<secret>%22%7D",
  ],
  [
    "/idx/_search?source=%7B%22password%22%3A%22mine%22%7D",
    "/idx/_search?source=%7B%22password%22%3A%22mine%22%7D",
  ],
];

test("targets are recorded without their secrets, and otherwise as received", () => {
  for (const [received, recorded] of targets) assert.equal(target(received), recorded);
});

test("the source parameter of an API that hides its bodies is hidden", () => {
  const recorded = target("/_security/x/y/z?source=%7B%22a%22%3A1%7D&source_content_type=a");
  assert.equal(recorded, "/_security/x/y/z?source=<secret>&source_content_type=a");
});

test("a query of secrets does not grow without bound", () => {
  const query = Array.from({ length: 2000 }, () => "pw=x").join("&");
  const recorded = redactor.target(matchApiEndpoint("GET", `/_search?${query}`)).query ?? "";
  assert.ok(!recorded.includes("x"));
  assert.ok(recorded.length < query.length + 64 * 41);
});

test("credentials in Host, and in the values of other fields", () => {
  assert.equal(withoutTokens(redactor.host("u:s@es:9200")), "<secret>@es:9200");
  assert.equal(redactor.host("es:9200"), "es:9200");
  const text = (value: string): string => withoutTokens(redactor.text(value));
  assert.equal(text("curl/8 (http://u:s@h/)"), "curl/8 (http://<secret>@h/)");
  assert.equal(text("for=1.2.3.4;token=s;by=x"), "for=1.2.3.4;token=<secret>;by=x");
  assert.equal(text("Basic dXNlcjpwYXNz"), "Basic <secret>");
  const usual = "es=9.5.1,js=26.10.0,t=9.4.0,un=26.10.0";
  assert.equal(redactor.text(usual), usual);
});

test("the first bytes of a session are looked through, whatever stands between", () => {
  const seen = Buffer.concat([
    Buffer.from([0x16, 0x03, 0x01, 0x00]),
    Buffer.from("GET /?api_key=s HTTP/1.1\r\nAuthorization: Basic s\r\nHost: es\r\n\r\n"),
    Buffer.from([0x00, 0xff]),
  ]);
  const { bytes, state } = redact(redactor.bytes(), seen, [9]);
  assert.equal(state, "redacted");
  assert.equal(
    withoutTokens(bytes.toString("latin1")),
    "\x16\x03\x01\0GET /?api_key=<secret> HTTP/1.1\r\nAuthorization: <secret>\r\nHost: " +
      "es\r\n\r\n\0\xff",
  );
});

const none: RedactionRule = {
  names: [],
  paths: [],
  parameters: [],
  patterns: [],
  indices: [],
  endpoints: [],
  keepsToken: true,
};

function configured(rule: Partial<RedactionRule>): Redactor {
  return new Redactor(key, [{ ...none, ...rule }]);
}

function documentBody(from: Redactor, body: string, path = "/patients-1/_doc/1"): string {
  const found = bodyOf({ target: path, contentType: "application/json" }, from);
  return found === undefined ? body : redact(found, body).text;
}

test("configured names are removed from documents, and nothing else is", () => {
  const rules = configured({ names: ["ssn", "Card-Number"] });
  assert.equal(
    documentBody(rules, '{"ssn":"1","card_number":[1],"password":"mine","a":{"SSN":2}}'),
    '{"ssn":"<secret>","card_number":"<secret>","password":"mine","a":{"SSN":"<secret>"}}',
  );
  assert.equal(target("/x/_search?ssn=1&token=s", rules), "/x/_search?ssn=<secret>&token=<secret>");
});

test("configured paths, anywhere or from the top, with wildcards, through arrays", () => {
  const body =
    '{"patient":{"ssn":"1","visits":[{"ssn":"2"}]},"ssn":"3","a":{"patient":{"ssn":"4"}}}';
  const stored = (path: string): string => documentBody(configured({ paths: [path] }), body);
  assert.equal(
    stored("patient.ssn"),
    '{"patient":{"ssn":"<secret>","visits":[{"ssn":"2"}]},"ssn":"3","a":{"patient":{"ssn":"<secret>"}}}',
  );
  assert.equal(
    stored("$.patient.ssn"),
    '{"patient":{"ssn":"<secret>","visits":[{"ssn":"2"}]},"ssn":"3","a":{"patient":{"ssn":"4"}}}',
  );
  assert.equal(
    stored("$.patient.visits[*].ssn"),
    '{"patient":{"ssn":"1","visits":[{"ssn":"<secret>"}]},"ssn":"3","a":{"patient":{"ssn":"4"}}}',
  );
  assert.equal(
    stored("$.**.ssn"),
    '{"patient":{"ssn":"<secret>","visits":[{"ssn":"<secret>"}]},"ssn":"<secret>","a":{"patient":{"ssn":"<secret>"}}}',
  );
  assert.equal(
    stored("$.*.ssn"),
    '{"patient":{"ssn":"<secret>","visits":[{"ssn":"2"}]},"ssn":"3","a":{"patient":{"ssn":"4"}}}',
  );
  assert.equal(documentBody(configured({ paths: ["a.b"] }), '{"a.b":"1"}'), '{"a.b":"<secret>"}');
});

test("configured patterns within strings, escaped ones included", () => {
  const rules = configured({ patterns: [/\b\d{3}-\d{2}-\d{4}\b/g, /Grüße/g] });
  assert.equal(
    documentBody(
      rules,
      '{"a":"ssn 123-45-6789 and 123-45-6780","b":"\\"Gr\\u00fc\\u00dfe\\" 1","c":12}',
    ),
    '{"a":"ssn <secret> and <secret>","b":"\\"<secret>\\" 1","c":12}',
  );
  assert.equal(
    documentBody(rules, `{"a":"${"long ".repeat(20_000)}"}`),
    '{"a":"<secret>"}',
    "a text that is too long for patterns is removed",
  );
});

test("a rule without tokens leaves none", () => {
  const rules = configured({ names: ["ssn"], keepsToken: false });
  assert.equal(documentBody(rules, '{"ssn":"1","x":[]}'), '{"ssn":"redacted","x":[]}');
  assert.equal(target("/x?ssn=1", rules), "/x?ssn=redacted");
});

test("rules of some indices or API endpoints apply to these", () => {
  const byIndex = configured({ names: ["ssn"], indices: ["patients-*", "-patients-test"] });
  const body = '{"ssn":"1"}';
  const isRedacted = (from: Redactor, path: string): boolean =>
    documentBody(from, body, path) !== body;
  assert.equal(isRedacted(byIndex, "/patients-1/_doc/1"), true);
  assert.equal(isRedacted(byIndex, "/pat*/_doc/1"), true);
  assert.equal(isRedacted(byIndex, "/other/_doc/1"), false);
  assert.equal(isRedacted(byIndex, "/_bulk"), true, "any index may be meant");
  for (const hidden of ["/nowhere*:x/_search", "/%3Cx,patients-1,y%3E/_search"])
    assert.equal(isRedacted(byIndex, hidden), true, hidden);
  const byEndpoint = configured({ names: ["ssn"], endpoints: ["index", "indices.*"] });
  assert.equal(isRedacted(byEndpoint, "/other/_doc/1"), true);
  assert.equal(isRedacted(byEndpoint, "/other/_mapping"), true);
  assert.equal(isRedacted(byEndpoint, "/_bulk"), false);
});

test("the built-in rules stay when others are configured", () => {
  const found = bodyOf(
    { target: "/_cluster/settings", contentType: "application/json" },
    configured({ names: ["ssn"], indices: ["none"], endpoints: ["none"] }),
  );
  assert.ok(found !== undefined);
  assert.equal(redact(found, '{"password":"s"}').text, '{"password":"<secret>"}');
});
