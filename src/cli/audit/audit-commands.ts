import type { CommandGroup } from "../command-line.ts";
import { withIdentity } from "./identity-option.ts";

/** `es-proxy audit`. */
export const auditCommands: CommandGroup = {
  name: "audit",
  summary:
    "Asks an audit trail: who did what, when, from where, and what came back. Reads a live or a\n" +
    "copied directory without the proxy and without a cluster; changes no record.",
  commands: [
    {
      name: "tail",
      summary: "Follow a trail while it is written.",
      load: async () => withIdentity((await import("./tail-command.ts")).tailCommand),
    },
    {
      name: "query",
      summary: "List, count or chart what matches a filter.",
      load: async () => withIdentity((await import("./query-command.ts")).queryCommand),
    },
    {
      name: "show",
      summary: "Show one exchange: both halves, timings, bodies.",
      load: async () => withIdentity((await import("./show-command.ts")).showCommand),
    },
    {
      name: "who",
      summary: "Say who was sent a document or wrote it.",
      load: async () => withIdentity((await import("./who-command.ts")).whoCommand),
    },
    {
      name: "sessions",
      summary: "Rank reads that took several calls, by documents.",
      load: async () => withIdentity((await import("./sessions-command.ts")).sessionsCommand),
    },
    {
      name: "index",
      summary: "Work out facts and indexes of a trail that has none, or anew.",
      load: async () => (await import("./index-command.ts")).indexCommand,
    },
    {
      name: "top",
      summary: "Rank users, sources, indices, actions by what they cost.",
      load: async () => withIdentity((await import("./top-command.ts")).topCommand),
    },
    {
      name: "diff",
      summary: "Compare two exchanges: requests and answers.",
      load: async () => withIdentity((await import("./diff-command.ts")).diffCommand),
    },
    {
      name: "replay",
      summary: "Send recorded requests to a server again and compare the answers.",
      load: async () => withIdentity((await import("./replay-command.ts")).replayCommand),
    },
    {
      name: "export",
      summary: "Write exchanges as HAR, curl commands, Console requests, NDJSON or CSV.",
      load: async () => withIdentity((await import("./export-command.ts")).exportCommand),
    },
    {
      name: "ship",
      summary: "Ship a trail to a data stream of an Elasticsearch.",
      load: async () => (await import("./ship-command.ts")).shipCommand,
    },
    {
      name: "setup",
      summary: "Make an Elasticsearch ready for what is shipped.",
      load: async () => (await import("./setup-command.ts")).setupCommand,
    },
    {
      name: "report",
      summary: "Make a page for a person who was not there: PCI DSS, GDPR, reads of a user.",
      load: async () => withIdentity((await import("./report-command.ts")).reportCommand),
    },
    {
      name: "verify",
      summary: "Check that no record was changed, removed, inserted or cut.",
      load: async () => withIdentity((await import("./verify-command.ts")).verifyCommand),
    },
    {
      name: "evidence",
      summary: "Pack exchanges with what proves them, for those who do not trust us.",
      load: async () => withIdentity((await import("./evidence-command.ts")).evidenceCommand),
    },
    {
      name: "erase",
      summary: "Erase exchanges, and leave the proof of all others whole.",
      load: async () => (await import("./erase-command.ts")).eraseCommand,
    },
    {
      name: "hold",
      summary: "Keep exchanges from being pruned and erased.",
      load: async () => (await import("./hold-command.ts")).holdCommand,
    },
    {
      name: "seal",
      summary: "End the segments that are written to.",
      load: async () => (await import("./seal-command.ts")).sealCommand,
    },
    {
      name: "prune",
      summary: "Remove full segments by age and size.",
      load: async () => (await import("./prune-command.ts")).pruneCommand,
    },
  ],
};
