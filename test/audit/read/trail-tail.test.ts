import assert from "node:assert/strict";
import { appendFileSync, mkdirSync, renameSync, statSync, truncateSync } from "node:fs";
import { test } from "node:test";

import type { ReadProblem } from "../../../src/audit/read/read-problem.ts";
import { tailTrail, type TailOptions } from "../../../src/audit/read/trail-tail.ts";
import { compileFilter } from "../../../src/kql/filter.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import { waitFor } from "../../support/wait-for.ts";
import { basic, MadeTrail } from "./made-directory.ts";

/** A tail that runs beside the test, and what it has given so far. */
class Follower implements AsyncDisposable {
  readonly users: string[] = [];
  readonly problems: ReadProblem[] = [];
  readonly #stop = new AbortController();
  readonly #run: Promise<void>;

  constructor(directory: string, options: Partial<TailOptions> & { readonly text?: string } = {}) {
    const { text, ...rest } = options;
    const filter = text === undefined ? undefined : compileFilter(text, { nowMs: 0 });
    const listener = {
      problem: (problem: ReadProblem) => void this.problems.push(problem),
      gap: () => undefined,
    };
    const all = { directory, history: 0, listener, filter, signal: this.#stop.signal, ...rest };
    this.#run = this.#read(all);
  }

  async #read(options: TailOptions): Promise<void> {
    for await (const entries of tailTrail(options))
      this.users.push(...entries.map((entry) => entry.text("user.name") ?? entry.kind));
  }

  async sees(...users: readonly string[]): Promise<void> {
    await waitFor(users.join(), () => this.users.length >= users.length).catch(() => {});
    assert.deepEqual(this.users, users);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort();
    await this.#run;
  }
}

const user = (name: string): { authorization: string } => ({ authorization: basic(name) });

test("gives the last exchanges, then each one that ends, of all workers", async () => {
  await using directory = await makeTempDir();
  const one = new MadeTrail(directory.path, { worker: 1, hmacKey: Buffer.alloc(32) });
  for (const name of ["old", "a", "b"]) await one.exchange(user(name));
  await using tail = new Follower(directory.path, { history: 2 });
  await tail.sees("a", "b");
  const slow = await one.begin(user("slow"));
  const two = new MadeTrail(directory.path, { worker: 2, hmacKey: Buffer.alloc(32) });
  two.clock.monotonicMs += 50;
  await two.exchange(user("two"));
  await tail.sees("a", "b", "two");
  await one.end(slow);
  await tail.sees("a", "b", "two", "slow");
  await one.trail.close();
  await two.trail.close();
});

test("goes on over new segments, however quickly they follow each other", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path, { rotateBytes: 4096 });
  await made.exchange(user("first"));
  await using tail = new Follower(directory.path, { history: 1 });
  await tail.sees("first");
  const expected = ["first"];
  const slow = await made.begin(user("slow"));
  for (let at = 0; at < 40; at += 1) {
    await made.exchange(user(`u${at}`));
    expected.push(`u${at}`);
  }
  await made.end(slow);
  await tail.sees(...expected, "slow");
  assert.deepEqual(tail.problems, []);
  await made.trail.close();
});

test("begins with what has happened since an instant, and asks the filter", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  await made.exchange(user("early"));
  made.clock.monotonicMs += 60_000;
  const sinceMs = Math.floor(made.clock.wallAt(made.clock.monotonicMs));
  await made.exchange(user("late"), { status: 500 });
  await made.exchange(user("fine"));
  await using tail = new Follower(directory.path, {
    history: Infinity,
    sinceMs,
    text: "status: 500",
  });
  await tail.sees("late");
  await made.exchange(user("fine"));
  await made.exchange(user("bad"), { status: 500 });
  await tail.sees("late", "bad");
  await made.trail.close();
});

test("waits for a proxy that has not begun to write, and for the end of a torn line", async () => {
  await using directory = await makeTempDir();
  mkdirSync(directory.file("audit"));
  await using tail = new Follower(directory.file("audit"));
  const made = new MadeTrail(directory.file("audit"));
  await made.exchange(user("a"));
  await tail.sees("a");
  const path = directory.file("audit", "audit.ndjson");
  // What a dead proxy has left of a line is cut off by the next one, which writes another line.
  const { size } = statSync(path);
  appendFileSync(path, '{"@timestamp":"2026-11-23T04:24:11.123500000Z","event":{"kind":"ev');
  await using other = new Follower(directory.file("audit"), { history: 1 });
  await other.sees("a");
  truncateSync(path, size);
  await made.exchange(user("b"));
  await Promise.all([tail.sees("a", "b"), other.sees("a", "b")]);
  await made.trail.close();
});

test("finds as many of the past as are asked for, however far back they are", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path, {
    inlineBodyBytes: 2_000_000,
    rotateBytes: 3_000_000,
  });
  for (const name of ["wanted", "wanted"]) await made.exchange(user(name));
  for (let at = 0; at < 5; at += 1)
    await made.end(await made.begin(user("big"), Buffer.alloc(1_500_000, "x")));
  await using tail = new Follower(directory.path, { history: 2, text: "user.name: wanted" });
  await tail.sees("wanted", "wanted");
  await made.trail.close();
});

test("goes on behind a full segment that was the last one when it was listed", async () => {
  await using directory = await makeTempDir();
  const made = new MadeTrail(directory.path);
  await made.exchange(user("first"));
  const live = directory.file("audit.ndjson");
  const sealed = directory.file("audit-20261123T042411.123Z.ndjson");
  renameSync(live, sealed);
  await using tail = new Follower(directory.path, { history: 1 });
  await tail.sees("first");
  made.clock.monotonicMs += 1000;
  made.trail.reopen();
  await made.exchange(user("second"));
  await tail.sees("first", "second");
  await made.trail.close();
});
