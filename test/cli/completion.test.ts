import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { completionModel } from "../../src/cli/completion/completion-model.ts";
import type { CompletedCommand } from "../../src/cli/completion/completion-model.ts";
import { bashCompletion } from "../../src/cli/completion/bash-completion.ts";
import { fishCompletion } from "../../src/cli/completion/fish-completion.ts";
import { zshCompletion } from "../../src/cli/completion/zsh-completion.ts";
import { commands } from "../../src/cli/commands.ts";
import { positionalCommand } from "../../src/cli/legacy-command.ts";
import { runScript } from "../support/child-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

/** A shell that hangs is a failure. Milliseconds. */
const patienceMs = 60_000;

let folder: TempDir;
let model: readonly CompletedCommand[];

before(async () => {
  folder = await makeTempDir();
  model = await completionModel(commands, positionalCommand);
  writeFileSync(folder.file("bash"), bashCompletion(model));
  writeFileSync(folder.file("zsh"), zshCompletion(model));
  writeFileSync(folder.file("fish"), fishCompletion(model));
});

after(() => folder.remove());

function lacks(shell: string): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status !== 0;
}

/** What bash offers behind these words, of which the last one is being typed. */
function inBash(...words: readonly string[]): string[] {
  const program = `
    source "$1"; shift
    COMP_WORDS=(es-proxy "$@"); COMP_CWORD=$#; COMPREPLY=()
    _es_proxy
    printf '%s\\n' "\${COMPREPLY[@]}"`;
  const args = ["--norc", "-c", program, "bash", folder.file("bash"), ...words];
  const text = execFileSync("bash", args, { encoding: "utf8", timeout: patienceMs });
  return text.split("\n").filter((word) => word !== "");
}

function inFish(line: string): string[] {
  const program = 'source $argv[1]; complete -C "$argv[2]"';
  const args = ["--no-config", "-c", program, folder.file("fish"), line];
  const text = execFileSync("fish", args, { encoding: "utf8", timeout: patienceMs });
  return text
    .split("\n")
    .filter((word) => word !== "")
    .map((word) => word.split("\t")[0] ?? "");
}

test("every command, option and choice is known, out of the commands themselves", () => {
  const query = model.find(({ path }) => path.join(" ") === "audit query");
  const format = query?.options.find(({ name }) => name === "format");
  assert.deepEqual(format?.value, { kind: "words", words: ["table", "json", "ndjson", "csv"] });
  assert.equal(query?.operands[0]?.kind, "filter");
  const tcp = model.find(({ path }) => path.join(" ") === "tcp");
  assert.ok(tcp?.options.some(({ name, short }) => name === "port" && short === "p"));
  for (const { path, options } of model) {
    assert.ok(
      options.some(({ name }) => name === "help"),
      path.join(" "),
    );
    for (const { name, value } of options)
      if (name === "format" || name === "sort" || name === "as")
        assert.equal(value?.kind, "words", `${path.join(" ")} --${name}`);
  }
  const scripts = [bashCompletion, zshCompletion, fishCompletion].map((make) => make(model));
  for (const script of scripts)
    for (const { options } of model)
      for (const { name } of options) assert.ok(script.includes(name), name);
});

test("bash completes commands, options, values and filters", { skip: lacks("bash") }, () => {
  assert.deepEqual(inBash("aud"), ["audit"]);
  assert.deepEqual(inBash("audit", "q"), ["query"]);
  assert.deepEqual(inBash("audit", "query", "--fo"), ["--format"]);
  assert.deepEqual(inBash("audit", "query", "--format", "n"), ["ndjson"]);
  assert.deepEqual(inBash("audit", "query", "--format", "=", "n"), ["ndjson"]);
  assert.deepEqual(inBash("audit", "report", ""), ["pci", "gdpr", "reads"]);
  assert.deepEqual(inBash("audit", "report", "--dir", "x", "p"), ["pci"]);
  assert.deepEqual(inBash("audit", "query", "'user: bob and out"), ["user: bob and outcome:"]);
  assert.deepEqual(inBash("audit", "query", "-f", "'outcome: succ"), ["outcome: success"]);
  assert.deepEqual(inBash("audit", "query", "--columns", "time,us"), ["time,user"]);
  assert.deepEqual(inBash("audit", "show", "--body", "re"), ["request", "response"]);
  assert.deepEqual(inBash("run", "-c", folder.file("fi")), [folder.file("fish")]);
  assert.deepEqual(inBash("completion", ""), ["bash", "zsh", "fish"]);
  assert.deepEqual(inBash("nonsense", "--x", ""), []);
});

test("fish completes commands, options, values and filters", { skip: lacks("fish") }, () => {
  assert.deepEqual(inFish("es-proxy aud"), ["audit"]);
  assert.deepEqual(inFish("es-proxy audit q"), ["query"]);
  assert.deepEqual(inFish("es-proxy audit query --form"), ["--format"]);
  assert.deepEqual(inFish("es-proxy audit query --format n"), ["ndjson"]);
  assert.deepEqual(inFish("es-proxy audit report p"), ["pci"]);
  assert.deepEqual(inFish("es-proxy audit query outc"), ["outcome:"]);
  assert.deepEqual(inFish("es-proxy audit query --columns time,us"), ["time,user"]);
});

test("zsh completes commands, options and values", { skip: lacks("zsh") }, () => {
  // A shell within the shell, at whose prompt keys are pressed; each read waits for the answer.
  const program = `
    zmodload zsh/zpty
    zpty -b z zsh -f -i
    zpty -w z 'PROMPT=; autoload -U compinit; compinit -u -D; source '$1'; echo RE''ADY'
    zpty -r z out '*READY*'
    for line wanted in \\
      'es-proxy aud' 'es-proxy audit*' \\
      'es-proxy audit quer' 'es-proxy audit query*' \\
      'es-proxy audit query --form' 'es-proxy audit query --format*' \\
      'es-proxy audit query --format nd' 'es-proxy audit query --format ndjson*' \\
      'es-proxy audit report g' 'es-proxy audit report gdpr*'
    do
      zpty -n -w z "$line"$'\\t'
      zpty -r z out "*$wanted" || exit 1
      zpty -n -w z $'\\x15'
    done
    zpty -d z
    echo done`;
  const args = ["-f", "-c", program, "zsh", folder.file("zsh")];
  const { stdout, status } = spawnSync("zsh", args, { encoding: "utf8", timeout: patienceMs });
  assert.equal(status, 0);
  assert.match(stdout, /done\n$/);
});

test("the command prints the script, and knows its shells", async () => {
  const { code, stdout, stderr } = await runScript("src/cli/main.ts", ["completion", "bash"]);
  assert.deepEqual([code, stderr], [0, ""]);
  assert.equal(stdout, bashCompletion(model));
  assert.equal((await runScript("src/cli/main.ts", ["completion", "tcsh"])).code, 2);
});
