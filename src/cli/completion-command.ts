/** The command `es-proxy completion`. */
import { bashCompletion } from "./completion/bash-completion.ts";
import { completionModel } from "./completion/completion-model.ts";
import { fishCompletion } from "./completion/fish-completion.ts";
import { zshCompletion } from "./completion/zsh-completion.ts";
import type { CommandEntry, CommandSpec } from "./command-line.ts";
import { exitCodes } from "./exit-codes.ts";
import { positionalCommand } from "./legacy-command.ts";
import { UsageError } from "./usage-error.ts";

const scripts = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const;
const shells = Object.keys(scripts) as (keyof typeof scripts)[];

/** `es-proxy completion`. @param commands all that are completed */
export function completionCommand(commands: readonly CommandEntry[]): CommandSpec {
  return {
    name: "completion",
    summary: "Print what completes commands, options and filters in bash, zsh or fish.",
    operands: [shells.join("|")],
    options: [],
    examples: [
      ["source <(es-proxy completion bash)", "In ~/.bashrc."],
      ['es-proxy completion zsh > "${fpath[1]}/_es-proxy"', "Before compinit runs."],
      ["es-proxy completion fish > ~/.config/fish/completions/es-proxy.fish", "Once."],
    ],
    async run(line) {
      const shell = shells.find((name) => name === line.operands[0]);
      if (shell === undefined)
        throw new UsageError("completion", `the shell is one of ${shells.join(", ")}`);
      process.stdout.write(scripts[shell](await completionModel(commands, positionalCommand)));
      return exitCodes.ok;
    },
  };
}
