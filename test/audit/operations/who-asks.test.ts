import assert from "node:assert/strict";
import { hostname, userInfo } from "node:os";
import { test } from "node:test";

import { whoAsks, withoutSecrets } from "../../../src/audit/operations/who-asks.ts";

test("user and host are those of the system", () => {
  const asker = whoAsks(["audit", "show", "82dc3bc4"], {});
  assert.equal(asker.user, userInfo().username);
  assert.equal(asker.host, hostname());
  assert.deepEqual(asker.args, ["audit", "show", "82dc3bc4"]);
});

test("only root is believed that sudo has called it", () => {
  const { username, uid } = userInfo();
  const { user } = whoAsks([], { SUDO_USER: "mallory" });
  assert.equal(user, uid === 0 ? "mallory" : username);
  assert.equal(whoAsks([], { SUDO_USER: "" }).user, username);
});

test("secrets of a command line are not recorded, whatever form they have", () => {
  const cases: readonly (readonly [string[], string[]])[] = [
    [
      ["--password", "hunter2", "next"],
      ["--password", "***", "next"],
    ],
    [["--api-key=hunter2"], ["--api-key=***"]],
    [
      ["--token-file", "/etc/token"],
      ["--token-file", "/etc/token"],
    ],
    [
      ["--token", "--dir", "x"],
      ["--token", "--dir", "x"],
    ],
  ];
  for (const [given, shown] of cases) assert.deepEqual(withoutSecrets(given), shown);
  for (const filter of [
    'body: "password=hunter2"',
    "authorization: Bearer hunter2hunter2",
    "https://bob:hunter2@es:9200/x",
    "--to=https://bob:hunter2@es:9200/x",
    "https://x/?a=https://bob:hunter2@y",
  ])
    assert.doesNotMatch(withoutSecrets([filter]).join(" "), /hunter2/, filter);
});

test("long command lines are cut", () => {
  const args = withoutSecrets(Array.from({ length: 100 }, (_, at) => `id${at}`));
  assert.equal(args.length, 65);
  assert.equal(args.at(-1), "… and 36 more");
  assert.ok((withoutSecrets(["x".repeat(1_000_000)])[0]?.length ?? 0) < 3000);
});
