import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { spawn } from "node:child_process";
import { writeFile } from "node:fs/promises";
import test from "node:test";

import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { loadConfig } from "../../src/config/load.ts";
import { runScript } from "../support/child-process.ts";
import { makeTempDir } from "../support/temp-dir.ts";

const valid = `listeners:
  - {name: es, bind: "127.0.0.1:9200", routes: [{pool: es}]}
pools:
  es: {endpoints: ["http://127.0.0.1:19200"]}
`;

async function problemsOf(
  text: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<string[]> {
  const result = await loadConfig("es.yaml", { text, environment });
  return "problems" in result ? result.problems.map(formatDiagnostic) : [];
}

test("a device, a folder and a FIFO are refused without being read", async () => {
  await using folder = await makeTempDir();
  const fifo = folder.file("fifo");
  await new Promise((resolve) => spawn("mkfifo", [fifo]).on("close", resolve));
  for (const [file, message] of [
    ["/dev/zero", "is no regular file; `-` reads standard input"],
    [fifo, "is no regular file; `-` reads standard input"],
    [folder.path, "is a directory; `-` reads standard input"],
  ] as const) {
    const result = await loadConfig(file);
    assert.ok("problems" in result);
    assert.deepEqual(result.problems.map(formatDiagnostic), [`${file}: ${message}`]);
  }
});

test("a file of /proc that says it is empty is neither waited for nor read without end", async (t) => {
  const endless = "/proc/self/pagemap";
  const result = await loadConfig(endless);
  assert.ok("problems" in result);
  assert.match(result.problems[0]?.message ?? "", /cannot be read: EINVAL/);
  const router = `listeners: [{name: t, protocol: tcp, bind: "127.0.0.1:0", router: ${endless}}]`;
  assert.match((await problemsOf(`${router}\n`)).join("\n"), /pagemap: cannot be read: EINVAL/);
  if (process.getuid?.() !== 0) return t.skip("only root may open what waits");
  const waiting = await loadConfig("/proc/kmsg");
  assert.ok("problems" in waiting);
  assert.match(waiting.problems[0]?.message ?? "", /cannot be read: nothing is there to read/);
});

test("a file above 1 MiB is refused", async () => {
  await using folder = await makeTempDir();
  await writeFile(folder.file("big.yaml"), `${valid}# ${"x".repeat(1_048_576)}\n`);
  const result = await loadConfig(folder.file("big.yaml"));
  assert.ok("problems" in result);
  assert.match(result.problems[0]?.message ?? "", /larger than 1MiB/);
});

test("the configuration may come from standard input", async () => {
  const good = await runScript("src/cli/main.ts", ["validate", "--config", "-"], { input: valid });
  assert.equal(good.code, 0, good.stderr);
  const bad = await runScript("src/cli/main.ts", ["validate", "-c", "-"], {
    input: "workers: x\n",
  });
  assert.equal(bad.code, 78);
  assert.match(bad.stderr, /^-:1:10: workers: expected a number from 1 to 1024, or auto; got "x"/m);
});

test("a file that is no configuration is said so, and none of its text is shown", async () => {
  for (const text of [
    "root:x:0:0:root:/root:/bin/sh\nbin:*:1:\n",
    "s3cret\n",
    "s3cret: [\n",
    "\ts3cret",
    // YAML without a fault, of which the keys would be shown as unknown ones.
    "root:$6$s3cret:20228:0:99999:7:::\nbin:*:20228:0:99999:7:::\n",
    "s3cret: 1\n",
    "- s3cret\n",
    "? s3cret\n",
  ])
    for (const problem of await problemsOf(text)) assert.doesNotMatch(problem, /root|s3cret/);
});

test("files that the configuration names are regular files, or refused at once", async () => {
  await using folder = await makeTempDir();
  execFileSync("mkfifo", [folder.file("fifo")]);
  const http = 'listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]';
  const pools = 'pools: {es: {endpoints: ["http://127.0.0.1:19200"]}}';
  for (const file of [folder.file("fifo"), "/dev/zero"])
    for (const text of [
      `${http}, tls: {cert: ${file}, key: ${file}}}]\n${pools}\n`,
      `${http}}]\n${pools}\nadmin: {bind: "127.0.0.1:0", token_file: ${file}}\n`,
      `${http}}]\n${pools}\naudit: {directory: ${folder.file("a")}, hmac_key_file: ${file}}\n`,
      `listeners: [{name: t, protocol: tcp, bind: "127.0.0.1:0", router: ${file}}]\n${pools}\n`,
    ]) {
      const problems = await problemsOf(text);
      assert.match(problems.join("\n"), /no regular file/, text);
    }
});

test("hostile files are refused in little time", async () => {
  // Each took minutes before, or grew with the cube of its size; the suite's time-out is the judge.
  for (const [text, wanted] of [
    ["[".repeat(200_000), /nested deeper than 64 levels/],
    ["listeners: {a: ".repeat(50_000), /nested deeper than 64 levels/],
    [`x:\n  ${"- ".repeat(100_000)}1`, /nested deeper than 64 levels/],
    [`listeners: [${",".repeat(100_000)}`, /not valid YAML/],
    ["[] ".repeat(20_000), /is no configuration/],
    [`a: "${"\n".repeat(500_000)}`, /is no configuration/],
  ] as const) {
    const problems = await problemsOf(text);
    assert.ok(problems.length <= 101, `${problems.length} problems`);
    assert.match(problems[0] ?? "", wanted);
  }
});

test("two hundred thousand unknown keys give a hundred problems and a count", async () => {
  // Without a bound this took more than half a minute; the suite's time-out is the judge.
  const keys = Array.from({ length: 60_000 }, (_, at) => `key${at}: 1`).join("\n");
  const problems = await problemsOf(`${valid}${keys}\n`);
  assert.ok(problems.length <= 101, `${problems.length} problems`);
  assert.match(problems[0] ?? "", /^es\.yaml:5:1: key0: unknown key/);
});

test("a key that stands twice in its map is found at its second place", async () => {
  assert.deepEqual(await problemsOf(`${valid}workers: 1\nworkers: 2\n`), [
    "es.yaml:6:1: this key stands twice in its map",
  ]);
});

test("merge keys put the keys of another map into this one", async () => {
  const text = `listeners:
  - &base {name: es, bind: "127.0.0.1:9200", max_connections: 5, routes: [{pool: es}]}
  - {<<: *base, name: two, bind: "127.0.0.1:9201"}
pools:
  es: {endpoints: ["http://127.0.0.1:19200"]}
`;
  const result = await loadConfig("es.yaml", { text });
  assert.ok("config" in result);
  assert.deepEqual(
    result.config.listeners.map(({ name, maxConnections }) => [name, maxConnections]),
    [
      ["es", 5],
      ["two", 5],
    ],
  );
  assert.deepEqual(await problemsOf(text.replace("max_connections: 5", "max_connections: x")), [
    'es.yaml:2:63: listeners[0].max_connections: expected a whole number, got "x"',
    'es.yaml:2:63: listeners[1].max_connections: expected a whole number, got "x"',
  ]);
});

test("variables of the environment are expanded in values, with defaults", async () => {
  const text = `workers: \${WORKERS}
listeners:
  - {name: es, bind: "\${HOST:-127.0.0.1}:\${PORT:-9200}", routes: [{pool: es}]}
pools:
  es: {endpoints: ["http://\${ES_HOST}:19200"]}
audit: {directory: "/a$\${b}"}
`;
  const environment = { WORKERS: "2", ES_HOST: "es.internal", PORT: "" };
  const result = await loadConfig("es.yaml", { text, environment });
  assert.ok("config" in result, JSON.stringify(result));
  assert.equal(result.config.workers, 2);
  assert.deepEqual(result.config.listeners[0]?.bind, {
    kind: "tcp",
    host: "127.0.0.1",
    port: 9200,
  });
  assert.deepEqual(result.config.pools["es"]?.endpoints[0]?.address, {
    kind: "tcp",
    host: "es.internal",
    port: 19_200,
  });
  assert.equal(result.config.audit?.directory, "/a${b}");
});

test("a value of the environment stays within its string", async () => {
  const text = valid.replace("127.0.0.1:19200", "${ES}");
  const [problem = "", ...more] = await problemsOf(text, {
    ES: 'x"], tls: {verify: false}, y: ["',
  });
  assert.match(problem, /^es\.yaml:4:20: pools\.es\.endpoints\[0\]: /);
  assert.deepEqual(more, []);
});

test("a variable that is not set or not well-formed is said with its place", async () => {
  assert.deepEqual(await problemsOf(valid.replace("127.0.0.1:19200", "${ES_HOST}:9200")), [
    "es.yaml:4:20: the environment variable ES_HOST is not set; ${ES_HOST:-default} gives " +
      "a default",
  ]);
  const [problem] = await problemsOf(valid.replace("127.0.0.1:19200", "${1}"));
  assert.match(problem ?? "", /^es\.yaml:4:20: \$\{1\} is no variable/);
  const [bare] = await problemsOf(valid.replace('"http://127.0.0.1:19200"', "http://${ES}:9200"));
  assert.match(bare ?? "", /needs quotes, as in "http:\/\/\$\{ES_HOST\}:9200"$/);
});

test("no suites at all, as from an empty variable, are refused on both sides", async () => {
  const text = valid.replace('19200"]', '19200"], tls: {ciphers: "${SUITES:-}"}');
  assert.deepEqual(await problemsOf(text), [
    "es.yaml:4:62: pools.es.tls.ciphers: OpenSSL knows none of these suites; " +
      "`openssl ciphers -v` lists the names it knows",
  ]);
  const [problem] = await problemsOf(
    valid.replace("routes:", 'tls: {cert: a, key: b, ciphers: " "}, routes:'),
  );
  assert.match(problem ?? "", /listeners\[0\]\.tls\.ciphers: OpenSSL knows none/);
});

for (const reference of [
  "${ES",
  "${A:-${B}}",
  "${A:-${B:-c}}",
  "x${",
  "${A-b}",
  "${A:?b}",
  "${ A}",
])
  test(`a reference written ${reference} is refused, not taken for text`, async () => {
    const text = `${valid}audit: {directory: "/tmp/${reference}"}\n`;
    const [problem = ""] = await problemsOf(text, { A: "a", B: "b", ES: "es" });
    assert.match(problem, /^es\.yaml:5:20: \$\{.* is no variable: write \$\{NAME\}/);
  });

test("an alias without its anchor, and what cannot be merged, are said with their places", async () => {
  const merged = (source: string) =>
    problemsOf(valid.replace("pools:\n  es: {", `pools:\n  es: {<<: ${source}, `));
  assert.deepEqual(await problemsOf(valid.replace("routes: [", "timeouts: *slow, routes: [")), [
    "es.yaml:2:50: the alias *slow has no anchor &slow before it",
  ]);
  for (const [source, at] of [
    ["3", 12],
    ["[3]", 13],
    ["x", 12],
  ])
    assert.deepEqual(await merged(String(source)), [
      `es.yaml:4:${at}: \`<<\` merges maps, or a list of them, only`,
    ]);
  assert.deepEqual(await merged("*base"), [
    "es.yaml:4:12: the alias *base has no anchor &base before it",
  ]);
});

for (const [written, units] of [
  ["header_bytes: 2TB", "B, kB, MB, GB, KiB, MiB, GiB"],
  ["header_bytes: 9007199254740993B", "B, kB, MB, GB, KiB, MiB, GiB"],
  ["request_body: 1KiB5B", "B, kB, MB, GB, KiB, MiB, GiB"],
])
  test(`the units are named where ${written} is written`, async () => {
    const text = valid.replace("routes:", `limits: {${written}}, routes:`);
    const [problem = ""] = await problemsOf(text);
    assert.ok(problem.endsWith(` (one number and one unit: ${units})`), problem);
  });

test("the units of durations are named, and an empty string has its own place", async () => {
  const told = async (value: string) =>
    (await problemsOf(valid.replace("routes:", `timeouts: {header: ${value}}, routes:`)))[0] ?? "";
  for (const value of ["1w", "1h30m", "1e3ms"])
    assert.match(await told(value), /got ".*" \(one number and one unit: ms, s, m, h, d\)$/);
  assert.match(await told('""'), /^es\.yaml:2:59: .*, got ""$/);
});

for (const [written, meant] of [
  ["100M", "100MiB"],
  ["4k", "4KiB"],
  ["2Gb", "2GiB"],
])
  test(`a size written ${written} leads to ${meant}`, async () => {
    const text = valid.replace("routes:", `limits: {header_bytes: ${written}}, routes:`);
    const [problem = ""] = await problemsOf(text);
    assert.ok(
      problem.endsWith(`expected a size such as 16KiB or 100MB, got "${written}" (write ${meant})`),
      problem,
    );
  });
