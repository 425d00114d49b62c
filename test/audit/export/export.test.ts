import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import * as fc from "fast-check";

import { consoleText } from "../../../src/audit/export/console.ts";
import { curlCommand } from "../../../src/audit/export/curl.ts";
import { harEnd, harEntry, harStart } from "../../../src/audit/export/har.ts";
import { wholeEntry } from "../../../src/audit/export/whole-entry.ts";
import { shellWord } from "../../../src/core/shell-word.ts";
import type { TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { basic, MadeTrail } from "../read/made-directory.ts";

async function entriesOf(directory: string): Promise<TrailEntry[]> {
  const entries: TrailEntry[] = [];
  for await (const batch of readTrail({ directory })) entries.push(...batch);
  return entries;
}

/** Runs a script with a `curl` that only tells what it was given. */
function runWithRecordingCurl(
  directory: TempDir,
  script: string,
): { args: string[]; stdin: string }[] {
  const log = directory.file("calls");
  writeFileSync(log, "");
  const program = `#!${process.execPath}
const { appendFileSync, readFileSync } = require("node:fs");
const args = process.argv.slice(2);
const stdin = args.includes("@-") ? readFileSync(0, "latin1") : "";
appendFileSync(${JSON.stringify(log)}, JSON.stringify({ args, stdin }) + "\\n");
`;
  writeFileSync(directory.file("curl"), program);
  chmodSync(directory.file("curl"), 0o755);
  const env = { PATH: `${directory.path}:${process.env["PATH"] ?? ""}`, ES_API_KEY: "k e y" };
  const { status, stderr } = spawnSync("sh", [], { input: script, env, encoding: "utf8" });
  assert.deepEqual([status, stderr], [0, ""]);
  return readFileSync(log, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as { args: string[]; stdin: string });
}

const hostile = `'; touch owned; echo "$(id)\` \\ \n\${x} *`;

/** No user name has control characters. */
const hostileName = hostile.replaceAll("\n", " ").replaceAll(":", "");

async function made(directory: string): Promise<void> {
  const trail = new MadeTrail(directory);
  const search = { method: "POST", target: `/logs/_search?q=${hostile.replaceAll("\n", "%0a")}` };
  const first = await trail.begin(
    {
      ...search,
      authorization: basic(hostileName),
      contentType: "application/json",
      host: "es:9200",
    },
    Buffer.from(`{"a":${JSON.stringify(hostile)},"n":12345678901234567890}`),
  );
  trail.clock.monotonicMs += 10;
  await trail.end(
    first,
    { firstByteMs: first.startedMs + 4, endpoint: "[::1]:9201" },
    Buffer.from("{}"),
  );
  await trail.exchange({ method: "HEAD", target: "/logs", authorization: "ApiKey aWQ6c2VjcmV0" });
  const binary = await trail.begin(
    { method: "PUT", target: "/b/_doc/1" },
    Buffer.from([0, 255, 10]),
  );
  await trail.end(binary);
  const lines = Buffer.from('{"index":{}}\n\n{"a":1}\n');
  const bulk = await trail.begin({ method: "PUT", target: "/_bulk" }, lines);
  await trail.end(bulk, { status: 0, outcome: "client_aborted" });
  await trail.session("01936f3e-1111-7000-8000-000000000001");
  await trail.trail.close();
}

test("curl commands give curl what the client sent, whatever it was", async () => {
  await using directory = await makeTempDir();
  await made(directory.path);
  const entries = await entriesOf(directory.path);
  const commands = await Promise.all(entries.map((entry) => curlCommand(directory.path, entry)));
  assert.equal(commands.filter((command) => command === undefined).length, 1);
  const calls = runWithRecordingCurl(directory, commands.join("\n"));
  assert.equal(calls.length, 4);
  const [search, head, binary, bulk] = calls.map(({ args }) => args);
  assert.ok(search && head && binary && bulk);
  assert.deepEqual(search.slice(0, 6), [
    "--globoff",
    "--path-as-is",
    "-X",
    "POST",
    "--user",
    hostileName,
  ]);
  assert.equal(search.at(-2), `{"a":${JSON.stringify(hostile)},"n":12345678901234567890}`);
  assert.equal(search.at(-1), `http://es:9200/logs/_search?q=${hostile.replaceAll("\n", "%0a")}`);
  assert.ok(head.includes("-H") && head.includes("Authorization: ApiKey k e y"));
  assert.ok(binary.includes("@-") && calls[2]?.stdin === "\0\u00ff\n");
  assert.equal(bulk.at(-2), '{"index":{}}\n\n{"a":1}\n');
  const to = await curlCommand(directory.path, entries[1] ?? assert.fail(), "https://other:1/");
  assert.match(to ?? "", /https:\/\/other:1\/logs\n$/);
});

test("a client cannot name a file that its curl command would send", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path);
  const begun = await trail.begin({ method: "OPTIONS", target: "*" }, Buffer.from("@/etc/passwd"));
  await trail.end(begun);
  await trail.trail.close();
  const [entry = assert.fail()] = await entriesOf(directory.path);
  const command = (await curlCommand(directory.path, entry, "http://es:1")) ?? "";
  const [{ args } = assert.fail()] = runWithRecordingCurl(directory, command);
  assert.deepEqual(args.slice(-3), ["--data-raw", "@/etc/passwd", "http://es:1/*"]);
});

