import { z } from "zod";

import { auditSchema } from "./audit-schema.ts";
import { defaults } from "./defaults.ts";
import { address, count, durationOr, file, name, shown } from "./scalar-schemas.ts";
import { httpListenerSchema, tcpListenerSchema } from "./listener-schema.ts";
import { poolSchema } from "./pool-schema.ts";
import { listenerTls } from "./tls-schema.ts";

/** The `admin` section. */
export const adminSchema = z
  .strictObject({
    bind: address.describe("host:port, [v6]:port or unix:/path."),
    token_file: file
      .optional()
      .describe("File with the bearer token. Required on addresses that other machines can reach."),
    tls: listenerTls.optional(),
    hide: z
      .array(z.enum(["status", "health", "backends", "metrics", "livez", "readyz"]))
      .default([])
      .describe("Parts that are not served."),
  })
  .describe("Status, health and metrics on a listener of their own. Absent: none.");

/** The `explorer` section. */
export const explorerSchema = z
  .strictObject({
    bind: adminSchema.shape.bind,
    token_file: adminSchema.shape.token_file,
    identity_file: file
      .optional()
      .describe(
        "Private keys of age (age-keygen), by which segments encrypted with " +
          "`audit.archive.recipients` are read. They then lie on this machine.",
      ),
    tls: listenerTls.optional(),
  })
  .describe(
    "The audit explorer: a page that asks the trail of `audit.directory`, on a listener of its " +
      "own. Absent: none.",
  );

/** The keys of the file that are neither lists nor maps of their own schema. */
export const generalSchema = z.strictObject({
  workers: z
    .union([count(1, 1024), z.literal("auto")], {
      error: (issue) => `expected a number from 1 to 1024, or auto; got ${shown(issue.input)}`,
    })
    .default(defaults.workers)
    .describe("Worker processes behind the listeners; `auto`: one per available core."),
  drain_timeout: durationOr(defaults.drainTimeoutMs).describe(
    "Time that running exchanges get after SIGTERM or SIGINT.",
  ),
  fail_on_dead_pool: z
    .boolean()
    .default(false)
    .describe("Refuse to start when a pool with a health check has no healthy endpoint."),
});

/**
 * The whole file. Loading validates section by section; this is what `es-proxy schema` publishes.
 */
export const fileSchema = z
  .strictObject({
    ...generalSchema.shape,
    listeners: z
      .array(z.union([httpListenerSchema, tcpListenerSchema]))
      .min(1)
      .describe("Where clients connect."),
    pools: z.record(name, poolSchema).describe("Where requests go, by name."),
    audit: auditSchema.optional(),
    admin: adminSchema.optional(),
    explorer: explorerSchema.optional(),
  })
  .describe(
    "Configuration of es-proxy. Durations are written 10s, sizes 16KiB; relative file " +
      "names start at the folder of this file.",
  );

/** Parsed sections, as `assemble.ts` takes them. */
export type ListenerSection =
  | z.output<typeof httpListenerSchema>
  | z.output<typeof tcpListenerSchema>;
export type HttpListenerSection = z.output<typeof httpListenerSchema>;
export type PoolSection = z.output<typeof poolSchema>;
export type AuditSection = z.output<typeof auditSchema>;
export type AdminSection = z.output<typeof adminSchema>;
export type ExplorerSection = z.output<typeof explorerSchema>;
