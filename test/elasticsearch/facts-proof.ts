/** Compares the facts of an audit with what the cluster says when everything is over. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";

import { request } from "undici";

import { documentUses, type DocumentUse } from "../../src/audit/examine/document-uses.ts";
import { readDocumentsLine } from "../../src/audit/facts/facts-line.ts";
import { readOperations } from "../../src/audit/index/read-operations.ts";
import type { ReadOperation } from "../../src/elasticsearch/reads/read-operation.ts";
import { startConfiguredProxy } from "../support/proxy-process.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import {
  conflictEvery,
  documentId,
  largeIndex,
  smallIndex,
  touched,
  type FactsScale,
} from "./facts-scenario.ts";

/** A client of some language that runs the scenario against a URL. */
export type FactsClient = (url: string, scale: FactsScale) => Promise<void>;

/** What was found to be the same. */
export interface FactsReport {
  readonly written: number;
  readonly failed: number;
  readonly read: number;
  readonly scrolled: number;
  readonly scrollCalls: number;
}

/** Documents of one request that fills an index. */
const fillSize = 10_000;

/**
 * Fills the indices directly, has the client run the scenario through a proxy that derives facts,
 * stops the proxy and compares.
 *
 * @param url the server, plain HTTP on 127.0.0.1
 * @throws {AssertionError} at the first difference
 */
export async function proveFacts(
  url: string,
  client: FactsClient,
  scale: FactsScale,
): Promise<FactsReport> {
  await using folder = await makeTempDir("es-proxy-facts");
  const directory = folder.file("audit");
  await fill(url, scale);
  await writeFile(
    folder.file("es.yaml"),
    `listeners: [{name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}]
pools: {es: {endpoints: ["${url}"]}}
audit: {directory: ${directory}, facts: true}
`,
  );
  await using proxy = await startConfiguredProxy(folder.file("es.yaml"));
  await client(`http://127.0.0.1:${proxy.port}`, scale);
  proxy.child.signal("SIGTERM");
  const { code } = await proxy.child.exited(30_000);
  assert.equal(code, 0, proxy.child.stderr);
  const uses = usesIn(directory);
  const small = await compareSmall(url, uses, scale);
  const scroll = await compareScroll(url, directory, uses, scale);
  for (const index of [smallIndex, largeIndex]) await call(url, "DELETE", `/${index}`);
  return { ...small, ...scroll };
}

async function fill(url: string, scale: FactsScale): Promise<void> {
  for (const index of [smallIndex, largeIndex])
    await call(url, "DELETE", `/${index}?ignore_unavailable=true`);
  const settings = JSON.stringify({ settings: { number_of_shards: 1, number_of_replicas: 0 } });
  for (const index of [smallIndex, largeIndex]) await call(url, "PUT", `/${index}`, settings);
  const there = Array.from({ length: scale.documents }, (_, at) => at)
    .filter((at) => at % conflictEvery === 0)
    .map((at) => line(documentId(at), { n: at, prepared: true }));
  await bulk(url, smallIndex, there);
  for (let first = 0; first < scale.scrolled; first += fillSize) {
    const count = Math.min(fillSize, scale.scrolled - first);
    await bulk(
      url,
      largeIndex,
      Array.from({ length: count }, (_, at) => line(`large-${first + at}`, { n: first + at })),
    );
  }
}

function line(id: string, source: unknown): string {
  return `{"index":{"_id":"${id}"}}\n${JSON.stringify(source)}\n`;
}

async function bulk(url: string, index: string, lines: readonly string[]): Promise<void> {
  const answer = await call(url, "POST", `/${index}/_bulk?refresh=true`, lines.join(""));
  assert.equal((answer as { errors: boolean }).errors, false);
}

async function call(url: string, method: string, path: string, body?: string): Promise<unknown> {
  const type = path.includes("_bulk") ? "application/x-ndjson" : "application/json";
  const { body: answer } = await request(`${url}${path}`, {
    method,
    body: body ?? null,
    headers: body === undefined ? {} : { "content-type": type },
  });
  return answer.json();
}

type Uses = ReadonlyMap<DocumentUse, ReadonlyMap<string, readonly string[]>>;

