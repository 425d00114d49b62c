import { writeFile } from "node:fs/promises";
import { type AuditLine, readAudit } from "./audit-reader.ts";
import { respond } from "./origin-scripts.ts";
import type { ChildOptions } from "./child-process.ts";
import { type ProxyProcess, startConfiguredProxy, startProxy } from "./proxy-process.ts";
import { connectRaw, type RawClient } from "./raw-client.ts";
import {
  type OriginExchange,
  type OriginOptions,
  type OriginScript,
  type RecordingOrigin,
  startOrigin,
} from "./recording-origin.ts";
import { makeTempDir, type TempDir } from "./temp-dir.ts";

/** A proxy process in front of a recording origin that is scripted by target. */
export interface ProxiedOrigin extends AsyncDisposable {
  readonly proxy: ProxyProcess;
  readonly origin: RecordingOrigin;
  readonly folder: TempDir;
  /** Plays `script` for requests to this target; everything else gets 200 and `{"ok":true}`. */
  when(target: string, script: OriginScript): void;
  /** Plays `script` as soon as the head of a request to this target is there. */
  whenHead(target: string, script: OriginScript): void;
  /** A fresh connection to the proxy. */
  client(options?: { keepsBodies?: boolean; startsPaused?: boolean }): Promise<RawClient>;
  /** The audit records so far whose exchange had this target's path, in order. */
  audit(path: string): Promise<AuditLine[]>;
}

/** How {@link startProxiedOrigin} starts. */
export interface ProxiedOriginOptions extends Pick<OriginOptions, "keepsBodies" | "startsPaused"> {
  /**
   * A configuration with `bind: 127.0.0.1:0`; gets the origin's port and a folder. Absent: the
   * ancestor's form.
   */
  readonly config?: (originPort: number, folder: string) => string;
  /** How the proxy's process is started. */
  readonly child?: ChildOptions;
}

/** Starts both; `await using` stops both. The audit goes to the folder `audit` in `ecs`. */
export async function startProxiedOrigin(
  options: ProxiedOriginOptions = {},
): Promise<ProxiedOrigin> {
  const scripts = new Map<string, OriginScript>();
  const headScripts = new Map<string, OriginScript>();
  const ordinary = respond({ body: '{"ok":true}' });
  const play = (
    map: ReadonlyMap<string, OriginScript>,
    exchange: OriginExchange,
  ): OriginScript | undefined => map.get(exchange.request.head.target);
  const origin = await startOrigin({
    ...options,
    onRequest: (exchange) => (play(scripts, exchange) ?? ordinary)(exchange),
    onHead: (exchange) => play(headScripts, exchange)?.(exchange),
  });
  const folder = await makeTempDir("proxied");
  const auditFolder = folder.file("audit");
  const proxy = await start(options, origin.port, folder, auditFolder);
  return {
    proxy,
    origin,
    folder,
    when: (target, script) => void scripts.set(target, script),
    whenHead: (target, script) => void headScripts.set(target, script),
    client: (clientOptions) => {
      if (proxy.child.ended !== undefined)
        throw new Error(`the proxy has ended; its stderr:\n${proxy.child.stderr}`);
      return connectRaw({ host: proxy.host, port: proxy.port, ...clientOptions });
    },
    audit: async (path) =>
      (await readAudit(auditFolder, { allowTornTail: true })).filter(({ record }) =>
        JSON.stringify(record).includes(`"${path}"`),
      ),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]();
      await origin.close();
      await folder.remove();
    },
  };
}

async function start(
  options: ProxiedOriginOptions,
  originPort: number,
  folder: TempDir,
  auditFolder: string,
): Promise<ProxyProcess> {
  if (options.config === undefined)
    return startProxy({
      remotePort: originPort,
      args: ["--no-tls", "--audit", auditFolder, "--format", "ecs"],
      ...options.child,
    });
  const file = folder.file("es-proxy.yaml");
  await writeFile(file, options.config(originPort, folder.path));
  return startConfiguredProxy(file, options.child);
}
