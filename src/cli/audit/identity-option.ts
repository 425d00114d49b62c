/** The option by which commands read encrypted segments. */
import { openKeys, readIdentities, useIdentities } from "../../audit/store/opened-keys.ts";
import { ProxyError } from "../../core/errors.ts";
import type { CommandLine, CommandSpec, OptionSpec } from "../command-line.ts";
import { UsageError } from "../usage-error.ts";

/** Whose private keys open encrypted segments. */
export const identityOption: OptionSpec = {
  name: "identity",
  value: "FILE",
  isRepeatable: true,
  help: "Private keys of age that open encrypted segments.",
};

/**
 * Has everything that is read from now on be read with the identities that were given.
 *
 * @throws {UsageError} when a file holds no identities
 */
export async function openIdentities(
  command: string,
  line: CommandLine,
  directory: string,
): Promise<void> {
  const files = line.values(identityOption.name);
  if (files.length === 0) return;
  try {
    useIdentities(files.flatMap(readIdentities));
    await openKeys(directory);
  } catch (error) {
    if (!(error instanceof ProxyError)) throw error;
    throw new UsageError(command, `--identity: ${error.message}`);
  }
}

/** The command with this option, behind that of the directory. */
export function withIdentity(spec: CommandSpec): CommandSpec {
  const at = spec.options.findIndex(({ name }) => name === "dir") + 1;
  return {
    ...spec,
    options: [...spec.options.slice(0, at), identityOption, ...spec.options.slice(at)],
    run: async (line) => {
      await openIdentities(spec.name, line, line.value("dir") ?? "./audit");
      return spec.run(line);
    },
  };
}
