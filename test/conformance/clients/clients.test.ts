import assert from "node:assert/strict";
import { hash } from "node:crypto";
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { Client } from "@elastic/elasticsearch";
import type { MockEs } from "../../../mock-es/index.ts";
import { type RecordedExchange, recordingClient } from "../../elasticsearch/exchange-recorder.ts";
import { clientCaller } from "./client-call.ts";
import type { FileResult } from "./run-file.ts";
import { runFolder, sumLine, toTable } from "./run-folder.ts";
import { fetchSpecifications, runSpecification } from "./specification-run.ts";
import { supportedApis, withEmptyMock, withMock, withProxy } from "./servers.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const given = process.env["CLIENT_TESTS"];
const folder =
  given === undefined ? resolve(root, "../shared/elastic-clients-tests") : resolve(given);
const absent = `Elastic's client tests were NOT run: there is no folder ${folder} (set CLIENT_TESTS to a clone of elastic/elasticsearch-clients-tests)`;

test("Elastic's client tests pass against the mock, directly and through the proxy", async (t) => {
  if (!existsSync(folder)) {
    t.diagnostic(absent);
    t.skip(absent);
    return;
  }
  const direct = await withMock(async (mock) => {
    const client = new Client({ node: mock.url });
    try {
      return await runFolder(folder, { call: clientCaller(client, supportedApis) });
    } finally {
      await client.close();
    }
  });
  t.diagnostic(toTable(direct).split("\n").at(-1) ?? "");
  assert.ok(
    direct.some((result) => result.verdict === "pass"),
    "not one file passed",
  );
  assert.deepEqual(
    describe(direct, (result) => result.verdict === "fail"),
    [],
  );
  const proxied = await withMock((mock) =>
    withProxy(mock.url, (proxyUrl) => runRecorded(mock, proxyUrl)),
  );
  assert.deepEqual(proxied, direct, "the proxy changes a result");
  if (given === undefined) {
    // The part of the suite that lies beside the project is covered completely, and exactly.
    const isOpen = (result: FileResult): boolean =>
      result.tests.some((entry) => entry.verdict === "refused" || entry.loosened.length > 0);
    assert.deepEqual(describe(direct, isOpen), []);
  }
});

test("no test of the server's own REST API fails against the mock", async (t) => {
  const specifications = await fetchSpecifications().catch((error: unknown) => {
    // Maven and the network can be had where CI runs.
    if (process.env["CI"] === "true") throw error;
    const reason = `Elasticsearch's own YAML tests were NOT run: ${String(error)}`;
    t.diagnostic(reason);
    t.skip(reason);
  });
  if (specifications === undefined) return;
  const results = await withEmptyMock((mock) =>
    runSpecification(specifications, mock.url, "", true),
  );
  t.diagnostic(sumLine(results));
  assert.ok(results.some((result) => result.verdict === "pass"));
  assert.deepEqual(
    describe(results, (result) => result.verdict === "fail"),
    [],
  );
});

/**
 * Runs the files through the proxy and asserts that what the client got is what the mock answered,
 * byte by byte.
 */
async function runRecorded(mock: MockEs, proxyUrl: string): Promise<FileResult[]> {
  const { client, exchanges } = recordingClient({ url: proxyUrl, compression: false });
  const results = await runFolder(folder, { call: clientCaller(client, supportedApis) });
  await client.close();
  const answered = mock.requests.all().map(({ method, target, status, answerSha256 }) => {
    return `${method} ${target} ${status} ${method === "HEAD" ? "" : answerSha256}`;
  });
  assert.deepEqual(exchanges.map(toLine), answered);
  return results;
}

function toLine({ method, target, status, body }: RecordedExchange): string {
  return `${method} ${target} ${status} ${method === "HEAD" ? "" : hash("sha256", body)}`;
}

function describe(
  results: readonly FileResult[],
  isShown: (result: FileResult) => boolean,
): string[] {
  return results.filter(isShown).map(({ path, detail, tests }) => {
    const open = tests.filter((entry) => entry.verdict !== "pass" || entry.loosened.length > 0);
    const texts = open.map((entry) => `${entry.name}: ${entry.detail}${entry.loosened.join()}`);
    return `${path}: ${detail}${texts.join("; ")}`;
  });
}
