/** Reads the command lines of this repository's tools, those of tests and benchmarks included. */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";

/** What a tool was asked for. */
type CommandLine<Options extends ParseArgsOptionsConfig> = ReturnType<
  typeof parseArgs<{ options: Options; allowPositionals: true }>
>;

/**
 * The options and operands of this process. `--help` prints the usage and ends it with 0; what the
 * usage does not name ends it with one line and 2.
 *
 * @param usage what the tool does, its options with units and defaults, and examples
 * @param mostOperands how many words without a dash it takes
 */
export function readCommandLine<const Options extends ParseArgsOptionsConfig>(
  usage: string,
  options: Options,
  mostOperands = 0,
): CommandLine<Options> {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) {
    process.stdout.write(usage);
    process.exit(0);
  }
  try {
    const found = parseArgs({ args, options, allowPositionals: true });
    const further = found.positionals[mostOperands];
    if (further !== undefined) refuse(`"${further}" is one word too many`);
    return found;
  } catch (error) {
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/** A number of the command line; ends the process where the text is none, or below `least`. */
export function numberOf(
  text: string | undefined,
  name: string,
  fallback: number,
  least = 1,
): number {
  if (text === undefined) return fallback;
  const number = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isFinite(number) && number >= least) return number;
  return refuse(`${name} needs a number of at least ${least}, not "${text}"`);
}

/** One of the words that may stand there; ends the process where the text is another. */
export function oneOf<T extends string>(text: string, name: string, known: readonly T[]): T {
  const found = known.find((word) => word === text);
  if (found !== undefined) return found;
  return refuse(`${name} is one of ${known.join(", ")}, not "${text}"`);
}

/** Ends the process with one line that says what is wrong with its command line. */
function refuse(problem: string): never {
  // Node adds how to say a positional argument, which no tool here needs.
  const [first = ""] = problem.split(/\n|\. To specify/u, 1);
  process.stderr.write(`${first} (--help tells what there is)\n`);
  process.exit(2);
}
