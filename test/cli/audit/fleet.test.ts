import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { startMockEs, type MockEs } from "../../../mock-es/index.ts";
import { basic, MadeTrail } from "../../audit/read/made-directory.ts";
import { startScript } from "../../support/child-process.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

let directory: TempDir;
let mock: MockEs;

async function audit(...args: readonly string[]) {
  await using child = startScript("src/cli/main.ts", ["audit", ...args], {
    env: { ...process.env, COLUMNS: "80", NO_COLOR: "1" },
  });
  const { code } = await child.exited();
  return { code, stdout: child.stdout, stderr: child.stderr };
}

before(async () => {
  directory = await makeTempDir();
  mock = await startMockEs({ instantRefresh: true });
  const made = new MadeTrail(directory.path);
  for (let n = 0; n < 30; n += 1) {
    made.clock.monotonicMs += 500;
    await made.exchange(
      { authorization: basic(`user-${n % 3}`), target: `/logs-${n % 2}/_search` },
      { status: n % 5 === 0 ? 503 : 200 },
      3 + n,
    );
  }
  await made.trail.close();
});

after(async () => {
  await mock.close();
  await directory.remove();
});

test("setup shows what it would do, does it, and leaves it alone the next time", async () => {
  const shown = await audit("setup", "--dry-run");
  assert.match(shown.stdout, /^PUT \/_index_template\/es-proxy-logs-es_proxy.audit-default\n\{/);
  assert.equal((await audit("setup", "--to", mock.url)).stdout, `made ${template}\n`);
  assert.equal((await audit("setup", "--to", mock.url)).stdout, "all is as it should be\n");
  const changed = await audit("setup", "--to", mock.url, "--retention", "30d");
  assert.equal(changed.stdout, `made ${template}\n`);
});

const template = "/_index_template/es-proxy-logs-es_proxy.audit-default";

test("a question has the same answer in the data stream as in the directory", async () => {
  const shipped = await audit("ship", "--dir", directory.path, "--to", mock.url);
  assert.equal(shipped.stderr, "");
  assert.equal(shipped.stdout, "30 documents shipped\n");
  assert.equal(shipped.code, 0);
  const recorded = ["--side-log", "--count", "action: audit.ship"];
  const records = await audit("query", "--dir", directory.path, ...recorded);
  assert.equal(records.stdout, "2\n", "what left the machine is on record: begin and end");
  for (const question of [
    ["query"],
    ["query", "user: user-1 and status >= 500"],
    ["query", "--count", "not user: user-0"],
    ["query", "--top", "2", "--by", "user"],
    ["query", "--histogram", "5s"],
    ["query", "-n", "3", "--format", "ndjson"],
    ["query", "--since", "2026-11-23T04:24:15", "--until", "2026-11-23T04:24:20"],
    ["top", "--by", "user"],
    ["top", "--by", "index", "status: 200"],
  ]) {
    const local = await audit(...question, "--dir", directory.path);
    const fleet = await audit(...question, "--elasticsearch", mock.url);
    assert.deepEqual(fleet, local, question.join(" "));
    assert.notEqual(local.stdout, "");
  }
});

test("a cluster that cannot be asked, and two places at once, are told", async () => {
  const away = await audit("query", "--elasticsearch", "http://127.0.0.1:1");
  assert.equal(away.code, 1);
  assert.match(away.stderr, /^es-proxy audit query: http:\/\/127\.0\.0\.1:1 cannot be reached/);
  const both = await audit("query", "--elasticsearch", mock.url, "--dir", directory.path);
  assert.equal(both.code, 2);
  const secret = await audit("ship", "--to", "http://elastic:changeme@127.0.0.1:1");
  assert.equal(secret.code, 2);
  assert.match(secret.stderr, /ES_USER and ES_PASSWORD/);
  assert.doesNotMatch(secret.stderr, /changeme/);
});
