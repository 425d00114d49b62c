import assert from "node:assert/strict";
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { zstdCompressSync } from "node:zlib";

import { findEntry } from "../../../src/audit/read/find-entry.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import { compileFilter } from "../../../src/kql/filter.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { testVariants } from "../../support/test-variants.ts";
import { basic, MadeTrail } from "./made-directory.ts";

const listener = {
  problem: (problem: object) => assert.fail(JSON.stringify(problem)),
  gap: () => {},
};

testVariants(
  "finds both records of an exchange by its id or a part of it",
  { ecs: "ecs", text: "text" } as const,
  async (format) => {
    await using directory = await makeTempDir();
    const made = new MadeTrail(directory.path, {
      format,
      rotateBytes: format === "ecs" ? 8192 : 2048,
    });
    const slow = await made.begin({ target: "/slow" });
    const ids = new Map<string, string>();
    for (let at = 0; at < 24; at += 1) {
      // An id in a value is not the id of its record.
      const record = await made.exchange({ target: `/a/_doc/${at}?x=${slow.id}` });
      made.clock.monotonicMs += 50_000;
      ids.set(record.id, record.target);
    }
    await made.end(slow);
    await made.trail.close();
    ids.set(slow.id, "/slow");
    const sealed = readdirSync(directory.path).filter((name) => name.startsWith("audit-"));
    const [first = "", second = ""] = sealed;
    writeFileSync(
      directory.file(`${second}.zst`),
      zstdCompressSync(readFileSync(directory.file(second))),
    );
    rmSync(directory.file(second));
    assert.ok(sealed.length > 3 && first !== second);
    for (const [id, target] of ids) {
      for (const part of [id, id.slice(-12), id.slice(-12, -2).toUpperCase()]) {
        const entry = await findEntry(directory.path, part, listener);
        assert.equal(entry?.id, id, part);
        assert.equal(entry.text("url.original"), target);
        assert.ok(entry.opening !== undefined && entry.closing !== undefined);
      }
    }
    const absent = "01a206bf-1c6c-73e2-843e-9db3afdf6ba3";
    assert.equal(await findEntry(directory.path, absent, listener), undefined);
    assert.equal(await findEntry(directory.path, "ffffffffffff", listener), undefined);
  },
);

test("an answer in the time that is asked for brings its request from before it", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path, { rotateBytes: 4096 });
  const slow = await made.begin({ authorization: basic("slow"), userAgent: "curl" });
  for (let at = 0; at < 10; at += 1) await made.exchange();
  made.clock.monotonicMs += 26 * 3_600_000;
  await made.end(slow);
  await made.exchange({ authorization: basic("late") });
  await made.trail.close();
  const filter = compileFilter("@timestamp >= 2026-11-24 and user_agent.original: curl", {
    nowMs: Date.UTC(2026, 10, 25),
  });
  const found = [];
  for await (const entries of readTrail({ directory: directory.path, filter, listener }))
    found.push(...entries);
  assert.deepEqual(
    found.map((entry) => [entry.text("user.name"), entry.opening !== undefined]),
    [["slow", true]],
  );
});
