import assert from "node:assert/strict";
import { appendFileSync, cpSync, readFileSync, writeFileSync } from "node:fs";
import { before, after, test } from "node:test";
import { gzipSync } from "node:zlib";

import { startMockEs, type MockEs } from "../../mock-es/index.ts";
import { startScript } from "../support/child-process.ts";
import { startProxy } from "../support/proxy-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

let directory: TempDir;
let mock: MockEs;
const trail = (): string => directory.file("audit");

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

async function audit(...args: readonly string[]): Promise<Outcome> {
  await using child = startScript("src/cli/main.ts", ["audit", ...args], {
    env: { ...process.env, COLUMNS: "80", NO_COLOR: "1" },
  });
  const { code } = await child.exited();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

/** A trail that the proxy has written with the mock behind it: known users, known calls. */
before(async () => {
  directory = await makeTempDir();
  mock = await startMockEs();
  const args = ["--no-tls", "--audit", trail(), "--format", "ecs"];
  await using proxy = await startProxy({ remotePort: mock.port, args });
  const url = `http://127.0.0.1:${proxy.port}`;
  const call = async (
    user: string,
    method: string,
    path: string,
    body?: string | Buffer,
    headers: Record<string, string> = {},
  ): Promise<void> => {
    const authorization = `Basic ${Buffer.from(`${user}:secret`).toString("base64")}`;
    const type = "application/json";
    const all = {
      authorization,
      ...(body === undefined ? {} : { "content-type": type }),
      ...headers,
    };
    const response = await fetch(`${url}${path}`, { method, body: body ?? null, headers: all });
    await response.arrayBuffer();
  };
  for (let at = 0; at < 6; at += 1)
    await call(
      "alice",
      "PUT",
      `/patients/_doc/${at}`,
      `{"name":"Ada","ssn":"12345678901234567890"}`,
    );
  for (let at = 0; at < 9; at += 1) await call("bob", "POST", "/patients/_search", '{"size":2}');
  await call("eve", "GET", "/secrets/_doc/1");
  const bulk = '{"index":{"_index":"logs"}}\n{"a":1}\n';
  const coded = { "content-type": "application/x-ndjson", "content-encoding": "gzip" };
  await call("ingest", "POST", "/_bulk", gzipSync(bulk), coded);
  await call("ingest", "POST", "/_bulk", bulk, { "content-type": "application/x-ndjson" });
  await call("alice", "PUT", "/blobs/_doc/1", JSON.stringify({ text: "x".repeat(100_000) }));
  await call("mallory", "DELETE", "/patients");
  proxy.child.signal("SIGTERM");
  await proxy.child.exited();
});

after(async () => {
  await mock.close();
  await directory.remove();
});

test("query counts, lists and sums what went through the proxy", async () => {
  const dir = ["--dir", trail()];
  assert.equal((await audit("query", ...dir, "--count")).stdout, `${mock.requests.all().length}\n`);
  const deleted = await audit("query", ...dir, "action: indices.delete and index: patients");
  assert.deepEqual([deleted.code, deleted.stderr], [0, ""]);
  assert.match(
    deleted.stdout,
    /^time .*\n.* UTC\n[\d:.]{12} {2}mallory {2}indices\.delete .* 200 /,
  );
  const top = await audit("query", ...dir, "--top", "2", "--by", "user");
  assert.match(top.stdout, /^user .*\nbob +9 +45\.0% .*\nalice +7 .*\n$/);
  const csv = await audit(
    "query",
    ...dir,
    "user: eve",
    "--format",
    "csv",
    "--columns",
    "user,status,url",
  );
  assert.equal(csv.stdout, "user,status,url\r\neve,404,/secrets/_doc/1\r\n");
  const json = await audit("query", ...dir, "status >= 400", "--format", "json");
  const [row] = JSON.parse(json.stdout) as { user: string; index: string[] }[];
  assert.deepEqual([row?.user, row?.index], ["eve", ["secrets"]]);
  const youngest = await audit(
    "query",
    ...dir,
    "-n",
    "2",
    "--format",
    "ndjson",
    "--columns",
    "action",
  );
  assert.equal(youngest.stdout, '{"action":"index"}\n{"action":"indices.delete"}\n');
  const bars = await audit("query", ...dir, "--histogram", "1h");
  assert.match(bars.stdout, / UTC\n\d\d:00 +\d+ █+/);
  for (const line of [deleted, top, bars].flatMap(({ stdout }) => stdout.split("\n")))
    assert.ok(line.length <= 80, line);
});

test("filters by body search packs and codings, and say with exit code 1 what they cannot", async () => {
  const dir = ["--dir", trail(), "--count"];
  const blobs = await audit("query", ...dir, "body: xxxxx*");
  assert.deepEqual([blobs.code, blobs.stdout, blobs.stderr], [0, "1\n", ""]);
  const others = await audit("query", ...dir, "not body: *xxxxx*");
  assert.equal(others.stdout, `${mock.requests.all().length - 1}\n`);
  const bulks = await audit("query", ...dir, "user: ingest and body: logs");
  assert.deepEqual([bulks.code, bulks.stdout, bulks.stderr], [0, "2\n", ""]);
  const copy = directory.file("without-packs");
  cpSync(trail(), copy, { recursive: true, filter: (name) => !name.endsWith(".pack") });
  const lost = await audit("query", "--dir", copy, "--count", "not body: *xxxxx*");
  assert.deepEqual([lost.code, lost.stdout], [1, `${mock.requests.all().length}\n`]);
  assert.match(
    lost.stderr,
    /^the request body of \S+ was not searched: .*: the pack is not there$/m,
  );
});

test("where nothing is found, stderr says what was searched, and the likely reason", async () => {
  const asked: readonly (readonly [reason: RegExp, ...args: string[]])[] = [
    [/nothing matches in 1 segment of .*: no exchange is as the filter says/, "query", "user: x"],
    [/no record has a field usr\.name/, "query", "usr.name: x", "--count"],
    [/no segment has facts, which say that/, "top", "docs > 5"],
    [/in no segment: the trail holds 20.* UTC.*, which the time/, "query", "--until", "2001-01-01"],
    [/nobody in 1 segment .*: an alias is not known/, "who", "--index", "nix", "--id", "1"],
    [/no read of several calls of zoe in 1 segment/, "sessions", "--user", "zoe"],
  ];
  for (const [reason, command = "", ...args] of asked) {
    const { code, stderr } = await audit(command, ...args, "--dir", trail());
    assert.equal(code, 0, stderr);
    assert.match(stderr, reason);
    assert.match(stderr, new RegExp(`^es-proxy audit ${command}: `, "m"));
  }
  const { stderr } = await audit("top", "--sort", "docs", "--dir", trail());
  assert.equal(
    stderr,
    "es-proxy audit top: docs: no segment has facts, which say that " +
      "(audit.facts of the proxy, or es-proxy audit index)\n",
  );
});

test("top ranks groups, with times, bytes and an example that show finds", async () => {
  const dir = ["--dir", trail()];
  const byUser = await audit("top", ...dir, "--by", "user", "--sort", "out");
  assert.deepEqual([byUser.code, byUser.stderr], [0, ""]);
  assert.match(byUser.stdout, /^user +count +failed +out +p50 +p95 +p99 +max +ref *\nbob +9 +/);
  assert.ok(byUser.stdout.split("\n").every((line) => line.length <= 80));
  const json = await audit(
    "top",
    ...dir,
    "--by",
    "status",
    "--format",
    "json",
    "user: alice or user: eve",
  );
  const rows = JSON.parse(json.stdout) as {
    status: string;
    count: number;
    failed: number;
    example: string;
  }[];
  assert.equal(
    rows.reduce((sum, { count }) => sum + count, 0),
    8,
  );
  const failed = rows.find(({ status }) => status === "404");
  assert.deepEqual([failed?.count, failed?.failed], [1, 1]);
  assert.match(
    (await audit("show", ...dir, failed?.example ?? "")).stdout,
    /^GET \/secrets\/_doc\/1\n404/,
  );
});

test("export writes what other programs read, and tells what it has left out", async () => {
  const dir = ["--dir", trail()];
  const har = await audit("export", ...dir, "index: patients", "--as", "har");
  assert.deepEqual([har.code, har.stderr], [0, ""]);
  const { log } = JSON.parse(har.stdout) as {
    log: { entries: { request: { method: string }; response: { status: number } }[] };
  };
  assert.equal(log.entries.length, 16);
  assert.deepEqual(log.entries.at(-1)?.request.method, "DELETE");
  const curl = await audit("export", ...dir, "user: eve", "--as", "curl", "--to", "http://es:1");
  assert.match(
    curl.stdout,
    /^#!\/bin\/sh\n\n# .*\ncurl [^]*'?http:\/\/es:1\/secrets\/_doc\/1'?\n$/,
  );
  const lines = await audit("export", ...dir, "user: bob", "--as", "ndjson");
  assert.equal(lines.stdout.split("\n").length, 10);
  assert.equal((await audit("export", ...dir)).code, 2);
});

test("diff compares two exchanges, and says by its exit code whether they are the same", async () => {
  const dir = ["--dir", trail()];
  const args = ["--format", "csv", "--columns", "id", "user: bob or user: eve"];
  const { stdout } = await audit("query", ...dir, ...args);
  const ids = stdout.split("\r\n").slice(1, -1);
  const [search = "", again = "", other = ""] = [ids[0], ids[1], ids.at(-1)];
  const same = await audit("diff", ...dir, search, again);
  assert.deepEqual([same.code, same.stderr], [0, ""]);
  assert.match(same.stdout, /^time .*\nid .*\n[^]*\nbody of the request: the same\n/m);
  const differing = await audit("diff", ...dir, search, other);
  assert.equal(differing.code, 1);
  assert.match(differing.stdout, /^status +200 +404$/m);
  assert.ok(differing.stdout.split("\n").every((line) => line.length <= 80));
  const json = await audit("diff", ...dir, search, other, "--format", "json");
  const { fields } = JSON.parse(json.stdout) as { fields: object[] };
  assert.ok(fields.some((field) => Object.values(field).join(" ") === "user bob eve"));
  assert.equal((await audit("diff", ...dir, search, "ffffffffffff")).code, 1);
});

test("replay sends what was recorded to another server and tells what differs", async (context) => {
  const other = await startMockEs();
  context.after(() => other.close());
  const args = ["--dir", trail(), "--to", `http://127.0.0.1:${other.port}`];
  const empty = await audit("replay", ...args);
  assert.equal(empty.code, 1);
  assert.match(empty.stdout, /^10 sent: .* 9 differ\n10 not sent: 10 may change something\n/);
  assert.match(empty.stdout, /^9 × search \{size:\?\}\n.*\n9 +status +200 +404$/m);
  assert.ok(empty.stdout.split("\n").every((line) => line.length <= 80));
  // The same calls in the same order give the same answers, but for the ids that the server makes.
  const options = ["--writes", "--concurrency", "1", "--ignore", "items.index._id"];
  const whole = await audit("replay", ...args, ...options, "--format", "json");
  const summary = JSON.parse(whole.stdout) as { sent: number; same: number; groups: unknown[] };
  assert.deepEqual([summary.sent, summary.same], [20, 20], JSON.stringify(summary.groups));
  assert.equal(whole.code, 0);
  const lines = await audit("replay", ...args, "--filter", "user: eve", "--format", "ndjson");
  assert.equal((JSON.parse(lines.stdout) as { result: string }).result, "same");
  for (const [wrong, message] of [
    [["replay", "--dir", trail()], /--to URL is missing/],
    [["replay", "--to", "http://user:secret@es:1"], /credentials stand in ES_USER/],
    [["replay", "--to", "es:9200"], /--to is a URL such as/],
    [["replay", "x", "--to", "http://es:1"], /<id> is an id/],
    [["replay", "--to", "http://es:1", "--speed", "0"], /--speed is a number above 0/],
  ] as const) {
    const outcome = await audit(...wrong);
    assert.equal(outcome.code, 2);
    assert.match(outcome.stderr, message);
    assert.doesNotMatch(outcome.stderr, /secret/);
  }
});

test("tail shows the last exchanges and ends when it is told to", async () => {
  const args = [
    "audit",
    "tail",
    "--dir",
    trail(),
    "-n",
    "2",
    "--format",
    "ndjson",
    "--columns",
    "user",
  ];
  await using child = startScript("src/cli/main.ts", args);
  await waitFor("the last line", () => child.stdout.includes("mallory"));
  child.signal("SIGINT");
  assert.equal((await child.exited()).code, 0);
  assert.equal(child.stdout, '{"user":"alice"}\n{"user":"mallory"}\n');
});

test("show gives both halves, decoded and laid out, and the bytes of a body", async () => {
  const dir = ["--dir", trail()];
  const ref = async (filter: string): Promise<string> => {
    const args = ["--format", "csv", "--columns", "ref", "-n", "1"];
    const { stdout } = await audit("query", ...dir, filter, ...args);
    return stdout.split("\r\n")[1] ?? "";
  };
  const put = await audit("show", ...dir, await ref("user: alice and index: patients"));
  assert.deepEqual([put.code, put.stderr], [0, ""]);
  assert.match(put.stdout, /^PUT \/patients\/_doc\/5\n20[01] \w+ {2}index · write · patients\n/);
  assert.match(put.stdout, /^user +alice \(basic\)$/m);
  assert.match(put.stdout, /^ {4}"ssn": "12345678901234567890"$/m);
  assert.match(put.stdout, /^response {2}application\/.*\n {2}\{\n {4}"_index": "patients",$/m);
  const zipped = await ref("es_proxy.headers.content-encoding: gzip");
  assert.match(
    (await audit("show", ...dir, zipped)).stdout,
    /gzip.*\n {2}\{"index":\{"_index":"logs"\}\}\n/,
  );
  const large = await ref("index: blobs");
  const page = await audit("show", ...dir, large);
  assert.match(page.stdout, /^ {4}"text": "x{400,}…\n {2}… more with --full$/m);
  const body = await audit("show", ...dir, large, "--body", "request");
  assert.equal(body.stdout, JSON.stringify({ text: "x".repeat(100_000) }));
  const raw = await audit("show", ...dir, large, "--raw");
  assert.equal(raw.stdout.trimEnd().split("\n").length, 2);
  const absent = await audit("show", ...dir, "ffffffffffff");
  assert.deepEqual([absent.code, absent.stdout], [1, ""]);
  assert.match(absent.stderr, /nothing in .* has the id ffffffffffff/);
});

test("a body that is not the recorded one is not shown as if it were", async () => {
  await using copy = await makeTempDir();
  cpSync(trail(), copy.path, { recursive: true });
  const { stdout } = await audit(
    "query",
    "--dir",
    copy.path,
    "index: blobs",
    "--format",
    "csv",
    "--columns",
    "ref,es_proxy.request_body.pack",
  );
  const [ref = "", pack = ""] = stdout.split("\r\n")[1]?.split(",") ?? [];
  const bytes = readFileSync(copy.file(pack));
  bytes[bytes.length - 5] = (bytes.at(-5) ?? 0) ^ 1;
  writeFileSync(copy.file(pack), bytes);
  const page = await audit("show", "--dir", copy.path, ref, "--full");
  assert.match(page.stdout, /the body at \d+ of .*pack cannot be read/);
  assert.equal((await audit("show", "--dir", copy.path, ref, "--body", "request")).code, 1);
});

test("what is wrong with the trail is told on stderr, and the rest is read", async () => {
  await using copy = await makeTempDir();
  cpSync(trail(), copy.path, { recursive: true });
  appendFileSync(copy.file("audit.ndjson"), 'garbage\n{"@timestamp":"20');
  const { code, stdout, stderr } = await audit("query", "--dir", copy.path, "--count");
  assert.equal(stdout, `${mock.requests.all().length}\n`);
  assert.match(
    stderr,
    /^audit\.ndjson at \d+: a line of 7 bytes is no record\n.*the last line has no end/,
  );
  assert.equal(code, 1);
});

test("a wrong command line exits 2 and shows the place; a wrong directory exits 1", async () => {
  const bad = await audit("query", "--dir", trail(), "user: (alice or");
  assert.equal(bad.code, 2);
  assert.match(
    bad.stderr,
    /^filter:16: expected a value for user at the end\n {2}user: \(alice or\n {17}\^\n/,
  );
  const unknown = await audit("query", "--dir", trail(), "usr: alice");
  assert.deepEqual([unknown.code, unknown.stdout], [0, ""]);
  assert.match(unknown.stderr, /did you mean user\?/);
  for (const [args, code, message] of [
    [["query", "--columns", "tiem"], 2, /no column "tiem"; did you mean "time"\?/],
    [["query", "--since", "soon"], 2, /--since is an instant such as/],
    [["query", "--top", "5"], 2, /--top needs --by COLUMN/],
    [["query", "--format", "xml"], 2, /--format is one of/],
    [["query", "-n", "0"], 2, /--limit is a whole number/],
    [["query", "--dir", "/nowhere"], 1, /no such directory/],
    [["show", "x"], 2, /<id> is an id/],
    [["shwo"], 2, /unknown command "shwo"; did you mean "show"/],
  ] as const) {
    const outcome = await audit(...args);
    assert.equal(outcome.code, code, args.join(" "));
    assert.match(outcome.stderr, message);
    assert.equal(outcome.stdout, "");
  }
});
