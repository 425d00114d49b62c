import type { ProxyConfig } from "../config/config.ts";
import type { CommandLine } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { UsageError } from "./usage-error.ts";

/**
 * Loads the file given with `--config`; problems and warnings go to stderr, one a line.
 *
 * @throws {UsageError} without `--config`
 */
export async function readConfig(
  command: string,
  line: CommandLine,
): Promise<
  { readonly file: string; readonly config: ProxyConfig } | { readonly exitCode: number }
> {
  const file = line.value("config");
  if (file === undefined) throw new UsageError(command, "--config FILE is missing");
  // YAML and the schema are loaded only where a file is read.
  const [{ loadConfig }, { formatDiagnostic }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/diagnostic.ts"),
  ]);
  const result = await loadConfig(file);
  if ("problems" in result) {
    for (const problem of result.problems) process.stderr.write(`${formatDiagnostic(problem)}\n`);
    return { exitCode: exitCodes.configuration };
  }
  for (const warning of result.warnings)
    process.stderr.write(
      `${formatDiagnostic({ ...warning, message: `warning: ${warning.message}` })}\n`,
    );
  return { file, config: result.config };
}

/** The same file for a running proxy: nothing is printed, every problem is one line. */
export async function rereadConfig(
  file: string,
): Promise<{ readonly config: ProxyConfig } | { readonly problems: readonly string[] }> {
  if (file === "-")
    return { problems: ["the configuration came from standard input and cannot be read again"] };
  const [{ loadConfig }, { formatDiagnostic }] = await Promise.all([
    import("../config/load.ts"),
    import("../config/diagnostic.ts"),
  ]);
  const result = await loadConfig(file);
  return "problems" in result
    ? { problems: result.problems.map(formatDiagnostic) }
    : { config: result.config };
}
