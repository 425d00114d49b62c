import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  callgrindProblem,
  InstructionCounter,
  underCallgrind,
} from "../../stress/cost/callgrind.ts";
import { controlBase, costCases } from "../../stress/cost/cases.ts";
import type { AcceptedCosts } from "../../stress/cost/verdict.ts";
import { costProblems, judgeCosts } from "../../stress/cost/verdict.ts";
import { waitFor } from "../support/wait-for.ts";

const deadlineMs = 60_000;
/** A shell program that counts up to each number that it reads. */
const countingLoop =
  "while read -r times; do i=0; while [ $i -lt $times ]; do i=$((i+1)); done; echo done; done";

const main = fileURLToPath(new URL("../../stress/cost/main.ts", import.meta.url));
const directory = mkdtempSync(join(tmpdir(), "es-proxy-cost-test-"));
after(() => rmSync(directory, { recursive: true, force: true }));

test("judges a cost by its ratio to the accepted one", () => {
  const accepted = { a: 1000, b: 1000, c: 1000, d: 1000 };
  const measured = { a: 1050, b: 1051, c: 940, d: 960, e: 7 };
  assert.deepEqual(
    judgeCosts(measured, accepted).map(({ name, judgement }) => `${name} ${judgement}`),
    ["a held", "b worse", "c better", "d held", "e not judged"],
  );
});

test("judges nothing on a kind of machine for which nothing was accepted", () => {
  const verdicts = judgeCosts({ a: 1000 }, undefined);
  assert.equal(verdicts[0]?.judgement, "not judged");
  assert.deepEqual(costProblems(verdicts, 100, 120), []);
});

test("names each case that became worse, with its ratio", () => {
  const verdicts = judgeCosts({ a: 1100, b: 1000 }, { a: 1000, b: 1000 });
  assert.deepEqual(costProblems(verdicts, 100, 120), ["a: 1.100 times the accepted instructions"]);
});

test("fails when planted work is not seen, also where nothing is judged", () => {
  const [problem] = costProblems(judgeCosts({ a: 1000 }, undefined), 100, 104);
  assert.match(problem ?? "", /planted work changed 100 to 104/u);
  assert.equal(costProblems([], Number.NaN, Number.NaN).length, 1, "a control without figures");
});

test("accepted figures exist for every case of each kind of machine", () => {
  const file = fileURLToPath(new URL("../../stress/cost/accepted.json", import.meta.url));
  const { kinds } = JSON.parse(readFileSync(file, "utf8")) as AcceptedCosts;
  const names = costCases.map(({ name }) => name).sort();
  assert.ok(names.includes(controlBase));
  for (const { costs } of Object.values(kinds)) assert.deepEqual(Object.keys(costs).sort(), names);
});

for (const [ci, status] of [
  ["true", 1],
  ["", 3],
] as const) {
  test(`says that Valgrind is missing, with CI="${ci}" by exit code ${status}`, () => {
    const { PATH: _, ...rest } = process.env;
    const ended = spawnSync(process.execPath, [main], {
      encoding: "utf8",
      env: { ...rest, PATH: dirname(process.execPath), CI: ci },
    });
    assert.equal(ended.status, status, ended.stderr);
    assert.match(ended.stderr, /instructions were not counted: valgrind and vgdb not found/u);
  });
}

test(
  "counts the instructions of a running program between two readings",
  { skip: callgrindProblem() ?? false },
  async () => {
    const { program, arguments: own } = underCallgrind(directory);
    const shell = spawn(program, [...own, "/bin/sh", "-c", countingLoop], {
      stdio: ["pipe", "pipe", "inherit"],
    });
    let output = "";
    shell.stdout.on("data", (chunk: Buffer) => {
      output += chunk.toString("latin1");
    });
    const count = async (times: number): Promise<void> => {
      output = "";
      shell.stdin.write(`${times}\n`);
      await waitFor(`${times} rounds`, () => output === "done\n", deadlineMs);
    };
    try {
      await count(1);
      assert.ok(shell.pid !== undefined);
      const counter = new InstructionCounter(shell.pid, directory);
      counter.start();
      await count(1000);
      const few = counter.read();
      await count(10_000);
      const many = counter.read();
      assert.ok(few > 1000 * 10, `${few} instructions of 1000 rounds`);
      assert.ok(many > 8 * few && many < 12 * few, `${many} and ${few}`);
    } finally {
      shell.stdin.end();
      if (shell.exitCode === null) await once(shell, "exit");
    }
  },
);
