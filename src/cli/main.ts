#!/usr/bin/env node
import { suggestion } from "../core/suggestion.ts";
import { errorMessage } from "../core/system-error.ts";
import { parseCommandLine } from "./command-line.ts";
import type { CommandGroup, CommandSpec, RawCommand } from "./command-line.ts";
import { commands, findCommand } from "./commands.ts";
import { exitCodes } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

/** Runs one command line, without the interpreter and the script, and gives the exit code. */
async function main(args: readonly string[]): Promise<number> {
  try {
    return await dispatch(args);
  } catch (error) {
    const { toOneLine } = await import("../config/diagnostic.ts");
    if (!(error instanceof UsageError)) {
      process.stderr.write(`es-proxy: ${toOneLine(errorMessage(error))}\n`);
      return exitCodes.failure;
    }
    const command = error.command === "" ? "" : ` ${error.command}`;
    process.stderr.write(`es-proxy${command}: ${toOneLine(error.message)}\n`);
    process.stderr.write(`Try: es-proxy help${command}\n`);
    return exitCodes.usage;
  }
}

async function dispatch(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === undefined) {
    const { generalHelp } = await import("./help-command.ts");
    process.stderr.write(generalHelp(commands));
    return exitCodes.usage;
  }
  if (first === "--help" || first === "-h" || first === "help") return help(rest);
  if (first === "--version" || first === "-V")
    return run((await import("./version-command.ts")).versionCommand, rest);
  const entry = findCommand(first);
  if (entry !== undefined) return run(await entry.load(), rest);
  const { unknownCommand } = await import("./help-command.ts");
  if (!isPositional(args)) throw unknownCommand(commands, first);
  const { positionalCommand } = await import("./legacy-command.ts");
  return run(positionalCommand, args);
}

/**
 * The form without a command begins with an option or a host and goes on with a port; a lone word,
 * or one that looks like a command and has no port behind it, is a misspelt command.
 */
function isPositional(args: readonly string[]): boolean {
  const [first = "", second] = args;
  if (first.startsWith("-")) return true;
  if (second === undefined) return false;
  return (
    /^\d+$/.test(second) ||
    suggestion(
      first,
      commands.map(({ name }) => name),
    ) === undefined
  );
}

async function help(rest: readonly string[]): Promise<number> {
  const { commandHelp, generalHelp } = await import("./help-command.ts");
  const [name, second] = rest.filter((arg) => !arg.startsWith("-"));
  process.stdout.write(
    name === undefined ? generalHelp(commands) : await commandHelp(commands, name, second),
  );
  return exitCodes.ok;
}

async function run(
  spec: CommandSpec | RawCommand | CommandGroup,
  args: readonly string[],
): Promise<number> {
  if ("help" in spec) return spec.runArguments(args);
  if ("commands" in spec) return runOneOf(spec, args);
  const line = parseCommandLine(spec, args);
  if (line !== "help") return spec.run(line);
  if (spec.name === "") return help([]);
  process.stdout.write((await import("./command-line.ts")).helpOf(spec));
  return exitCodes.ok;
}

/** The command that the second word names. */
async function runOneOf(group: CommandGroup, args: readonly string[]): Promise<number> {
  const [second, ...rest] = args;
  const { groupHelp, unknownCommand } = await import("./help-command.ts");
  if (second === undefined) {
    process.stderr.write(groupHelp(group));
    return exitCodes.usage;
  }
  if (second === "--help" || second === "-h" || second === "help")
    return help([group.name, ...rest]);
  const entry = group.commands.find(({ name }) => name === second);
  if (entry === undefined) throw unknownCommand(group.commands, second, group.name);
  return run(await entry.load(), rest);
}

const exitCode = await main(process.argv.slice(2));
// What a pipe has not taken yet would be lost.
await new Promise<void>((done) => process.stdout.write("", () => done()));
// Whatever a library left open must not keep an ended proxy alive.
process.exit(exitCode);
