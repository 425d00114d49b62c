import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { Readable } from "node:stream";
import { after, before, test } from "node:test";

import { gatherEvidence } from "../../../src/audit/export/evidence/evidence.ts";
import { writeEvidenceZip } from "../../../src/audit/export/evidence/evidence-zip.ts";
import { textAt } from "../../../src/audit/format/audit-document.ts";
import { readLine } from "../../../src/audit/format/line-reader.ts";
import { erasedLine } from "../../../src/audit/format/erased-line.ts";
import { Trust } from "../../../src/audit/read/verify/trust.ts";
import type { VerifyOptions } from "../../../src/audit/read/verify/verify-trail.ts";
import { recordEntry } from "../../../src/tlog/hashes.ts";
import { parsePolicy } from "../../../src/tlog/policy-file.ts";
import { parseProofFile, verifyProofFile } from "../../../src/tlog/proof-file.ts";
import { buildGoProgram } from "../../interop/go-program.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";
import { unzip } from "../../support/unzip.ts";
import { knownKeys, MadeLog } from "../read/verify/made-log.ts";

const go = buildGoProgram();
let log: MadeLog;
let options: VerifyOptions;
/** Ids of exchanges in their order; every third one has bodies in the pack. */
let ids: string[];

before(async () => {
  log = await MadeLog.make({ rotateBytes: 100_000 });
  await log.exchanges(150);
  log.sign();
  log.cosign();
  await log.exchanges(30);
  await log.end();
  const trust = Trust.ofKeys(knownKeys(log.folder));
  options = { directory: log.folder.path, trust, held: [], jobs: 1 };
  const segments = readdirSync(log.folder.path).filter((name) => name.endsWith(".ndjson"));
  const text = segments
    .sort()
    .map((name) => readFileSync(log.folder.file(name), "latin1"))
    .join("");
  ids = [...new Set([...text.matchAll(/"id":"([0-9a-f-]{36})"/g)].map(([, id = ""]) => id))];
});

after(async () => {
  await log[Symbol.asyncDispose]();
  if (!("missing" in go)) go.remove();
});

/** Makes an archive and unpacks it into an empty folder. */
async function unpacked(folder: TempDir, wanted: readonly string[]): Promise<Map<string, Buffer>> {
  const evidence = await gatherEvidence(wanted, options);
  assert.ok("files" in evidence, JSON.stringify(evidence));
  const path = folder.file("evidence.zip");
  await writeEvidenceZip(path, evidence.files, new Date());
  const files = unzip(readFileSync(path));
  rmSync(path);
  for (const [name, content] of files) {
    mkdirSync(dirname(folder.file(name)), { recursive: true });
    writeFileSync(folder.file(name), content);
  }
  return files;
}

/** The command lines that the page tells its reader to use. */
function commandsOf(files: ReadonlyMap<string, Buffer>, program: string): string[] {
  const page = files.get("README.txt")?.toString("utf8") ?? "";
  return page
    .split("\n")
    .filter((line) => line.startsWith(`    ${program} `))
    .map((line) => line.trim());
}

function firstAndLast(): [first: string, last: string] {
  return [ids[0] ?? "", ids.at(-1) ?? ""];
}

