import { writeFile } from "node:fs/promises";
import { startConfiguredProxy } from "../../support/proxy-process.ts";
import { makeTempDir } from "../../support/temp-dir.ts";
import type { WithProxy } from "./run-all.ts";

/** One es-proxy process with the limits that the vectors ask for, its audit in a folder. */
export const withEsProxy: WithProxy = async (originPort, use) => {
  await using folder = await makeTempDir("vectors");
  const file = folder.file("es-proxy.yaml");
  await writeFile(
    file,
    `
listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools:
  es:
    endpoints: ["http://127.0.0.1:${originPort}"]
    limits: {response_header_bytes: 64KiB, response_headers: 1000}
audit: {directory: ${folder.file("audit")}}
`,
  );
  await using proxy = await startConfiguredProxy(file);
  await use(proxy);
};
