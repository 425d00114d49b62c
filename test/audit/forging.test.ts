import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";

import { readEcsLine } from "../../src/audit/format/ecs/ecs-reader.ts";
import { parseTextLine } from "../../src/audit/format/text/text-line.ts";
import type { ExchangeRecord } from "../../src/audit/record/exchange-record.ts";
import { fieldAt } from "../support/audit-reader.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { ended, openTrail, someRecord } from "./trail-fixture.ts";

const bytes = Array.from({ length: 256 }, (_, byte) => String.fromCharCode(byte));

/** Values that try to look like something else; bytes as chars. */
const attacks: readonly string[] = [
  bytes.join(""),
  ...bytes,
  "x\r\n2026-11-23 04:24:11.000000000 ID: 00000000-0000-7000-8000-000000000000 User: root",
  "curl Status: 200 Duration: 0.001s Size: 1",
  "curl Body: AAAA",
  'x","es_proxy":{"record":"response"},"y":"',
  'x"},"user":{"name":"root"},"z":{"a":"',
  "\u001b[2J\u001b[31mred",
  "anonymous",
  "None",
  "-",
  "",
  " ",
  ": ",
  "a:",
  ":",
  "a: b",
  " User: root ",
  "\\x41",
  "\\",
  "%0d%0a",
  "Grüße",
  Buffer.from("Grüße 😀 \u2028\u2029\u0085", "utf8").toString("latin1"),
  "\xc3\x28",
  "\xed\xa0\x80",
  "__proto__",
];

/**
 * What is recorded of a name in Basic: none with a control character, which RFC 7617 §2 excludes.
 */
function userOf(attack: string): string | undefined {
  // oxlint-disable-next-line no-control-regex -- they are meant
  return /[\x00-\x1f\x7f]/.test(attack) ? undefined : attack.replaceAll(":", ";");
}

/** What stands before an `@` in a host is a credential, which is replaced. */
function hostOf(attack: string): string {
  return attack.replaceAll("@", "#");
}

function basic(user: string): string {
  return `Basic ${Buffer.from(`${user}:pass`, "latin1").toString("base64")}`;
}

/** Writes one exchange for each attack, in one field of the record; gives the lines of the file. */
async function record(
  format: "ecs" | "text",
  change: (attack: string) => Partial<ExchangeRecord>,
): Promise<string[]> {
  await using directory = await makeTempDir();
  const trail = openTrail(directory.path, { format });
  for (const attack of attacks) {
    const exchange = someRecord(change(attack));
    trail.request(exchange, undefined);
    trail.response(ended(exchange), undefined);
  }
  await trail.close();
  const text = readFileSync(
    directory.file(format === "ecs" ? "audit.ndjson" : "audit.log"),
    "latin1",
  );
  assert.match(text, /^[\x20-\x7e\n]*$/);
  const lines = text.slice(0, -1).split("\n");
  assert.equal(lines.length, 2 * attacks.length, "each record is one line");
  return lines;
}

const ecsFields: readonly (readonly [
  string,
  (attack: string) => Partial<ExchangeRecord>,
  string,
  string,
])[] = [
  [
    "user",
    (attack) => ({ authorization: basic(attack.replaceAll(":", ";")) }),
    "user.name",
    "user",
  ],
  ["agent", (attack) => ({ userAgent: attack }), "user_agent.original", "user_agent"],
  ["run-as user", (attack) => ({ runAs: attack }), "user.effective.name", "effective_user"],
  ["opaque id", (attack) => ({ opaqueId: attack }), "es_proxy.headers.x-opaque-id", "opaque_id"],
  ["request id", (attack) => ({ requestId: attack }), "http.request.id", "request_id"],
  [
    "traceparent",
    (attack) => ({ traceparent: attack }),
    "es_proxy.headers.traceparent",
    "traceparent",
  ],
  ["host", (attack) => ({ host: hostOf(attack) }), "es_proxy.headers.host", "host"],
  ["content type", (attack) => ({ contentType: attack }), "http.request.mime_type", "content_type"],
  [
    "forwarded for",
    (attack) => ({ forwardedFor: attack }),
    "es_proxy.headers.x-forwarded-for",
    "forwarded_for",
  ],
  ["method", (attack) => ({ method: attack }), "http.request.method", "method"],
];

