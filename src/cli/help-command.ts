import { suggestionText } from "../core/suggestion.ts";
import { columns, examplesText, helpOf } from "./command-line.ts";
import type { CommandEntry, CommandGroup, CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { positionalCommand } from "./legacy-command.ts";
import { UsageError } from "./usage-error.ts";

/** The help of everything, as `es-proxy --help` prints it. */
export function generalHelp(commands: readonly CommandEntry[]): string {
  const examples: CommandSpec["examples"] = [
    ...positionalCommand.examples.slice(0, 1),
    ["es-proxy run --config es-proxy.yaml", "Everything that the configuration file says."],
    ["es-proxy help run", "The options of one command, with examples."],
  ];
  return [
    "es-proxy: the flight recorder for Elasticsearch. Forwards every byte unchanged and " +
      "keeps an audit trail of both directions.\n",
    `Usage: es-proxy ${positionalCommand.operands.join(" ")} [options]`,
    "       es-proxy <command> [options]\n",
    `Commands:\n${columns(commands.map(({ name, summary }) => [name, summary] as const))}\n`,
    helpOf(positionalCommand)
      .split("\n\n")
      .filter((part) => part.startsWith("Options:"))
      .map((part) => `${part.replace("Options:", "Options of the form without a command:")}\n`)
      .join(""),
    `Examples:\n${examplesText(examples)}\n`,
    "Data goes to stdout, messages to stderr. Exit codes: 0 fine, 1 failure, 2 usage, 78 " +
      "configuration.",
    "",
  ].join("\n");
}

/**
 * `es-proxy help [command]`; the operand is read by `main.ts`, which turns it into that command's
 * `--help`.
 */
export function helpCommand(commands: readonly CommandEntry[]): CommandSpec {
  return {
    name: "help",
    summary: "Show the general help, or the help of a command.",
    operands: [],
    options: [],
    examples: [
      ["es-proxy help", "All commands."],
      ["es-proxy help validate", "One command."],
    ],
    async run() {
      process.stdout.write(generalHelp(commands));
      return exitCodes.ok;
    },
  };
}

/**
 * The help of the command with this name.
 *
 * @param second the second word, where the command is a group

 * @throws {UsageError} when there is none
 */
export async function commandHelp(
  commands: readonly CommandEntry[],
  name: string,
  second?: string,
): Promise<string> {
  const entry = commands.find((command) => command.name === name);
  if (entry === undefined) throw unknownCommand(commands, name);
  const command = await entry.load();
  if ("help" in command) return command.help;
  if (!("commands" in command)) return helpOf(command);
  if (second === undefined) return groupHelp(command);
  if (!command.commands.some((other) => other.name === second))
    throw unknownCommand(command.commands, second, command.name);
  return commandHelp(command.commands, second);
}

/** The help of a group: its commands. */
export function groupHelp({ name, summary, commands }: CommandGroup): string {
  return [
    `Usage: es-proxy ${name} <command> [options]\n`,
    `${summary}\n`,
    `Commands:\n${columns(commands.map((command) => [command.name, command.summary] as const))}\n`,
    `es-proxy help ${name} <command> shows the options of one, with examples.`,
    "",
  ].join("\n");
}

/** The error for a word that is no command. @param group the word before it */
export function unknownCommand(
  commands: readonly CommandEntry[],
  name: string,
  group = "",
): UsageError {
  const names = commands.map((command) => command.name);
  return new UsageError(
    group,
    `unknown command ${JSON.stringify(name)}${suggestionText(name, names)}`,
  );
}
