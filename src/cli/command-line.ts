import { parseArgs } from "node:util";

import { suggestionText } from "../core/suggestion.ts";
import { UsageError } from "./usage-error.ts";

/** One option of a command. */
export interface OptionSpec {
  /** Without dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What its value is called in the help; absent: the option takes none. */
  readonly value?: string;
  /** It may be given more than once. */
  readonly isRepeatable?: boolean;
  readonly help: string;
}

/** A command: the content of its help, and what it does. */
export interface CommandSpec {
  /** Empty for the form without a command. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** Names of the operands that are required, in order. */
  readonly operands: readonly string[];
  /** Names of those that may follow. */
  readonly optionalOperands?: readonly string[];
  /** The last operand may be given more than once. */
  readonly repeatsOperand?: boolean;
  readonly options: readonly OptionSpec[];
  /** Command lines and what each does. */
  readonly examples: readonly (readonly [commandLine: string, effect: string])[];
  /** More for the help, after the options. */
  readonly notes?: string;
  /** Gives the exit code. */
  run(line: CommandLine): Promise<number>;
}

/** A command that reads its arguments itself, because they follow rules of an older program. */
export interface RawCommand {
  /** The whole help. */
  readonly help: string;
  /** Takes what stands behind the command's name and gives the exit code. */
  runArguments(args: readonly string[]): Promise<number>;
}

/** Commands whose names are two words, such as `audit query`. */
export interface CommandGroup {
  /** The first word. */
  readonly name: string;
  readonly summary: string;
  /** By their second words. */
  readonly commands: readonly CommandEntry[];
}

/** A command as the list of commands shows it; its code is loaded when it is used. */
export interface CommandEntry {
  readonly name: string;
  readonly summary: string;
  load(): Promise<CommandSpec | RawCommand | CommandGroup>;
}

/** A checked command line. */
export interface CommandLine {
  /** At least as many as are required, at most as many as the command has names for. */
  readonly operands: readonly string[];
  /** The value of an option, the last one of several; `undefined` where it was not given. */
  value(option: string): string | undefined;
  /** All values of an option, in their order. */
  values(option: string): readonly string[];
  isGiven(option: string): boolean;
}

/** Every command answers to it. */
const helpOption: OptionSpec = { name: "help", short: "h", help: "Show this help." };

/**
 * Reads the arguments of one command. An option may stand anywhere and be given once, unless it is
 * a repeatable one; `--` ends the options.
 *
 * @returns `help` when help was asked for
 * @throws {UsageError} with a suggestion for misspelt options
 */
export function parseCommandLine(spec: CommandSpec, args: readonly string[]): CommandLine | "help" {
  const options = [...spec.options, helpOption];
  const values = new Map<string, string[]>();
  const operands: string[] = [];
  const fail = (message: string): never => {
    throw new UsageError(spec.name, message);
  };
  for (const token of tokensOf(options, args)) {
    if (token.kind === "positional") operands.push(token.value);
    if (token.kind !== "option") continue;
    const option = options.find(({ name }) => name === token.name);
    if (option === undefined) {
      const names = options.map(({ name }) => `--${name}`);
      return fail(`unknown option ${token.rawName}${suggestionText(token.rawName, names)}`);
    }
    const earlier = values.get(option.name) ?? [];
    if (earlier.length > 0 && option.isRepeatable !== true) fail(`${token.rawName} is given twice`);
    if (option.value === undefined && token.value !== undefined)
      fail(`${token.rawName} takes no value`);
    // A lone dash means stdin or stdout; any other dash starts the next option.
    const isNextOption =
      token.inlineValue === false && token.value.startsWith("-") && token.value !== "-";
    if (
      option.value !== undefined &&
      (token.value === undefined || token.value === "" || isNextOption)
    )
      fail(`${token.rawName} needs a value: ${token.rawName} ${option.value}`);
    values.set(option.name, [...earlier, token.value ?? ""]);
  }
  if (values.has("help")) return "help";
  const missing = spec.operands.slice(operands.length);
  if (missing.length > 0)
    fail(`${missing.join(" ")} ${missing.length === 1 ? "is" : "are"} missing`);
  const surplus = operands[spec.operands.length + (spec.optionalOperands ?? []).length];
  if (surplus !== undefined && spec.repeatsOperand !== true)
    fail(`unexpected argument ${JSON.stringify(surplus)}`);
  return {
    operands,
    value: (name) => values.get(name)?.at(-1),
    values: (name) => values.get(name) ?? [],
    isGiven: (name) => values.has(name),
  };
}

/** The help of a command: usage, options, notes and examples. */
export function helpOf(spec: CommandSpec): string {
  const names = [...spec.operands, ...(spec.optionalOperands ?? []).map((name) => `[${name}]`)];
  const operands = names
    .map((operand, at) => ` ${operand}${isRepeated(spec, at, names.length) ? "…" : ""}`)
    .join("");
  const rows = [...spec.options, helpOption].map((option) => [flags(option), option.help] as const);
  const parts = [
    `Usage: es-proxy${spec.name === "" ? "" : ` ${spec.name}`}${operands} [options]`,
    spec.summary,
    `Options:\n${columns(rows)}`,
    ...(spec.notes === undefined ? [] : [spec.notes]),
    `Examples:\n${examplesText(spec.examples)}`,
  ];
  return `${parts.join("\n\n")}\n`;
}

/** Two columns, indented. */
export function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join("\n");
}

/** Each example above what it does. */
export function examplesText(examples: CommandSpec["examples"]): string {
  return examples.map(([line, effect]) => `  ${line}\n      ${effect}`).join("\n");
}

function isRepeated({ repeatsOperand }: CommandSpec, at: number, count: number): boolean {
  return repeatsOperand === true && at === count - 1;
}

function flags({ name, short, value }: OptionSpec): string {
  const letter = short === undefined ? "    " : `-${short}, `;
  return `${letter}--${name}${value === undefined ? "" : ` ${value}`}`;
}

function tokensOf(options: readonly OptionSpec[], args: readonly string[]) {
  const known = options.map((option) => [
    option.name,
    {
      type: option.value === undefined ? ("boolean" as const) : ("string" as const),
      ...(option.short === undefined ? {} : { short: option.short }),
    },
  ]);
  // Not strict: the messages of our own checks name what was meant.
  return parseArgs({
    args: [...args],
    options: Object.fromEntries(known),
    strict: false,
    allowPositionals: true,
    tokens: true,
  }).tokens;
}
