import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { test } from "node:test";
import * as fc from "fast-check";
import { acceptedParameters } from "../../mock-es/rest/accepted-parameters.ts";
import { unknownToServer } from "../../mock-es/rest/unknown-to-server.ts";
import { compileFilterPath } from "../../mock-es/rest/filter-path.ts";
import { findJsonProblem } from "../../mock-es/json/json-problem.ts";
import { routeTable } from "../../mock-es/route-table.ts";
import { toPosition } from "../../mock-es/json/json-position.ts";
import { errorOf, send, startFor } from "./running-mock.ts";

test("refuses unknown query parameters with suggestions", async (t) => {
  const mock = await startFor(t);
  const reasonOf = async (target: string): Promise<unknown> =>
    errorOf(await send(mock, "GET", target)).reason;
  assert.equal(
    await reasonOf("/_search?foo=1"),
    "request [/_search] contains unrecognized parameter: [foo]",
  );
  assert.equal(
    await reasonOf("/_search?sortt=1&zzz=2"),
    "request [/_search] contains unrecognized parameters: [sortt] -> did you mean [sort]?, [zzz]",
  );
  assert.equal(
    await reasonOf("/_cluster/health?wait_for_nodez=1"),
    "request [/_cluster/health] contains unrecognized parameter: [wait_for_nodez] -> did " +
      "you mean any of [wait_for_nodes, wait_for_events, wait_for_status]?",
  );
});

test("refuses values that a parameter cannot have, and broken escapes", async (t) => {
  const mock = await startFor(t);
  const reasonOf = async (target: string): Promise<unknown> =>
    errorOf(await send(mock, "GET", target)).reason;
  assert.equal(
    await reasonOf("/_search?size=ten"),
    "Failed to parse int parameter [size] with value [ten]",
  );
  assert.equal(
    await reasonOf("/_search?version=perhaps"),
    "Failed to parse value [perhaps] as only [true] or [false] are allowed.",
  );
  assert.match(String(await reasonOf("/_search?q=%zz")), /invalid hex byte 'zz'/);
  assert.match(
    String(await reasonOf("/_search?q=%2")),
    /unterminated escape sequence at end of string/,
  );
});

test("refuses a body where none is allowed and takes one from source", async (t) => {
  const mock = await startFor(t);
  const refused = await send(mock, "GET", "/_cluster/health", { body: {} });
  assert.deepEqual(errorOf(refused), {
    type: "illegal_argument_exception",
    reason: "request [GET /_cluster/health] does not support having a body",
  });
  await send(mock, "PUT", "/a/_doc/1", { body: {} });
  const source = encodeURIComponent('{"query":{"match_none":{}}}');
  assert.equal(
    (await send(mock, "GET", `/a/_count?source=${source}&source_content_type=application/json`))
      .json["count"],
    0,
  );
});

test("accepts every query parameter that the official client sends to a covered API endpoint", async () => {
  const folder = join(
    dirname(createRequire(import.meta.url).resolve("@elastic/elasticsearch")),
    "lib/api/api",
  );
  const published = new Map<string, string[]>();
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(".js"))) {
    const text = await readFile(join(folder, file), "utf8");
    for (const found of text.matchAll(
      /name: '([a-z_.]+)',[\s\S]*?acceptedParams: \{([\s\S]*?)\n\s*\}\n\s*\};/g,
    )) {
      const query = /query: \[([\s\S]*?)\]/.exec(found[2] ?? "")?.[1] ?? "";
      published.set(
        found[1] ?? "",
        [...query.matchAll(/'([^']+)'/g)].map((entry) => entry[1] ?? ""),
      );
    }
  }
  const endpoints = new Set(routeTable.map((route) => route.apiEndpoint));
  assert.ok(endpoints.size > 80);
  for (const name of endpoints) {
    const sent = published.get(name);
    assert.ok(sent !== undefined, `the client has no API endpoint ${name}`);
    const accepted = acceptedParameters(name);
    assert.deepEqual(
      sent.filter((parameter) => !accepted.has(parameter)),
      unknownToServer[name] ?? [],
      name,
    );
  }
});

