import assert from "node:assert/strict";
import test from "node:test";
import { helpOf, parseCommandLine } from "../../src/cli/command-line.ts";
import type { CommandSpec } from "../../src/cli/command-line.ts";
import { UsageError } from "../../src/cli/usage-error.ts";

const spec: CommandSpec = {
  name: "copy",
  summary: "Copies.",
  operands: ["<from>", "<to>"],
  options: [
    { name: "config", short: "c", value: "FILE", help: "A file." },
    { name: "audit", value: "DIR|-", help: "A folder." },
    { name: "no-tls", help: "No TLS." },
  ],
  examples: [["es-proxy copy a b", "Copies a to b."]],
  run: async () => 0,
};

test("options may stand anywhere, in every usual spelling", () => {
  for (const args of [
    ["a", "b", "--config", "f"],
    ["--config=f", "a", "b"],
    ["a", "-c", "f", "b"],
    ["-cf", "a", "--", "b"],
  ]) {
    const line = parseCommandLine(spec, args);
    assert.ok(line !== "help");
    assert.deepEqual(
      [line.operands, line.value("config"), line.isGiven("no-tls")],
      [["a", "b"], "f", false],
      args.join(" "),
    );
  }
});

test("a lone dash is a value, and -- makes operands of what looks like options", () => {
  const line = parseCommandLine(spec, ["--audit", "-", "--no-tls", "--", "--config", "-x"]);
  assert.ok(line !== "help");
  assert.deepEqual(
    [line.operands, line.value("audit"), line.isGiven("no-tls")],
    [["--config", "-x"], "-", true],
  );
});

test("a repeatable option keeps all its values, and a repeated operand all of its own", () => {
  const option = { name: "key", value: "KEY", isRepeatable: true, help: "A key." };
  const line = parseCommandLine({ ...spec, options: [option], repeatsOperand: true }, [
    "--key",
    "x",
    "a",
    "b",
    "--key=y",
    "c",
  ]);
  assert.ok(line !== "help");
  assert.deepEqual([line.values("key"), line.value("key")], [["x", "y"], "y"]);
  assert.deepEqual(line.operands, ["a", "b", "c"]);
  assert.deepEqual(line.values("other"), []);
  assert.match(helpOf({ ...spec, repeatsOperand: true }), /^Usage: es-proxy copy <from> <to>… \[/);
});

const mistakes: readonly (readonly [readonly string[], RegExp])[] = [
  [["a"], /^<to> is missing$/],
  [[], /^<from> <to> are missing$/],
  [["a", "b", "c"], /^unexpected argument "c"$/],
  [["a", "b", "--confg", "f"], /^unknown option --confg; did you mean "--config"\?$/],
  [["a", "b", "--notls"], /^unknown option --notls; did you mean "--no-tls"\?$/],
  [["a", "b", "-x"], /^unknown option -x$/],
  [["a", "b", "--config"], /^--config needs a value: --config FILE$/],
  [["a", "b", "--config", "--no-tls"], /^--config needs a value/],
  [["a", "b", "--config="], /^--config needs a value/],
  [["a", "b", "--no-tls=yes"], /^--no-tls takes no value$/],
  [["a", "b", "-c", "f", "--config", "g"], /^--config is given twice$/],
];

test("a wrong command line is refused with what is wrong", () => {
  for (const [args, wanted] of mistakes)
    assert.throws(
      () => parseCommandLine(spec, args),
      (error) =>
        error instanceof UsageError && error.command === "copy" && wanted.test(error.message),
      args.join(" "),
    );
});

test("help wins over missing operands, and the help names every option and example", () => {
  assert.equal(parseCommandLine(spec, ["--help"]), "help");
  assert.equal(parseCommandLine(spec, ["-h"]), "help");
  const help = helpOf(spec);
  for (const text of [
    "Usage: es-proxy copy <from> <to> [options]",
    "-c, --config FILE",
    "--no-tls",
    "-h, --help",
    "Copies a to b.",
  ])
    assert.ok(help.includes(text), text);
});
