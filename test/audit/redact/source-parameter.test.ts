import assert from "node:assert/strict";
import { test } from "node:test";
import { documents, json, secret } from "./exchanges.ts";
import { redactedBody, type Call } from "./support.ts";

test("the answer to a request in the parameter `source` is judged by it", () => {
  const answer = (body: string): Call => {
    const source = encodeURIComponent(body).replaceAll("%20", "+");
    const target = `/_msearch?filter_path=*.hits.hits._source&source=${source}`;
    return { method: "GET", target, direction: "response", contentType: "application/json" };
  };
  const stored = json({ responses: [{ _source: { password: secret } }] });
  for (const index of [".security", ".sec*", "a,.s*"]) {
    const { text } = redactedBody(answer(`${json({ index })}\n{}\n`), stored);
    assert.ok(!text.includes(secret), index);
  }
  assert.equal(redactedBody(answer(`${json({ index: "logs-*" })}\n{}\n`), stored).text, stored);
  const query = { ...answer(""), target: "/_sql?source=%7B%22query%22:%22FROM%20%5C%22.sec*" };
  assert.equal(redactedBody(query, '{"rows":[["s"]]}').state, "hidden");
});

test("the parameter `source` is read in the format that it is said to have", () => {
  const answer = (type: string, body: string): string =>
    redactedBody(
      {
        method: "GET",
        target: `/_mget?source=${encodeURIComponent(body)}&source_content_type=${type}`,
        direction: "response",
        contentType: "application/json",
      },
      documents,
    ).text;
  const yaml = (name: string): string => `docs: [{_index: ${name}, _id: a}]`;
  const hiding: readonly (readonly [type: string, body: string])[] = [
    ["application/yaml", yaml('".secur\\x69ty-7"')],
    ["application/yaml", yaml("!!binary LnNlY3VyaXR5LTc=")],
    ["application%2Fvnd.elasticsearch%2Byaml", yaml('".secur\\u0069ty-7"')],
    // A text in chunks of 4 and 7 bytes (RFC 8949 §3.2.3).
    ["application/cbor", "\u007fd.secgurity-7"],
  ];
  for (const [type, body] of hiding) assert.ok(!answer(type, body).includes(secret), body);
  assert.equal(answer("application/yaml", yaml("logs")), documents);
});
