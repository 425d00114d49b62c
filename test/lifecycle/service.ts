import { writeFile } from "node:fs/promises";
import { request } from "node:http";
import { type Child, startScript } from "../support/child-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";

/** A running `es-proxy run` with an admin listener, and the file it was configured with. */
export interface Service extends AsyncDisposable {
  readonly child: Child;
  readonly folder: TempDir;
  readonly file: string;
  /** Port of the first listener. */
  readonly port: number;
  readonly adminPort: number;
  /** Replaces the configuration file. */
  write(text: string): Promise<void>;
  /** Asks the admin listener. */
  ask(method: string, path: string): Promise<{ readonly status: number; readonly body: string }>;
  /**
   * The value of one series, as it stands in the metrics without its labels' order changed;
   * `undefined`: it is not there.
   */
  metric(series: string): Promise<number | undefined>;
}

/**
 * Starts a proxy with the configuration `text`; relative names in it start at a folder of its own.
 */
export async function startService(text: string): Promise<Service> {
  const folder = await makeTempDir();
  const file = folder.file("es.yaml");
  await writeFile(file, text);
  const child = startScript("src/cli/main.ts", ["run", "--config", file]);
  const dispose = async (): Promise<void> => {
    await child.kill();
    await folder.remove();
  };
  try {
    const [, port] = await child.stderrMatch(/listening on http:\/\/127\.0\.0\.1:(\d+)/, 60_000);
    const [, adminPort] = await child.stderrMatch(/admin on http:\/\/127\.0\.0\.1:(\d+)/, 60_000);
    const ask: Service["ask"] = (method, path) => askPort(Number(adminPort), method, path);
    return {
      child,
      folder,
      file,
      port: Number(port),
      adminPort: Number(adminPort),
      ask,
      write: (changed) => writeFile(file, changed),
      metric: async (series) => {
        const { body } = await ask("GET", "/metrics");
        const line = body.split("\n").find((text) => text.startsWith(`${series} `));
        return line === undefined ? undefined : Number(line.slice(series.length + 1));
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** One request without keep-alive. @throws {Error} of the connection */
export function askPort(
  port: number,
  method: string,
  path: string,
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const asked = request(
    { host: "127.0.0.1", port, method, path, agent: false, timeout: 60_000 },
    (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (text: string) => (body += text));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", reject);
    },
  );
  asked.on("timeout", () => asked.destroy(new Error("no answer")));
  asked.on("error", reject);
  asked.end();
  return promise;
}
