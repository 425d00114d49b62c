import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import type { TestContext } from "node:test";
import { loadConfig } from "../../src/config/load.ts";
import { formatDiagnostic } from "../../src/config/diagnostic.ts";
import { startProxy, type ProxyProcess } from "../../src/proxy.ts";
import { prometheusText } from "../../src/metrics/prometheus-text.ts";
import { recordingLog, type LogLine } from "../audit/trail-fixture.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { Client, type TestServer } from "./tcp-fixture.ts";

/** A proxy in this process, made from a configuration file; closed when the test ends. */
export interface Configured {
  readonly proxy: ProxyProcess;
  readonly folder: TempDir;
  readonly logged: readonly LogLine[];
  /** The port of a listener. */
  port(name?: string): number;
  connect(name?: string): Promise<Client>;
  /** Writes the files and does what SIGHUP does. @throws {Error} with the problems */
  reload(text: string, files?: Readonly<Record<string, string>>): Promise<void>;
  /** Records of the ecs journal so far. */
  records(): Readonly<Record<string, unknown>>[];
  /** One series of the metrics, with its labels. */
  metric(series: string): number | undefined;
}

/** @param files router files by name, next to the configuration */
export async function startConfigured(
  t: TestContext,
  text: string,
  files: Readonly<Record<string, string>>,
): Promise<Configured> {
  const folder = await makeTempDir();
  t.after(() => folder.remove());
  const logged: LogLine[] = [];
  const proxy = await startProxy(await load(folder, text, files), recordingLog(logged), {
    version: "1.2.3",
  });
  t.after(() => proxy.close());
  const port = (name = "git"): number =>
    Number(
      /:(\d+)$/.exec(proxy.listeners.find((listener) => listener.name === name)?.url ?? "")?.[1] ??
        0,
    );
  return {
    proxy,
    folder,
    logged,
    port,
    connect: (name) => Client.connect(t, placeOf(port(name))),
    reload: async (changed, others = {}) => proxy.reload(await load(folder, changed, others)),
    records: () =>
      readFileSync(folder.file("audit/audit.ndjson"), "utf8")
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    metric: (series) => {
      const line = prometheusText(proxy.report().metrics)
        .split("\n")
        .find((one) => one.startsWith(`${series} `));
      return line === undefined ? undefined : Number(line.slice(series.length + 1));
    },
  };
}

/** A place to connect to that no server of the test owns. */
export function placeOf(port: number): TestServer {
  return { port, remote: `127.0.0.1:${port}`, sockets: [], close: async () => {} };
}

async function load(folder: TempDir, text: string, files: Readonly<Record<string, string>>) {
  for (const [name, content] of Object.entries(files)) await writeFile(folder.file(name), content);
  await writeFile(folder.file("es.yaml"), text);
  const result = await loadConfig(folder.file("es.yaml"));
  if ("problems" in result) throw new Error(result.problems.map(formatDiagnostic).join("\n"));
  return result.config;
}
