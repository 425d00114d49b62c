/** Runs `deploy/rsyslog.conf` in Debian's rsyslog, unpacked beside, not installed. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { errorMessage } from "../../src/core/system-error.ts";
import { Child } from "../support/child-process.ts";
import { MissingTool } from "./missing-tool.ts";
import { deployed, ShippedTrail } from "./shipped-trail.ts";
import type { TrailTarget } from "./trail-target.ts";

const run = promisify(execFile);
const packages = ["rsyslog", "rsyslog-elasticsearch", "libestr0", "libfastjson4", "liblognorm5"];
const cache = join(tmpdir(), "es-proxy-tools", "rsyslog");

/** @returns how many documents were shipped. @throws {MissingTool} */
export async function proveRsyslog(
  target: TrailTarget,
  tell: (line: string) => void,
): Promise<number> {
  const root = await unpacked(tell);
  await using trail = await ShippedTrail.make(target);
  await trail.grow(60);
  const url = new URL(target.url);
  const modules = join(root, "usr/lib/x86_64-linux-gnu/rsyslog");
  const recipe = readFileSync("deploy/rsyslog.conf", "utf8");
  const conf = trail.folder.file("rsyslog.conf");
  const work = trail.folder.file("work");
  const refused = trail.folder.file("refused.ndjson");
  mkdirSync(work);
  writeFileSync(
    conf,
    `global(workDirectory="${work}")\n` +
      replaced(recipe, [
        [deployed.directory, trail.directory],
        [`server="${deployed.host}"`, `server="http://${url.hostname}"`],
        ['serverport="9200"', `serverport="${url.port}"`],
        ["/var/spool/rsyslog/refused.ndjson", refused],
      ]),
  );
  const start = (): Child =>
    new Child(join(root, "usr/sbin/rsyslogd"), ["-n", "-f", conf, "-i", join(work, "pid")], {
      env: { LD_LIBRARY_PATH: join(root, "usr/lib/x86_64-linux-gnu"), RSYSLOG_MODDIR: modules },
    });
  // Of a request some documents are not taken. One that is refused as a whole is given up by
  // rsyslog: it is told in docs/fleet.md.
  for (const nth of [1, 2]) target.strike("items", nth);
  {
    await using shipper = start();
    await trail.expectAll().catch((error: unknown) => {
      throw new Error(`${errorMessage(error)}\n${shipper.stderr}`);
    });
    await trail.grow(60);
    await trail.expectAll();
  }
  // Killed in the middle, and started again: what was sent twice is there once.
  await trail.grow(60);
  await using shipper = start();
  const count = await trail.expectAll();
  assert.equal(existsSync(refused), false, shipper.stderr);
  return count;
}

function replaced(text: string, pairs: readonly (readonly [string, string])[]): string {
  let result = text;
  for (const [from, to] of pairs) {
    assert.ok(result.includes(from), `the recipe has no ${from}`);
    result = result.replaceAll(from, to);
  }
  return result;
}

async function unpacked(tell: (line: string) => void): Promise<string> {
  const root = join(cache, "root");
  if (existsSync(join(root, "usr/sbin/rsyslogd"))) return root;
  mkdirSync(cache, { recursive: true });
  tell(`fetching ${packages.join(", ")}`);
  try {
    await run("apt-get", ["download", ...packages], { cwd: cache, timeout: 120_000 });
    for (const name of readdirSync(cache).filter((file) => file.endsWith(".deb")))
      await run("dpkg", ["-x", name, "root"], { cwd: cache });
  } catch (error) {
    throw new MissingTool("rsyslog", errorMessage(error).split("\n")[0] ?? "");
  }
  return root;
}
