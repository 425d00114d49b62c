import type { CommandEntry } from "./command-line.ts";

/** Every command that exists, in the order of the help. */
export const commands: readonly CommandEntry[] = [
  {
    name: "run",
    summary: "Run the proxy with a configuration file.",
    load: async () => (await import("./run-command.ts")).runCommand,
  },
  {
    name: "validate",
    summary: "Check a configuration file and the files it names; binds no port.",
    load: async () => (await import("./validate-command.ts")).validateCommand,
  },
  {
    name: "status",
    summary: "Show the state of a running proxy.",
    load: async () => (await import("./status-command.ts")).statusCommand,
  },
  {
    name: "reload",
    summary: "Have a running proxy read its configuration again.",
    load: async () => (await import("./reload-command.ts")).reloadCommand,
  },
  {
    name: "audit",
    summary: "Ask a trail: who did what, and what came back; needs no running proxy.",
    load: async () => (await import("./audit/audit-commands.ts")).auditCommands,
  },
  {
    name: "tcp",
    summary: "Route TCP connections by their first bytes, with a function of yours.",
    load: async () => {
      const { runTcpCommand } = await import("./tcp.ts");
      const { tcpHelp } = await import("./tcp-line.ts");
      return { help: tcpHelp, runArguments: runTcpCommand };
    },
  },
  {
    name: "explore",
    summary: "Ask an audit trail in a browser.",
    load: async () => (await import("./explore-command.ts")).exploreCommand,
  },
  {
    name: "witness",
    summary: "Cosign the checkpoints of other proxies' logs.",
    load: async () => (await import("./witness-command.ts")).witnessCommand,
  },
  {
    name: "schema",
    summary: "Print the JSON Schema of the configuration, for editors.",
    load: async () => (await import("./schema-command.ts")).schemaCommand,
  },
  {
    name: "completion",
    summary: "Print what completes commands and options in bash, zsh or fish.",
    load: async () => (await import("./completion-command.ts")).completionCommand(commands),
  },
  {
    name: "version",
    summary: "Print the version.",
    load: async () => (await import("./version-command.ts")).versionCommand,
  },
  {
    name: "help",
    summary: "Show this help, or the help of a command.",
    load: async () => (await import("./help-command.ts")).helpCommand(commands),
  },
];

/** The command with this name. */
export function findCommand(name: string): CommandEntry | undefined {
  return commands.find((command) => command.name === name);
}
