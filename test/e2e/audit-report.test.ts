import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { after, before, test } from "node:test";

import { startMockEs, type MockEs } from "../../mock-es/index.ts";
import type { Report } from "../../src/audit/export/report/report.ts";
import { runScript } from "../support/child-process.ts";
import { startAuditedProxy } from "../support/audited-proxy.ts";
import { waitFor } from "../support/wait-for.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

let folder: TempDir;
let mock: MockEs;
const trail = (): string => folder.file("audit");

interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function audit(...args: readonly string[]): Promise<Outcome> {
  return runScript("src/cli/main.ts", ["audit", ...args]);
}

async function report(kind: string, ...args: readonly string[]): Promise<Report> {
  const { code, stdout, stderr } = await audit(
    "report",
    kind,
    "--dir",
    trail(),
    "--format",
    "json",
    ...args,
  );
  assert.deepEqual([code, stderr], [0, ""]);
  return JSON.parse(stdout) as Report;
}

function counts({ sections }: Report): Record<string, number> {
  return Object.fromEntries(sections.map(({ key, count }) => [key, count]));
}

/** A trail of known calls. */
before(async () => {
  folder = await makeTempDir();
  mock = await startMockEs({ instantRefresh: true });
  await using proxy = await startAuditedProxy(folder, {
    endpoint: mock.port,
    audit: { proof: { origin: "report.example/x", checkpoint_every: "100ms" } },
  });
  const call = async (
    user: string,
    method: string,
    path: string,
    body: string | null = null,
  ): Promise<void> => {
    const response = await fetch(`http://127.0.0.1:${proxy.port}${path}`, {
      method,
      body,
      headers: {
        "accept-encoding": "identity",
        authorization: `Basic ${Buffer.from(`${user}:x`).toString("base64")}`,
        ...(body === null ? {} : { "content-type": "application/json" }),
      },
    });
    await response.arrayBuffer();
  };
  for (const id of ["4711", "4712", "4713"])
    await call("loader", "PUT", `/patients-1/_doc/${id}`, `{"name":"Ada ${id}"}`);
  for (let at = 0; at < 4; at += 1) await call("alice", "POST", "/patients-*/_search", "{}");
  await call("bob", "GET", "/patients-1/_doc/4711");
  await call("bob", "GET", "/other/_doc/1");
  await call("root", "PUT", "/cards");
  await call("root", "DELETE", "/cards");
  await call("root", "PUT", "/_security/user/eve", '{"password":"secret1","roles":[]}');
  await call("<script>alert(1)</script>", "GET", "/<img>/_search?q=<script>alert(2)</script>");
  await waitFor(
    "the record of the key",
    () => readFileSync(`${trail()}/audit.ndjson`, "utf8").includes("audit.key_made"),
    30_000,
  );
  proxy.child.signal("SIGTERM");
  await proxy.child.exited();
});

after(async () => {
  await mock.close();
  await folder.remove();
});

test("the items of PCI DSS 10.2.1 have the records that prove them, which the query finds", async () => {
  const pci = await report("pci", "--index", "patients-*", "--admin", "loader");
  const { "10.2.1.6": written, ...others } = counts(pci);
  assert.deepEqual(others, {
    "10.2.1.1": 8,
    "10.2.1.2": 6,
    "10.2.1.3": 0,
    "10.2.1.4": 0,
    "10.2.1.5": 1,
    "10.2.1.7": 2,
  });
  // Start, key and stop.
  assert.equal(written, 3, JSON.stringify(pci.sections[5]?.rows));
  const [first] = pci.sections;
  assert.equal(first?.ids.length, 8);
  assert.equal(first.rows.length, 8);
  for (const { command, count, key } of pci.sections) {
    const filter = /^es-proxy audit query '((?:[^']|'\\'')*)'/.exec(command)?.[1] ?? "";
    const args = ["query", filter, "--dir", trail(), "--side-log", "--count"];
    const until = /--until (\S+)/.exec(command)?.[1] ?? "";
    assert.equal((await audit(...args, "--until", until)).stdout, `${count}\n`, key);
  }
});

test("that a report was made is an access to the audit log, which the next report has", async () => {
  const before3 = counts(await report("pci"))["10.2.1.3"] ?? 0;
  assert.ok(before3 >= 1);
  const pci = await report("pci");
  assert.equal(counts(pci)["10.2.1.3"], before3 + 1);
  const section = pci.sections.find(({ key }) => key === "10.2.1.3");
  assert.match(section?.rows[0]?.cells.join(" ") ?? "", /es-proxy audit report pci/);
});

test("a report on a person's data says who was sent it, who wrote it and who named it", async () => {
  const gdpr = await report("gdpr", "--subject", "4711", "--index", "patients-*");
  assert.deepEqual(counts(gdpr), { read: 5, written: 1, named: 6, erased: 0 });
  const [read] = gdpr.sections;
  const users = read?.groups.find(({ title }) => title === "user")?.values ?? [];
  assert.deepEqual(
    users.map(({ value, count }) => [value, count]),
    [
      ["alice", 4],
      ["bob", 1],
    ],
  );
  assert.match(read?.command ?? "", /^es-proxy audit who --index 'patients-\*' --id 4711 /);
});

test("a report on a user's reads counts what that user did", async () => {
  const reads = await report("reads", "--user", "bob");
  assert.deepEqual(counts(reads), {
    reads: 2,
    watched: 0,
    refused: 0,
    writes: 0,
    administration: 0,
  });
  assert.equal(counts(await report("reads", "--user", 'no"body or *'))["reads"], 0);
});

test("the page is one file for its maker alone, with everything from records escaped", async () => {
  const file = folder.file("pci.html");
  const { code, stdout, stderr } = await audit("report", "pci", "--dir", trail(), "-o", file);
  assert.deepEqual([code, stdout, stderr], [0, "", ""]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  const page = readFileSync(file, "utf8");
  assert.match(page, /^<!doctype html>/);
  assert.doesNotMatch(page, /<script|<img/);
  assert.match(page, /&lt;script&gt;alert\(1\)/);
  const again = await audit("report", "pci", "--dir", trail(), "-o", file);
  assert.equal(again.code, 1);
  assert.match(again.stderr, /cannot be written: EEXIST/);
});

test("what does not go together is a usage error, and no trail a failure", async () => {
  for (const args of [
    [],
    ["xyz"],
    ["gdpr"],
    ["reads"],
    ["pci", "--user", "bob"],
    ["gdpr", "--subject", "1", "--index", "a b"],
    ["reads", "--user", "bob", "--admin", "x"],
  ])
    assert.equal((await audit("report", ...args, "--dir", trail())).code, 2, args.join(" "));
  const none = await audit("report", "pci", "--dir", folder.file("nowhere"));
  assert.equal(none.code, 1);
  assert.match(none.stderr, /there is no such directory/);
});
