/**
 * Runs Elastic's client tests (YAML files of elastic/elasticsearch-clients-tests) with the official
 * client.
 *
 *     node test/conformance/clients/main.ts DIR [--url URL] [--through-proxy]
 *
 * Without `--url` against a mock of its own. With `--through-proxy` directly and then through a
 * proxy, and the verdicts must be the same. The files create and delete their own indices, nothing
 * else is touched. Exit codes: 0 no file failed, 1 a file failed or the ways differ, 2 usage.
 */
import { parseArgs } from "node:util";
import type { FileResult } from "./run-file.ts";
import { runFolder, toTable } from "./run-folder.ts";
import { withMock, withProxy } from "./servers.ts";

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function runWays(folder: string, url: string, throughProxy: boolean): Promise<boolean> {
  const direct = await runFolder(folder, url);
  print(`directly, ${url}\n\n${toTable(direct)}`);
  const hasFailed = direct.some((result) => result.verdict === "fail");
  if (!throughProxy) return !hasFailed;
  const proxied = await withProxy(url, (proxyUrl) => runFolder(folder, proxyUrl));
  print(`\nthrough the proxy\n\n${toTable(proxied)}`);
  const others = proxied.filter((result, at) => !isSame(result, direct[at]));
  for (const result of others) print(`not the same result as directly: ${result.path}`);
  return !hasFailed && others.length === 0 && proxied.every((result) => result.verdict !== "fail");
}

function isSame(a: FileResult, b: FileResult | undefined): boolean {
  return (
    b !== undefined &&
    a.verdict === b.verdict &&
    a.tests === b.tests &&
    a.assertions === b.assertions
  );
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { url: { type: "string" }, "through-proxy": { type: "boolean" } },
});
const [folder, ...rest] = positionals;
if (folder === undefined || rest.length > 0) {
  process.stderr.write("usage: main.ts DIR [--url URL] [--through-proxy]; DIR holds YAML files\n");
  process.exitCode = 2;
} else {
  const run = (url: string): Promise<boolean> =>
    runWays(folder, url, values["through-proxy"] === true);
  const passed =
    values.url === undefined ? await withMock((mock) => run(mock.url)) : await run(values.url);
  process.exitCode = passed ? 0 : 1;
}
