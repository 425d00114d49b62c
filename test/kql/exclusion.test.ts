import assert from "node:assert/strict";
import { test } from "node:test";

import { readTrail } from "../../src/audit/read/trail-reader.ts";
import { compileFilter } from "../../src/kql/filter.ts";
import { jsonLines } from "../../src/kql/json-lines.ts";
import { basic, MadeTrail } from "../audit/read/made-directory.ts";
import { makeTempDir } from "../support/temp-dir.ts";

const nowMs = Date.UTC(2026, 10, 30);

function exclusions(text: string): string[] {
  const filter = compileFilter(text, { nowMs });
  return filter.exclusions(jsonLines(true)).map(({ bytes }) => bytes.toString("latin1"));
}

test("what a negation names is searched for on lines", () => {
  for (const [text, expected] of [
    ["not user.name: alice", ['"user":{"name":"alice"']],
    ["not user: user-*", ['"user":{"name":"user-', '"user":{"id":"user-']],
    ["not user.name: *", ['"user":{"name":"']],
    ["not status: 200 and index: logs", ['"status_code":200']],
    ["not (action: search or action: get)", ['","action":"search"', '","action":"get"']],
    ["not (user.name: alice and status: 200)", []],
    ["not status >= 400", []],
    ["not user.name: *-x", []],
    ["user.name: alice", []],
    ["user.name: alice or not status: 200", []],
  ] as const)
    assert.deepEqual(exclusions(text).toSorted(), [...expected].sort(), text);
});

const users = ["alice", "alicia", "al", "user-1", 'a"l', "ü", "anonymous", undefined] as const;
const questions = [
  "not user: al*",
  "not user.name: alice",
  "not user: *",
  "not user: anonymous",
  'not user.name: "a\\"l"',
  "not user.name: ü*",
  "not status: 200",
  "not status: 200 and not user: alice",
  "not (action: search or user: user-*)",
  "not action: search",
  "not action: se*",
  "not source: 192.0.2.7",
  "not method: GET",
  "not (user: alice and status: 200)",
  "not kind: event",
];

for (const format of ["ecs", "text"] as const)
  test(`a negation finds the same in ${format} as a reader of every record`, async () => {
    await using folder = await makeTempDir();
    const made = new MadeTrail(folder.path, { format });
    for (const user of users)
      for (const status of [200, 404]) {
        const more = user === undefined ? {} : { authorization: basic(user) };
        await made.exchange({ ...more, target: "/logs/_search" }, { status });
        await made.exchange({ ...more, method: "GET", target: "/a/_doc/1?x=Status: 200" }, {});
      }
    await made.begin({ authorization: basic("alice") });
    await made.session("01a1f640-bfe8-7410-ad92-2ffc53f205ca");
    made.trail.event({
      action: "audit.test",
      type: "change",
      outcome: "success",
      fields: { user: { name: "alice" } as unknown as string, action: "search" },
    });
    await made.trail.close();
    const read = async (filter?: ReturnType<typeof compileFilter>) => {
      const found = [];
      for await (const entries of readTrail({ directory: folder.path, filter }))
        found.push(...entries);
      return found;
    };
    const all = await read();
    for (const text of questions) {
      const filter = compileFilter(text, { nowMs });
      const wanted = all.filter(({ opening, closing }) =>
        filter.matches(opening?.document ?? {}, closing?.document),
      );
      const found = await read(filter);
      assert.deepEqual(
        found.map(({ id }) => id),
        wanted.map(({ id }) => id),
        text,
      );
    }
  });
