/** What shells are told of the command line, out of the commands' own descriptions. */
import { entryColumns } from "../../audit/read/entry-columns.ts";
import { recordDefinitions, recordShortNames } from "../../kql/record-fields.ts";
import type { CommandEntry, CommandSpec, OptionSpec } from "../command-line.ts";

/** What may stand in one place. */
export type CompletedValue =
  | { readonly kind: "words"; readonly words: readonly string[] }
  /** Words with commas between them. */
  | { readonly kind: "list"; readonly words: readonly string[] }
  | { readonly kind: "file" | "directory" | "filter" | "anything" };

/** An option. */
export interface CompletedOption {
  /** Without dashes. */
  readonly name: string;
  /** One letter; `undefined`: none. */
  readonly short: string | undefined;
  readonly help: string;
  /** `undefined`: it takes none. */
  readonly value: CompletedValue | undefined;
  readonly isRepeatable: boolean;
}

/** A command, or a word that others follow. */
export interface CompletedCommand {
  /** Words behind `es-proxy`; empty: none yet. */
  readonly path: readonly string[];
  /** Words that may follow, with what they are. */
  readonly commands: readonly (readonly [name: string, summary: string])[];
  readonly options: readonly CompletedOption[];
  readonly operands: readonly CompletedValue[];
}

const helpOption: OptionSpec = { name: "help", short: "h", help: "Show this help." };
const columnNames = entryColumns.map(({ name }) => name);
const files = new Set(["FILE", "PATH", "ROUTER"]);

/** Words that begin a comparison in a filter, with the values that are known. */
export const filterWords: readonly (readonly [name: string, values: readonly string[]])[] =
  Object.entries(recordShortNames).map(([name, fields]) => [
    name,
    [...new Set(fields.flatMap((field) => recordDefinitions[field]?.values ?? []))],
  ]);

/** All commands, `es-proxy` itself first. @param positional the form without a command */
export async function completionModel(
  commands: readonly CommandEntry[],
  positional: CommandSpec,
): Promise<readonly CompletedCommand[]> {
  const own = { ...commandOf([], positional), operands: [] };
  return [{ ...own, commands: summaries(commands) }, ...(await below([], commands))];
}

async function below(
  path: readonly string[],
  commands: readonly CommandEntry[],
): Promise<CompletedCommand[]> {
  const found: CompletedCommand[] = [];
  for (const entry of commands) {
    const { name } = entry;
    const command = await entry.load();
    const inner = [...path, name];
    if ("commands" in command) {
      const words = summaries(command.commands);
      found.push({ path: inner, commands: words, options: [completed(helpOption)], operands: [] });
      found.push(...(await below(inner, command.commands)));
    } else if ("help" in command)
      found.push({
        path: inner,
        commands: [],
        options: optionsOfHelp(command.help),
        operands: [],
      });
    else if (name === "help")
      found.push({ ...commandOf(inner, command), commands: summaries(commands) });
    else found.push(commandOf(inner, command));
  }
  return found;
}

function summaries(commands: readonly CommandEntry[]): (readonly [string, string])[] {
  return commands.map(({ name, summary }) => [name, summary]);
}

function commandOf(path: readonly string[], spec: CommandSpec): CompletedCommand {
  const operands = [...spec.operands, ...(spec.optionalOperands ?? [])];
  return {
    path,
    commands: [],
    options: [...spec.options, helpOption].map(completed),
    operands: operands.map((name) => valueOf(name, "")),
  };
}

function completed({ name, short, value, help, isRepeatable }: OptionSpec): CompletedOption {
  return {
    name,
    short,
    help,
    value: value === undefined ? undefined : valueOf(value, help),
    isRepeatable: isRepeatable === true,
  };
}

/**
 * What a value is, by what the help calls it: alternatives stand in the name (`text|ecs`), or at
 * the beginning of the help (`html, json; default: html.`).
 */
function valueOf(name: string, help: string): CompletedValue {
  if (name === "KQL" || name === "filter") return { kind: "filter" };
  if (files.has(name)) return { kind: "file" };
  if (name.split("|").includes("DIR")) return { kind: "directory" };
  if (/^[a-z]+(?:\|[a-z]+)+$/.test(name)) return { kind: "words", words: name.split("|") };
  if (name === "COLUMN") return { kind: "words", words: columnNames };
  if (name.startsWith("A,B") && /^Columns|columns/.test(help))
    return { kind: "list", words: columnNames };
  const words = /^([a-z][\w-]*(?:(?:, | or )[a-z][\w-]*)+)\s*[;.]/.exec(help)?.[1];
  if (words === undefined) return { kind: "anything" };
  return { kind: "words", words: words.split(/, | or /) };
}

/** Options of a command that describes itself: lines such as `  -p, --port PORT  Port …`. */
function optionsOfHelp(help: string): CompletedOption[] {
  const lines = help.matchAll(/^ {2}(?:-(\w), | {4})--([a-z-]+)(?: ([A-Z|a-z-]+))? {2,}(\S.*)$/gm);
  return Array.from(lines, ([, short, name = "", value, text = ""]) => ({
    name,
    short,
    help: text,
    value: value === undefined ? undefined : valueOf(value, text),
    isRepeatable: false,
  }));
}