for (const [name, change, path, raw] of ecsFields) {
  test(`ecs: any bytes in the ${name} give one line that parses and round-trips`, async () => {
    const lines = await record("ecs", change);
    for (const [at, attack] of attacks.entries()) {
      const expected = name === "user" ? userOf(attack) : name === "host" ? hostOf(attack) : attack;
      const line = readEcsLine(lines[2 * at] ?? "");
      assert.ok(line, `line ${2 * at} parses`);
      assert.equal(fieldAt(line, "es_proxy.record"), "request");
      const exact = fieldAt(line, `es_proxy.raw.${raw}`);
      const value = fieldAt(line, path);
      if (typeof exact === "string")
        assert.equal(Buffer.from(exact, "base64").toString("latin1"), expected);
      else assert.equal(value, expected);
      const response = readEcsLine(lines[2 * at + 1] ?? "");
      assert.equal(fieldAt(response ?? {}, "es_proxy.record"), "response");
      assert.equal(fieldAt(response ?? {}, "http.response.status_code"), 200);
    }
  });
}

test("ecs: any bytes in the target give one line that parses and round-trips", async () => {
  const lines = await record("ecs", (attack) => ({ target: `/${attack}` }));
  for (const [at, attack] of attacks.entries()) {
    const line = readEcsLine(lines[2 * at] ?? "");
    assert.ok(line);
    const exact = fieldAt(line, "es_proxy.raw.target");
    const value = fieldAt(line, "url.original");
    if (typeof exact === "string")
      assert.equal(Buffer.from(exact, "base64").toString("latin1"), `/${attack}`);
    else assert.equal(value, `/${attack}`);
  }
});

test("ecs: text that is valid UTF-8 is readable, and its exact bytes are recorded beside it", async () => {
  const lines = await record("ecs", (attack) => ({ userAgent: attack }));
  const utf8 = attacks.indexOf(
    Buffer.from("Grüße 😀 \u2028\u2029\u0085", "utf8").toString("latin1"),
  );
  assert.equal(
    fieldAt(readEcsLine(lines[2 * utf8] ?? "") ?? {}, "user_agent.original"),
    "Grüße 😀 \u2028\u2029\u0085",
  );
  const invalid = attacks.indexOf("\xc3\x28");
  assert.equal(
    fieldAt(readEcsLine(lines[2 * invalid] ?? "") ?? {}, "user_agent.original"),
    "\xc3\x28",
  );
});

const textFields: readonly (readonly [
  "user" | "path" | "query" | "method" | "agent",
  (attack: string) => Partial<ExchangeRecord>,
  (attack: string) => string | undefined,
])[] = [
  ["user", (attack) => ({ authorization: basic(attack.replaceAll(":", ";")) }), userOf],
  ["path", (attack) => ({ target: `/${attack}` }), (attack) => `/${attack}`.split("?")[0]],
  ["query", (attack) => ({ target: `/?${attack}` }), (attack) => attack],
  ["method", (attack) => ({ method: attack }), (attack) => attack],
  ["agent", (attack) => ({ userAgent: attack }), (attack) => attack],
];

for (const [name, change, expected] of textFields) {
  test(`text: any bytes in the ${name} change no other field, and round-trip`, async () => {
    const lines = await record("text", change);
    for (const [at, attack] of attacks.entries()) {
      assert.equal(
        lines[2 * at]?.split(": ").length,
        9,
        "no value holds what separates a key from its value",
      );
      assert.equal(lines[2 * at + 1]?.split(": ").length, 11);
      const request = parseTextLine(lines[2 * at] ?? "");
      const response = parseTextLine(lines[2 * at + 1] ?? "");
      assert.ok(request && response, `both lines of ${JSON.stringify(attack)} parse`);
      assert.equal(request.kind, "request");
      assert.equal(request[name], expected(attack), `the ${name} of ${lines[2 * at]}`);
      assert.equal(response[name], expected(attack));
      assert.equal(response.kind, "response");
      assert.equal(request.id, response.id);
      const reference = parseTextLine(
        "2026-11-23 04:24:11.123500000 ID: " +
          request.id +
          " User: anonymous Path: /logs/_search Query: None Method: POST Source: 192.0.2.7 " +
          "Agent: - Body: ",
      );
      const touched = new Set<string>(
        name === "query" || name === "path" ? ["path", "query"] : [name],
      );
      for (const [key, value] of Object.entries(reference ?? {}))
        if (!touched.has(key) && key !== "kind") assert.equal(request[key as "user"], value, key);
      assert.deepEqual([response.status, response.size, response.outcome], [200, 0, "completed"]);
    }
  });
}

test("text: a user who is called anonymous is told from nobody", async () => {
  const lines = await record("text", (attack) => ({
    authorization: attack === "anonymous" ? basic(attack) : undefined,
  }));
  const at = attacks.indexOf("anonymous");
  assert.equal(parseTextLine(lines[2 * at] ?? "")?.user, "anonymous");
  assert.equal(parseTextLine(lines[0] ?? "")?.user, undefined);
});