test(
  "the Go program alone verifies what the archive holds, offline, and nothing else",
  { skip: "missing" in go ? go.missing : false },
  async () => {
    assert.ok("run" in go);
    await using folder = await makeTempDir("evidence");
    const files = await unpacked(folder, firstAndLast());
    const commands = commandsOf(files, "go");
    assert.equal(commands.length, 4, "both records of two exchanges");
    for (const command of commands) {
      const args = command
        .slice("go run . ".length)
        .split(" ")
        .map((arg) => arg.replaceAll('"', ""));
      const paths = args.map((arg) => (files.has(arg) ? folder.file(arg) : arg));
      const { code, stdout, stderr } = go.run(...paths);
      assert.equal(code, 0, stderr);
      assert.match(stdout, /is entry \d+\n$/);
      // The record of another proof, and one that was changed by a byte.
      const record = paths.at(-1) ?? "";
      const original = readFileSync(record);
      writeFileSync(record, original.toString("latin1").replace("2026", "2025"), "latin1");
      assert.equal(go.run(...paths).code, 1);
      writeFileSync(record, original);
    }
    assert.match(commands.join("\n"), /-cosigner "witness\.example\/w1\+/);
  },
);

test("each command of the page does what the page says, on the unpacked files", async () => {
  await using folder = await makeTempDir("evidence");
  const files = await unpacked(folder, firstAndLast());
  const run = (command: string): { status: number | null; stdout: string } =>
    spawnSync("sh", ["-c", command], { cwd: folder.path, encoding: "utf8" });
  const page = files.get("README.txt")?.toString("utf8") ?? "";
  const sums = commandsOf(files, "sha256sum");
  assert.ok(sums.length > 4, "four records, and bodies");
  for (const command of sums) {
    const [digest = "-"] = run(command).stdout.split(" ");
    assert.ok(page.includes(digest), command);
  }
  for (const program of ["python3", "openssl"]) {
    if (spawnSync(program, ["--version"]).status === null) continue;
    const commands = commandsOf(files, program);
    assert.ok(commands.length >= 3, program);
    for (const command of commands) assert.equal(run(command).status, 0, command);
  }
  if (spawnSync("python3", ["--version"]).status === null) return;
  const [check = ""] = commandsOf(files, "python3");
  const record = check.split(" ")[2] ?? "";
  writeFileSync(folder.file(record), `${files.get(record)?.toString("latin1")} `);
  assert.equal(run(check).status, 1, "a record that was changed");
});

test("proofs satisfy the policy beside them, and bodies are whole", async () => {
  await using folder = await makeTempDir("evidence");
  const [first] = firstAndLast();
  const files = await unpacked(folder, [first.slice(-12), first]);
  const policy = parsePolicy(files.get("policy.txt") ?? Buffer.alloc(0));
  assert.ok("policy" in policy, JSON.stringify(policy));
  assert.ok(policy.policy.quorum !== undefined, "the checkpoint is cosigned");
  for (const half of ["request", "response"]) {
    const stem = `records/${first}/${half}`;
    const record = files.get(`${stem}.json`) ?? assert.fail();
    const proof = parseProofFile(files.get(`${stem}.tlog-proof`) ?? assert.fail());
    const trusted = verifyProofFile(proof, recordEntry(record), policy.policy);
    assert.equal(trusted.checkpoint.size, 300);
    const document = readLine(record.toString("latin1")) ?? assert.fail();
    const sha256 = textAt(document, `es_proxy.${half}_body.sha256`) ?? assert.fail();
    const body = files.get(`records/${first}/${half}-body`) ?? assert.fail();
    assert.equal(recordEntry(body).toString("hex"), sha256, half);
  }
  const html = files.get("index.html")?.toString("utf8") ?? "";
  assert.ok(html.includes("sha256sum records/") && !html.includes("<script"));
});

test("an archive is made only of what is as it was signed", async () => {
  const [, last] = firstAndLast();
  const file = log.folder.file("audit.ndjson");
  const original = readFileSync(file, "latin1");
  const first = /"id":"([0-9a-f-]{36})"/.exec(original)?.[1] ?? "";
  const changed = original.replace('"method":"POST"', '"method":"HEAD"');
  try {
    writeFileSync(file, changed, "latin1");
    const evidence = await gatherEvidence([first, last, "ffffffffffff"], options);
    assert.ok("problems" in evidence);
    assert.equal(evidence.problems.length, 2, evidence.problems.join("\n"));
    assert.match(evidence.problems[0] ?? "", /it is not in the log: it was changed/);
    assert.match(evidence.problems[1] ?? "", /there is no record with the id ffffffffffff/);
  } finally {
    writeFileSync(file, original, "latin1");
  }
});

test("of an erased record the archive has the entry and its proof", async () => {
  const file = log.folder.file("audit.ndjson");
  const original = readFileSync(file, "latin1");
  const lines = original.split("\n");
  const [, last] = firstAndLast();
  const at = lines.findIndex((line) => line.includes(last));
  lines[at] = erasedLine(lines[at] ?? "", { event: "e", reason: "r", by: "b" });
  try {
    writeFileSync(file, lines.join("\n"), "latin1");
    await using folder = await makeTempDir("evidence");
    const files = await unpacked(folder, [last]);
    const page = files.get("README.txt")?.toString("utf8").replaceAll(/\s+/g, " ") ?? "";
    assert.match(page, /Erased records have left nothing but their entry/);
    assert.equal(commandsOf(files, "python3").length, 1, "the other record is whole");
  } finally {
    writeFileSync(file, original, "latin1");
  }
});

test("a file that exists is not written over, and a body that cannot be read leaves none", async () => {
  await using folder = await makeTempDir("evidence");
  const [first] = firstAndLast();
  const evidence = await gatherEvidence([first], options);
  assert.ok("files" in evidence);
  const path = folder.file("evidence.zip");
  writeFileSync(path, "mine");
  await assert.rejects(writeEvidenceZip(path, evidence.files, new Date()), { code: "EEXIST" });
  assert.equal(readFileSync(path, "utf8"), "mine");
  const other = folder.file("other.zip");
  const content = (): Readable =>
    new Readable({ read: (): void => void 0 }).destroy(new Error("no such body"));
  await assert.rejects(
    writeEvidenceZip(other, [...evidence.files, { path: "broken", content }], new Date()),
    /no such body/,
  );
  assert.throws(() => readFileSync(other), { code: "ENOENT" });
});
