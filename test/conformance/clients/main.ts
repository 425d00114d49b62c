/**
 * Runs Elastic's client tests (YAML files of elastic/elasticsearch-clients-tests) with the official
 * client.
 *
 *     node test/conformance/clients/main.ts DIR [--url URL] [--through-proxy]
 *
 * Without `--url` against a mock of its own. With `--through-proxy` directly and then through a
 * proxy, each way with a mock of its own, and the verdicts must be the same. The files create and
 * delete their own indices, nothing else is touched. Exit codes: 0 no file failed, 1 a file failed
 * or the ways differ, 2 usage.
 */
import { Client } from "@elastic/elasticsearch";
import { clientCaller } from "./client-call.ts";
import type { FileResult } from "./run-file.ts";
import { runFolder, toTable } from "./run-folder.ts";
import { supportedApis, withMock, withProxy } from "./servers.ts";
import { readCommandLine } from "../../../scripts/command-line.ts";

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function runOnce(
  folder: string,
  url: string,
  supported?: ReadonlySet<string>,
): Promise<FileResult[]> {
  const client = new Client({ node: url });
  try {
    return await runFolder(folder, { call: clientCaller(client, supported) });
  } finally {
    await client.close();
  }
}

/** Runs against a given server, or against a mock of its own. */
async function onServer(
  given: string | undefined,
  use: (url: string, supported?: ReadonlySet<string>) => Promise<FileResult[]>,
): Promise<FileResult[]> {
  return given === undefined ? withMock((mock) => use(mock.url, supportedApis)) : use(given);
}

async function runWays(
  folder: string,
  given: string | undefined,
  throughProxy: boolean,
): Promise<boolean> {
  const direct = await onServer(given, (url, supported) => runOnce(folder, url, supported));
  print(`directly\n\n${toTable(direct)}`);
  const hasFailed = direct.some((result) => result.verdict === "fail");
  if (!throughProxy) return !hasFailed;
  const proxied = await onServer(given, (url, supported) =>
    withProxy(url, (proxyUrl) => runOnce(folder, proxyUrl, supported)),
  );
  print(`\nthrough the proxy\n\n${toTable(proxied)}`);
  const others = proxied.filter((result, at) => !isSame(result, direct[at]));
  for (const result of others) print(`not the same result as directly: ${result.path}`);
  return !hasFailed && others.length === 0 && proxied.every((result) => result.verdict !== "fail");
}

function isSame(a: FileResult, b: FileResult | undefined): boolean {
  const verdicts = (result: FileResult | undefined): string =>
    (result?.tests ?? []).map((test) => `${test.verdict} ${test.assertions}`).join();
  return a.verdict === b?.verdict && verdicts(a) === verdicts(b);
}

const { values, positionals } = readCommandLine(
  `Runs the YAML tests of Elastic's clients against the mock, or a server.

  node test/conformance/clients/main.ts DIR [options]    DIR holds YAML files

  --url URL          a server; everything on it is deleted between the tests (default: the mock)
  --through-proxy    the same through the proxy, and the record is compared

  node test/conformance/clients/main.ts ../elastic-clients-tests --through-proxy
`,
  {
    url: { type: "string" },
    "through-proxy": { type: "boolean" },
  },
  1,
);
const [folder, ...rest] = positionals;
if (folder === undefined || rest.length > 0) {
  process.stderr.write("usage: main.ts DIR [--url URL] [--through-proxy]; DIR holds YAML files\n");
  process.exitCode = 2;
} else {
  const passed = await runWays(folder, values.url, values["through-proxy"] === true);
  process.exitCode = passed ? 0 : 1;
}
