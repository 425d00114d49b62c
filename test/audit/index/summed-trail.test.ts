import assert from "node:assert/strict";
import { appendFileSync, readdirSync, rmSync } from "node:fs";
import { test } from "node:test";

import { readTrailWithFacts } from "../../../src/audit/facts/facts-trail.ts";
import { readSummedTrail } from "../../../src/audit/index/summed-trail.ts";
import { columnOf } from "../../../src/audit/read/entry-columns.ts";
import type { ReadProblem } from "../../../src/audit/read/read-problem.ts";
import { Timeline, type TimelineColumns } from "../../../src/audit/read/timeline.ts";
import { isFailure } from "../../../src/audit/read/top-groups.ts";
import type { TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import { Facets } from "../../../src/explorer/facets.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { basic, MadeTrail } from "../read/made-directory.ts";
import { buildIndexes, deriveFacts, smallTrail } from "./generated-trail.ts";

interface Time {
  readonly sinceMs?: number;
  readonly untilMs?: number;
}

/** What is counted of a trail, and how much of it came as entries. */
class Counted {
  readonly #facets = new Facets();
  readonly #timeline = new Timeline();
  readonly problems: ReadProblem[] = [];
  found = 0;
  read = 0;

  add(entries: readonly TrailEntry[]): void {
    const documents = columnOf("docs");
    for (const entry of entries) {
      this.found += 1;
      this.read += 1;
      this.#timeline.add(entry.startMs, isFailure(entry), Number(documents?.values(entry)[0] ?? 0));
      this.#facets.add(entry);
    }
  }

  readonly listener = {
    problem: (problem: ReadProblem): void => void this.problems.push(problem),
    gap: (): void => undefined,
  };

  async summed(directory: string, time: Time): Promise<this> {
    for await (const part of readSummedTrail({ directory, ...time, listener: this.listener }))
      if ("timeline" in part) {
        this.found += part.count;
        this.#timeline.merge(part.timeline);
        this.#facets.merge(part);
      } else this.add(part);
    return this;
  }

  async whole(directory: string, time: Time): Promise<this> {
    const reading = { directory, ...time, listener: this.listener };
    for await (const entries of readTrailWithFacts(reading)) this.add(entries);
    return this;
  }

  get answer(): unknown {
    const sum = (of: keyof Omit<TimelineColumns, "stepMs" | "times">): number =>
      this.#timeline.columns()[of].reduce((total, count) => total + count, 0);
    const values = this.#facets.first().map(({ name, values: counted }) => ({
      name,
      values: counted.toSorted((one, other) => (String(one.value) < String(other.value) ? -1 : 1)),
    }));
    return [this.found, sum("counts"), sum("failures"), sum("documents"), values, this.problems];
  }
}

/** @returns how many entries were read one by one */
async function isTheSame(directory: string, time: Time = {}): Promise<number> {
  const whole = await new Counted().whole(directory, time);
  const summed = await new Counted().summed(directory, time);
  assert.deepEqual(summed.answer, whole.answer);
  return summed.read;
}

for (const format of ["ecs", "text"] as const)
  test(`what is added up of ${format} segments is what reading them counts`, async () => {
    await using folder = await makeTempDir();
    const { exchanges } = await smallTrail(folder.path, { format, rotateBytes: 150_000 });
    const scanned = await isTheSame(folder.path);
    assert.ok(scanned < exchanges / 3, `${scanned} of ${exchanges} were read`);
    await deriveFacts(folder.path);
    await isTheSame(folder.path);
    await buildIndexes(folder.path);
    assert.ok((await isTheSame(folder.path)) < exchanges / 3);
    // One of the indexes is gone, and times that end within segments.
    const [index = ""] = readdirSync(folder.path).filter((name) => name.endsWith(".index"));
    rmSync(folder.file(index));
    const all = await times(folder.path);
    for (const part of [0.2, 0.5, 0.8]) {
      const at = all[Math.floor(all.length * part)] ?? 0;
      await isTheSame(folder.path, { sinceMs: at });
      await isTheSame(folder.path, { sinceMs: at, untilMs: at + 3000 });
    }
  });

async function times(directory: string): Promise<number[]> {
  const found: number[] = [];
  for await (const entries of readTrailWithFacts({ directory }))
    found.push(...entries.map(({ startMs }) => startMs));
  return found;
}

test("open exchanges, sessions, events, clients of another proxy and garbage are counted", async () => {
  await using folder = await makeTempDir();
  const made = new MadeTrail(folder.path);
  for (let at = 0; at < 20; at += 1) {
    const begun = await made.begin({
      authorization: basic(`user-${at % 3}`),
      target: `/logs-${at % 4}/_search`,
      ...(at % 2 === 0
        ? { clientAddress: "10.9.8.7", clientEvidence: "proxy_protocol" as const }
        : {}),
    });
    made.clock.monotonicMs += 3;
    if (at % 5 > 0) await made.end(begun, { status: at % 7 === 0 ? 404 : 200 });
  }
  made.trail.event({ action: "audit.seal", type: "info", outcome: "success", fields: {} });
  await made.trail.close();
  await isTheSame(folder.path);
  appendFileSync(folder.file("audit.ndjson"), "this is no record\n");
  const whole = await new Counted().summed(folder.path, {});
  assert.deepEqual(
    whole.problems.map(({ kind }) => kind),
    ["garbage"],
  );
  await isTheSame(folder.path);
});
