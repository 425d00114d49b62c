import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { assert as check, asyncProperty, constantFrom, record, string } from "fast-check";

import { readLine } from "../../../src/audit/format/line-reader.ts";
import { visitTerms } from "../../../src/audit/index/index-contents.ts";
import { LineTerms, type TermTaker } from "../../../src/audit/index/line-terms.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { basic, MadeTrail } from "../read/made-directory.ts";
import { deriveFacts, smallTrail } from "./generated-trail.ts";

/** Both ways to the terms of each line of files with these endings. */
function compareAll(directory: string, endings: RegExp, isFacts: boolean): number {
  const terms = new LineTerms();
  let count = 0;
  for (const name of readdirSync(directory).filter((one) => endings.test(one)))
    for (const line of readFileSync(join(directory, name), "latin1").split("\n")) {
      if (line === "") continue;
      const [quick, whole] = [new Set<string>(), new Set<string>()];
      const into =
        (set: Set<string>): TermTaker =>
        (field, value) =>
          set.add(JSON.stringify([field, value]));
      const found = isFacts ? terms.ofFacts(line) : terms.ofRecord(line);
      for (const [field, value] of found) into(quick)(field, value);
      visitTerms(readLine(line) ?? {}, into(whole));
      assert.deepEqual([...quick].sort(), [...whole].sort(), line);
      count += whole.size;
    }
  return count;
}

for (const format of ["ecs", "text"] as const)
  test(`the terms of ${format} lines and of facts are those of the whole records`, async () => {
    await using folder = await makeTempDir();
    await smallTrail(folder.path, { exchanges: 300, format });
    await deriveFacts(folder.path);
    assert.ok(compareAll(folder.path, /\.(?:ndjson|log)$/, false) > 1000);
    assert.ok(compareAll(folder.path, /\.facts$/, true) > 200);
  });

test("names, targets and bodies that look like members of records give no terms", async () => {
  const nasty = constantFrom(
    '"user":{"name":"eve"}',
    '\\"user\\":{"name":"eve"}',
    '","action":"indices.delete',
    '"status_code":500',
    '"indices":["a","b"]',
    "]}},",
    "}",
    "ü",
  );
  const calls = asyncProperty(
    record({ user: nasty, index: nasty, runAs: nasty, opaque: nasty, body: nasty, more: string() }),
    async ({ user, index, runAs, opaque, body, more }) => {
      await using folder = await makeTempDir();
      const made = new MadeTrail(folder.path);
      const text = (value: string): string => Buffer.from(value, "utf8").toString("latin1");
      const started = await made.begin(
        {
          target: `/${encodeURIComponent(index)},logs/_search?q=${encodeURIComponent(more)}`,
          authorization: basic(`${user}${more.replaceAll(":", "")}`),
          runAs: text(runAs),
          opaqueId: text(opaque),
          userAgent: text(body),
        },
        Buffer.from(JSON.stringify({ [body]: { user: body }, more })),
      );
      await made.end(started, { status: 503 }, Buffer.from(`{"error":${JSON.stringify(body)}}`));
      await made.begin({ target: "/_bulk", method: "POST" }, Buffer.from(body));
      await made.session("01a1f640-bfe8-7410-ad92-2ffc53f205ca");
      made.trail.event({ action: "audit.reload", type: "change", outcome: "success", fields: {} });
      await made.trail.close();
      assert.ok(compareAll(folder.path, /\.ndjson$/, false) > 4);
    },
  );
  await check(calls, { numRuns: 30 });
});