test("any text is one word of a shell", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(text, (word) => {
      fc.pre(!word.includes("\0") && Buffer.from(word).toString("utf8") === word);
      const script = `printf %s ${shellWord(word)}`;
      assert.equal(execFileSync("sh", ["-c", script], { encoding: "utf8" }), word);
    }),
    { numRuns: 60, seed: 1 },
  );
});

test("a record that somebody has forged gets out of no comment and no name of a file", async () => {
  await using directory = await makeTempDir();
  const trail = new MadeTrail(directory.path);
  await trail.exchange({ method: "GET", target: "/" });
  await trail.trail.close();
  const path = directory.file("audit.ndjson");
  const forged = readFileSync(path, "utf8")
    .replaceAll(/"status_code":\d+/g, '"status_code":"200\\ntouch owned"')
    .replaceAll('"redaction":"none"', '"redaction":"x\\ntouch owned"')
    .replace(/"method":"GET"/, '"method":"GET\\ntouch owned"');
  writeFileSync(path, forged);
  const [entry] = await entriesOf(directory.path);
  assert.ok(entry);
  const command = (await curlCommand(directory.path, entry)) ?? "";
  const [{ args } = assert.fail()] = runWithRecordingCurl(directory, command);
  assert.equal(args[3], "GET\ntouch owned");
  const text = (await consoleText(directory.path, entry)) ?? "";
  assert.ok(text.split("\n").every((line) => !line.startsWith("touch")));
});

test("HAR has what its specification requires, with bodies decoded", async () => {
  await using directory = await makeTempDir();
  await made(directory.path);
  const entries = await entriesOf(directory.path);
  const texts = await Promise.all(entries.map((entry) => harEntry(directory.path, entry)));
  const written = texts.filter((text) => text !== undefined).join(",\n");
  const har = JSON.parse(`${harStart("1.2.3")}\n${written}${harEnd}`) as { log: Log };
  assert.deepEqual(
    [har.log.version, har.log.creator],
    ["1.2", { name: "es-proxy", version: "1.2.3" }],
  );
  assert.equal(har.log.entries.length, 4);
  for (const entry of har.log.entries) {
    assert.match(entry.startedDateTime, /^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
    const { blocked, dns, connect, ssl, ...spent } = entry.timings;
    assert.deepEqual([blocked, dns, connect, ssl], [-1, -1, -1, -1]);
    const sum = Object.values(spent).reduce((total, time) => total + time, 0);
    assert.ok(Math.abs(sum - entry.time) < 1e-6);
    for (const name of ["method", "url", "httpVersion", "cookies", "headers", "queryString"])
      assert.ok(name in entry.request, name);
    for (const name of ["status", "statusText", "httpVersion", "cookies", "content", "redirectURL"])
      assert.ok(name in entry.response, name);
    assert.ok(URL.canParse(entry.request.url), entry.request.url);
  }
  const [search, , binary, bulk] = har.log.entries;
  assert.ok(search && binary && bulk);
  assert.equal(search.serverIPAddress, "::1");
  assert.deepEqual([search.time, search.timings["wait"]], [10, 4]);
  assert.equal(search.response.content.text, "{}");
  assert.deepEqual(binary.request.postData, { mimeType: "", text: "AP8K", _encoding: "base64" });
  assert.deepEqual([bulk.response.status, bulk.response.statusText], [0, ""]);
});

interface Log {
  readonly version: string;
  readonly creator: object;
  readonly entries: {
    readonly startedDateTime: string;
    readonly time: number;
    readonly timings: Record<string, number>;
    readonly serverIPAddress?: string;
    readonly request: { readonly url: string; readonly postData?: object };
    readonly response: {
      readonly status: number;
      readonly statusText: string;
      readonly content: { readonly text: string };
    };
  }[];
}

test("Console gets one request a paragraph: JSON laid out, NDJSON line by line", async () => {
  await using directory = await makeTempDir();
  await made(directory.path);
  const entries = await entriesOf(directory.path);
  const texts = await Promise.all(entries.map((entry) => consoleText(directory.path, entry)));
  const [search = "", head, binary = "", bulk = ""] = texts;
  const lines = search.split("\n");
  assert.match(lines[0] ?? "", /^# 2026-11-23T04:24:11\.123Z [0-9a-f-]{36} 200 /);
  assert.match(lines[1] ?? "", /^# holds \$\{\?\}, which Console takes for a variable$/);
  assert.match(lines[2] ?? "", /^POST \/logs\/_search\?q=';%20touch/);
  assert.equal(lines[5], '  "n": 12345678901234567890');
  assert.match(head ?? "", /\nHEAD \/logs\n/);
  assert.match(binary, /# its body is binary\nPUT \/b\/_doc\/1\n$/);
  assert.match(bulk, /\nPUT \/_bulk\n\{"index":\{\}\}\n\{"a":1\}\n$/);
  assert.ok(texts.every((text) => !text?.trimEnd().includes("\n\n")));
});

test("NDJSON has both records, whole, one entry a line", async () => {
  await using directory = await makeTempDir();
  await made(directory.path);
  for (const entry of await entriesOf(directory.path)) {
    const text = wholeEntry(entry);
    assert.ok(!text.includes("\n"));
    const { request, response, start, end } = JSON.parse(text) as Record<string, unknown>;
    assert.deepEqual(
      [request ?? start, response ?? end],
      [entry.opening?.document, entry.closing?.document],
    );
  }
});
