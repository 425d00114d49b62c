/** A proxy with one listener, one pool and an audit trail, for tests that ask about the trail. */
import { writeFileSync } from "node:fs";
import { stringify } from "yaml";
import type { ChildOptions } from "./child-process.ts";
import { startConfiguredProxy, type ProxyProcess } from "./proxy-process.ts";
import type { TempDir } from "./temp-dir.ts";

export interface AuditedProxyOptions {
  /** Port of the endpoint on 127.0.0.1. */
  readonly endpoint: number;
  /** @default 1 */
  readonly workers?: number;
  /** Keys of `audit`, as in a configuration. `directory` is `audit` in the folder by default. */
  readonly audit: Readonly<Record<string, unknown>>;
  /** How the process is started. */
  readonly process?: ChildOptions;
}

/**
 * Starts it with a configuration file in the folder.
 *
 * @throws {Error} like {@link startConfiguredProxy}
 */
export function startAuditedProxy(
  folder: TempDir,
  { endpoint, workers = 1, audit, process }: AuditedProxyOptions,
): Promise<ProxyProcess> {
  const file = folder.file("es.yaml");
  const configuration = {
    workers,
    listeners: [{ name: "es", bind: "127.0.0.1:0", routes: [{ path: "/", pool: "es" }] }],
    pools: { es: { endpoints: [`http://127.0.0.1:${endpoint}`] } },
    audit: { directory: folder.file("audit"), ...audit },
  };
  writeFileSync(file, stringify(configuration));
  return startConfiguredProxy(file, process);
}
