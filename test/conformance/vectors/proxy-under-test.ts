import { startProxy } from "../../support/proxy-process.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import type { WithProxy } from "./run-all.ts";

/** One es-proxy process in the ancestor's form, its audit in a folder of its own. */
export const withEsProxy: WithProxy = async (originPort, use) => {
  await using folder = await makeTempDir("vectors");
  const args = ["--no-tls", "--audit", folder.path, "--format", "ecs"];
  await using proxy = await startProxy({ remotePort: originPort, args });
  await use(proxy);
};