/** Every document of every exchange: use → index → ids, one for each time. */
function usesIn(directory: string): Uses {
  const found = new Map<DocumentUse, Map<string, string[]>>();
  for (const name of readdirSync(directory).filter((file) => file.endsWith(".documents")))
    for (const text of readFileSync(`${directory}/${name}`, "latin1").split("\n").slice(0, -1)) {
      const line = readDocumentsLine(Buffer.from(text, "latin1"));
      for (const use of documentUses)
        for (const [index, ids] of line?.uses[use] ?? []) {
          const byIndex = found.get(use) ?? new Map<string, string[]>();
          found.set(use, byIndex.set(index, [...(byIndex.get(index) ?? []), ...ids]));
        }
    }
  return found;
}

function idsOf(uses: Uses, use: DocumentUse, index: string): string[] {
  return [...(uses.get(use)?.get(index) ?? [])].sort();
}

interface Hit {
  readonly _id: string;
  readonly _source: { readonly prepared?: boolean; readonly changed?: boolean };
}

async function compareSmall(
  url: string,
  uses: Uses,
  { documents }: FactsScale,
): Promise<Pick<FactsReport, "written" | "failed" | "read">> {
  await call(url, "POST", `/${smallIndex}/_refresh`);
  const answer = await call(url, "POST", `/${smallIndex}/_search?size=10000`);
  const { hits } = (answer as { hits: { hits: Hit[] } }).hits;
  const there = new Map(hits.map((hit) => [hit._id, hit._source]));
  const numbers = Array.from({ length: documents }, (_, at) => at);
  const failed = numbers.filter((at) => at % conflictEvery === 0).map(documentId);
  // What failed is what the cluster still has as it was before.
  assert.deepEqual(
    [...there]
      .filter(([, source]) => source.prepared === true)
      .map(([id]) => id)
      .sort(),
    [...failed].sort(),
  );
  assert.deepEqual(idsOf(uses, "tried", smallIndex), [...failed].sort());
  const changed = [...there].filter(([, source]) => source.changed === true).map(([id]) => id);
  assert.deepEqual(changed.sort(), touched.updated.map(documentId).sort());
  const deleted = touched.deleted.map(documentId);
  assert.ok(deleted.every((id) => !there.has(id)));
  const created = [...there.keys()].filter((id) => !failed.includes(id));
  const wrote = [...created, ...deleted, ...changed, ...deleted].sort();
  assert.deepEqual(idsOf(uses, "wrote", smallIndex), wrote);
  const read = [
    ...numbers.slice(0, touched.searchSize).map(documentId),
    ...touched.got.map(documentId),
    ...touched.many.map(documentId),
  ].sort();
  assert.deepEqual(idsOf(uses, "read", smallIndex), read);
  return { written: wrote.length, failed: failed.length, read: read.length };
}

async function compareScroll(
  url: string,
  directory: string,
  uses: Uses,
  { scrolled, pageSize }: FactsScale,
): Promise<Pick<FactsReport, "scrolled" | "scrollCalls">> {
  const { count } = (await call(url, "GET", `/${largeIndex}/_count`)) as { count: number };
  assert.equal(count, scrolled);
  const read = idsOf(uses, "read", largeIndex);
  assert.equal(read.length, scrolled);
  assert.equal(new Set(read).size, scrolled);
  const operations: ReadOperation[] = [];
  await readOperations({
    directory,
    onOperation: (operation) => operations.push(operation),
    listener: { problem: ({ message }) => assert.fail(message), gap: () => undefined },
  });
  const scrolls = operations.filter(({ kind }) => kind === "scroll");
  assert.equal(scrolls.length, 1);
  const [scroll] = scrolls;
  assert.equal(scroll?.documents, scrolled);
  // The last page is empty.
  assert.equal(scroll.calls, Math.ceil(scrolled / pageSize) + 1);
  assert.deepEqual(
    [scroll.indices, scroll.failedCalls, scroll.end],
    [[largeIndex], 0, "exhausted"],
  );
  const error = Math.abs(scroll.distinctDocuments - scrolled) / scrolled;
  assert.ok(error < 0.06, `distinct documents are off by ${(100 * error).toFixed(1)} %`);
  return { scrolled, scrollCalls: scroll.calls };
}
