import type { CommandGroup } from "../command-line.ts";

/** `es-proxy audit`. */
export const auditCommands: CommandGroup = {
  name: "audit",
  summary:
    "Asks an audit trail: who did what, when, from where, and what came back. Reads a live or a\n" +
    "copied directory without the proxy and without a cluster; changes nothing.",
  commands: [
    {
      name: "query",
      summary: "List, count or chart what matches a filter.",
      load: async () => (await import("./query-command.ts")).queryCommand,
    },
    {
      name: "show",
      summary: "Show one exchange: both halves, timings, bodies.",
      load: async () => (await import("./show-command.ts")).showCommand,
    },
  ],
};
