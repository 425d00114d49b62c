import { writeFile } from "node:fs/promises";
import { type Authority, makeAuthority, writeIdentity } from "../support/certificates.ts";
import { type ProxyProcess, startConfiguredProxy, startProxy } from "../support/proxy-process.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { assertAuditPairs } from "./audit-pairs.ts";
import { replayRaw } from "./raw-replay.ts";
import { runScenarios, type ScenarioResult } from "./scenarios.ts";

/** One way of using the proxy. */
export interface Variant {
  readonly name: string;
  /** TLS between the client and the proxy. */
  readonly tls: boolean;
  readonly compression: boolean;
}

/** Every way in which the scenarios are run. */
export const variants: readonly Variant[] = [
  { name: "plain", tls: false, compression: false },
  { name: "compressed", tls: false, compression: true },
  { name: "over TLS", tls: true, compression: false },
  { name: "over TLS, compressed", tls: true, compression: true },
];

/** What one variant proved. */
export interface VariantReport {
  readonly scenarios: readonly ScenarioResult[];
  /** Requests replayed byte by byte. */
  readonly replayed: number;
  /** Exchanges in the audit, each as one pair of records. */
  readonly audited: number;
}

/**
 * Puts a proxy of its own in front of a server, runs the client scenarios and the raw replay
 * directly and through it, ends it with SIGTERM and checks its audit.
 *
 * @param url the server, plain HTTP on 127.0.0.1
 * @throws {AssertionError} at the first difference
 */
export async function proveTransparency(url: string, variant: Variant): Promise<VariantReport> {
  await using folder = await makeTempDir("es-proxy-scenarios");
  const authority = await makeAuthority();
  await using proxy = await startVariant(url, { folder, authority, variant });
  const place = {
    directUrl: url,
    proxyUrl: `${proxy.scheme}://localhost:${proxy.port}`,
    ...(variant.tls ? { ca: authority.certPem } : {}),
  };
  const scenarios = await runScenarios({ ...place, compression: variant.compression });
  const replayed = await replayRaw(place);
  proxy.child.signal("SIGTERM");
  const exit = await proxy.child.exited(20_000);
  if (exit.code !== 0) throw new Error(`the proxy ended with ${exit.code}:\n${proxy.child.stderr}`);
  const sent = [...scenarios.flatMap((scenario) => scenario.proxied), ...replayed];
  await assertAuditPairs(folder.file("audit"), sent);
  return { scenarios, replayed: replayed.length, audited: sent.length };
}

async function startVariant(
  url: string,
  options: { readonly folder: TempDir; readonly authority: Authority; readonly variant: Variant },
): Promise<ProxyProcess> {
  const { folder } = options;
  const remotePort = Number(new URL(url).port);
  const audit = folder.file("audit");
  if (!options.variant.tls) {
    return startProxy({ remotePort, args: ["--no-tls", "--audit", audit, "--format", "ecs"] });
  }
  // The short form uses TLS on both sides; the server here speaks plain HTTP.
  const files = await writeIdentity(folder.path, "proxy", await options.authority.server());
  const config = folder.file("config.yaml");
  await writeFile(
    config,
    `listeners:
  - name: es
    protocol: http
    bind: 127.0.0.1:0
    tls: {cert: ${files.cert}, key: ${files.key}}
    routes:
      - {path: /, pool: elasticsearch}
pools:
  elasticsearch:
    endpoints: ["http://127.0.0.1:${remotePort}"]
audit:
  directory: ${audit}
  format: ecs
`,
  );
  return startConfiguredProxy(config);
}
