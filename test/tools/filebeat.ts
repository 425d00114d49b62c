/** Runs `deploy/filebeat.yml` in Filebeat 7.17, which is built from its Go module. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import { errorMessage } from "../../src/core/system-error.ts";
import { Child } from "../support/child-process.ts";
import { MissingTool } from "./missing-tool.ts";
import { deployed, ShippedTrail } from "./shipped-trail.ts";
import type { TrailTarget } from "./trail-target.ts";

const run = promisify(execFile);
const module = "github.com/elastic/beats/v7";
const version = "v7.17.29";
const cache = join(tmpdir(), "es-proxy-tools", "filebeat");
/** Some hundred packages. Milliseconds. */
const buildMs = 1_800_000;

/** @returns how many documents were shipped. @throws {MissingTool} */
export async function proveFilebeat(
  target: TrailTarget,
  tell: (line: string) => void,
): Promise<number> {
  const program = await built(tell);
  await using trail = await ShippedTrail.make(target);
  await trail.grow(60);
  const recipe = readFileSync("deploy/filebeat.yml", "utf8");
  const conf = trail.folder.file("filebeat.yml");
  const own = [
    [deployed.directory, trail.directory],
    [`${deployed.host}:9200`, target.url],
    ['  api_key: "${ES_API_KEY:}"\n', ""],
  ] as const;
  let text = recipe;
  for (const [from, to] of own) {
    assert.ok(text.includes(from), `the file has no ${from}`);
    text = text.replaceAll(from, to);
  }
  writeFileSync(conf, text, { mode: 0o600 });
  const home = trail.folder.file("home");
  mkdirSync(home);
  const start = (): Child =>
    new Child(program, ["-e", "-c", conf, "--path.home", home, "--strict.perms=false"]);
  target.strike("503", 1);
  target.strike("items", 2);
  {
    await using shipper = start();
    await trail.expectAll().catch((error: unknown) => {
      throw new Error(`${errorMessage(error)}\n${shipper.stderr.slice(-3000)}`);
    });
    await trail.grow(60);
    await trail.expectAll();
  }
  await trail.grow(60);
  await using shipper = start();
  return await trail.expectAll().catch((error: unknown) => {
    throw new Error(`${errorMessage(error)}\n${shipper.stderr.slice(-3000)}`);
  });
}

/** The replacements of the module hold for its own build only: they are repeated in ours. */
async function built(tell: (line: string) => void): Promise<string> {
  const program = join(cache, "filebeat");
  if (existsSync(program)) return program;
  mkdirSync(cache, { recursive: true });
  const env = {
    ...process.env,
    PATH: `${process.env["PATH"] ?? ""}${delimiter}/usr/local/go/bin`,
    GOFLAGS: "-buildvcs=false -mod=mod",
    CGO_ENABLED: "0",
  };
  const go = (args: readonly string[]) =>
    run("go", args, { cwd: cache, env, timeout: buildMs, maxBuffer: 16_777_216 });
  try {
    writeFileSync(join(cache, "go.mod"), "module es-proxy-tools\n\ngo 1.21\n");
    tell(`fetching ${module} ${version}`);
    const { stdout } = await go(["mod", "download", "-json", `${module}@${version}`]);
    const { GoMod, Dir } = JSON.parse(stdout) as { readonly GoMod: string; readonly Dir: string };
    // Of some replacements no public database has sums any more; theirs are in the module.
    writeFileSync(join(cache, "go.sum"), readFileSync(join(Dir, "go.sum")));
    const theirs = readFileSync(GoMod, "utf8");
    const [replacements = ""] = /^replace \([^)]*\)/m.exec(theirs) ?? [];
    const requirements = [...theirs.matchAll(/^require \([^)]*\)/gm)].join("\n");
    writeFileSync(
      join(cache, "go.mod"),
      `module es-proxy-tools\n\ngo 1.21\n\nrequire ${module} ${version}\n\n` +
        `${requirements}\n\n${replacements}\n`,
    );
    writeFileSync(
      join(cache, "main.go"),
      `package main

import (
	"os"

	"${module}/filebeat/cmd"
	inputs "${module}/filebeat/input/default-inputs"
)

func main() {
	if err := cmd.Filebeat(inputs.Init, cmd.FilebeatSettings()).Execute(); err != nil {
		os.Exit(1)
	}
}
`,
    );
    tell("building it, some minutes");
    await go(["build", "-o", "filebeat", "."]);
  } catch (error) {
    throw new MissingTool("Filebeat", errorMessage(error).slice(0, 2000));
  }
  return program;
}
