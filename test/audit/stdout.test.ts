import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { execPath } from "node:process";
import { text } from "node:stream/consumers";
import test from "node:test";
import { setTimeout } from "node:timers/promises";

import { assertAccounted } from "./accounting.ts";

const writer = join(import.meta.dirname, "writer-process.ts");

test("a reader of standard output that is slow gets whole lines, and a gap record for what it was too slow for", async () => {
  const child = spawn(execPath, [writer, "-", "stdout", "300"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  // Longer than the writer waits for a full pipe; the test holds whether or not the pipe gets full.
  await setTimeout(300);
  const output = await text(child.stdout);
  await closed;
  assert.equal(child.exitCode, 0);
  assert.ok(output.endsWith("\n"));
  assertAccounted(
    output
      .slice(0, -1)
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>),
  );
});

test("says that nobody reads standard output any more", async () => {
  const child = spawn(execPath, [writer, "-", "stdout", "1000000"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const closed = once(child, "close");
  await once(child.stdout, "data");
  child.stdout.destroy();
  await closed;
  assert.equal(child.exitCode, 9);
});