test("cuts answers down to the paths that are asked for", () => {
  const value = {
    took: 1,
    errors: false,
    items: [{ index: { _id: "1", status: 201 } }, { index: { status: 400, error: { type: "x" } } }],
  };
  const cut = (expression: string): unknown => compileFilterPath(expression)(value);
  assert.deepEqual(cut("took"), { took: 1 });
  assert.deepEqual(cut("errors,items.*.error,items.*.status"), {
    errors: false,
    items: [{ index: { status: 201 } }, { index: { status: 400, error: { type: "x" } } }],
  });
  assert.deepEqual(cut("**.type"), { items: [{ index: { error: { type: "x" } } }] });
  assert.deepEqual(cut("-items"), { took: 1, errors: false });
  assert.deepEqual(cut("items.*.*,-**.status"), {
    items: [{ index: { _id: "1" } }, { index: { error: { type: "x" } } }],
  });
  assert.deepEqual(cut("t*"), { took: 1 });
  assert.deepEqual(cut("nothing"), {});
  assert.deepEqual(cut("-*"), {});
});

test("keeps everything with ** and nothing of what it excludes", () => {
  const json = fc.dictionary(fc.constantFrom("a", "b", "c"), fc.jsonValue({ maxDepth: 3 }), {
    maxKeys: 3,
  });
  fc.assert(
    fc.property(json, (value) => {
      const copy = JSON.parse(JSON.stringify(value)) as Record<string, unknown>;
      const kept = compileFilterPath("-a")(copy) as Record<string, unknown>;
      assert.ok(!("a" in kept));
      const only = compileFilterPath("a")(copy) as Record<string, unknown>;
      assert.ok(Object.keys(only).every((name) => name === "a"));
      if ("a" in only) assert.deepEqual(only["a"], copy["a"]);
    }),
  );
});

test("does not filter errors, and prints prettily with a final newline", async (t) => {
  const mock = await startFor(t);
  const refused = await send(mock, "GET", "/nope/_search?filter_path=took");
  assert.equal(errorOf(refused).type, "index_not_found_exception");
  const pretty = await send(mock, "GET", "/_cluster/settings?pretty");
  assert.equal(pretty.text, '{\n  "persistent" : { },\n  "transient" : { }\n}\n');
  assert.equal(
    (await send(mock, "GET", "/nope/_search?error_trace=true")).text.includes('"stack_trace"'),
    true,
  );
  assert.equal((await send(mock, "GET", "/nope/_search")).text.includes('"stack_trace"'), false);
});

test("finds a problem in exactly the texts that JSON.parse refuses, and inside the text", () => {
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"',
    "1",
    "-",
    "true",
    "nul",
    " ",
    "\n",
    "\\",
    "1.5e3",
    "x",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
      const text = parts.join("");
      const problem = findJsonProblem(text);
      let isJson = true;
      try {
        JSON.parse(text);
      } catch {
        isJson = false;
      }
      const end = toPosition(text, text.length);
      const isAtEnd = problem.line === end.line && problem.column === end.column;
      assert.equal(problem.message.startsWith("nothing is wrong") && isAtEnd, isJson);
      assert.ok(problem.line >= 1 && problem.column >= 1 && problem.column <= text.length + 1);
    }),
    { numRuns: 500 },
  );
});

test("adds readable values for human", async (t) => {
  const mock = await startFor(t);
  await send(mock, "PUT", "/a/_doc/1", { body: { text: "x".repeat(2000) } });
  const stats = (
    await send(mock, "GET", "/a/_stats/store,refresh?human&filter_path=_all.primaries")
  ).json["_all"];
  const { primaries } = stats as {
    primaries: { store: Record<string, unknown>; refresh: Record<string, unknown> };
  };
  assert.equal(primaries.store["size"], "1.9kb");
  assert.deepEqual(Object.keys(primaries.store).slice(0, 2), ["size", "size_in_bytes"]);
  assert.equal(primaries.refresh["total_time"], "0s");
  assert.equal(
    (await send(mock, "GET", "/_cluster/health?human")).json["active_shards_percent"],
    "50.0%",
  );
  assert.match(
    (await send(mock, "GET", "/a/_settings?human")).text,
    /"creation_date_string":"\d{4}-/,
  );
  assert.doesNotMatch((await send(mock, "GET", "/a/_settings")).text, /creation_date_string/);
});
