import assert from "node:assert/strict";
import test from "node:test";

import { apiEndpoints, matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import { CursorDigest } from "../../../src/elasticsearch/body/cursor-digest.ts";
import { requestFacts } from "../../../src/elasticsearch/body/request/request-reader.ts";
import { responseFacts } from "../../../src/elasticsearch/body/response/response-reader.ts";
import { requestFingerprint } from "../../../src/elasticsearch/fingerprint/request-fingerprint.ts";
import { DistinctSketch } from "../../../src/elasticsearch/reads/distinct-sketch.ts";
import { readPage } from "../../../src/elasticsearch/reads/page-of-facts.ts";
import { ReadJoiner } from "../../../src/elasticsearch/reads/read-joiner.ts";
import type { ReadOperation } from "../../../src/elasticsearch/reads/read-operation.ts";
import { readRole } from "../../../src/elasticsearch/reads/read-page.ts";

const digest = new CursorDigest(Buffer.alloc(32, 7));

/** An exchange: call, request body, response body. */
type Exchange = readonly [call: string, request: object | undefined, response: object];

/** Reads the bodies as the follower does, and joins what they say. */
function operationsOf(exchanges: readonly Exchange[]): ReadOperation[] {
  const ended: ReadOperation[] = [];
  const ignore = (): void => undefined;
  const joiner = new ReadJoiner({
    assigned: ignore,
    merged: ignore,
    ended: (operation) => ended.push(operation),
  });
  for (const [at, [call, requestBody, responseBody]] of exchanges.entries()) {
    const [method = "", target = ""] = call.split(" ");
    const match = matchApiEndpoint(method, target);
    const requestBytes = Buffer.from(requestBody === undefined ? "" : JSON.stringify(requestBody));
    const responseBytes = Buffer.from(JSON.stringify(responseBody));
    const ids = new DistinctSketch();
    const returned = {
      document: (index: string | undefined, id: string | undefined): void =>
        ids.add(index ?? "", id ?? ""),
    };
    const request = requestFacts(
      match,
      { contentType: "application/json", startedMs: 0 },
      { digest },
    );
    const fingerprint = requestFingerprint(match);
    for (const reader of [request, fingerprint])
      reader?.write(requestBytes, 0, requestBytes.length);
    const head = { status: 200, contentType: "application/json" };
    const response = responseFacts(match, head, { digest, returned });
    response.write(responseBytes, 0, responseBytes.length);
    const page = readPage(
      {
        id: `e${at}`,
        apiEndpoint: match.endpoint.name,
        startedMs: 1000 * at,
        endedMs: 1000 * at + 20,
        status: 200,
        user: "alice",
        fingerprint: fingerprint?.finish()?.hash,
        responseBytes: responseBytes.length,
        ids,
        keepAliveMs: undefined,
      },
      request.finish(),
      response.finish(),
    );
    if (page !== undefined) joiner.add(page);
  }
  joiner.finish();
  return ended;
}

function hits(...ids: string[]): object {
  return {
    hits: {
      hits: ids.map((id) => ({ _index: ".ds-logs-2024.03.22-000001", _id: id, _source: {} })),
    },
  };
}

function summary(operations: readonly ReadOperation[]): object[] {
  return operations.map(({ kind, indices, calls, documents, distinctDocuments, end }) => ({
    kind,
    indices: indices.join(),
    calls,
    documents,
    distinctDocuments,
    end,
  }));
}

test("joins a scroll from what its bodies say", () => {
  const query = { query: { match_all: {} }, size: 2 };
  const operations = operationsOf([
    ["POST /logs-*/_search?scroll=1m", query, { _scroll_id: "s1", ...hits("1", "2") }],
    ["GET /other/_doc/1", undefined, { _index: "other", _id: "1", found: true }],
    ["POST /_search/scroll", { scroll_id: "s1" }, { _scroll_id: "s2", ...hits("3", "2") }],
    ["POST /_search/scroll", { scroll_id: "s2" }, { _scroll_id: "s2", ...hits() }],
    ["DELETE /_search/scroll", { scroll_id: ["s2"] }, { succeeded: true }],
  ]);
  assert.deepEqual(summary(operations), [
    {
      kind: "scroll",
      indices: "logs-*",
      calls: 3,
      documents: 4,
      distinctDocuments: 3,
      end: "exhausted",
    },
  ]);
});

test("joins the searches of a point in time", () => {
  const search = (from: string, to: string, ...ids: string[]): Exchange => [
    "POST /_search",
    { pit: { id: from }, sort: ["_shard_doc"], search_after: [1] },
    { pit_id: to, ...hits(...ids) },
  ];
  const operations = operationsOf([
    ["POST /logs-*/_pit?keep_alive=1m", undefined, { id: "p1" }],
    search("p1", "p2", "1"),
    search("p2", "p2", "2"),
    ["DELETE /_pit", { id: "p2" }, { succeeded: true }],
  ]);
  assert.deepEqual(summary(operations), [
    {
      kind: "point_in_time",
      indices: "logs-*",
      calls: 2,
      documents: 2,
      distinctDocuments: 2,
      end: "closed",
    },
  ]);
});

test("joins pages by search_after and by from, and SQL by its cursor", () => {
  const query = { query: { term: { a: "x" } }, sort: ["b"] };
  const operations = operationsOf([
    ["POST /a/_search", query, hits("1")],
    [
      "POST /_sql",
      { query: "SELECT x FROM t" },
      { columns: [{ name: "x" }], rows: [[1], [2]], cursor: "c" },
    ],
    ["POST /a/_search", { ...query, search_after: [1] }, hits("2")],
    ["POST /_sql", { cursor: "c" }, { rows: [[3]] }],
    ["POST /a/_search", { ...query, from: 2 }, hits()],
    ["POST /b/_search", query, hits("9")],
  ]);
  const byKind = summary(operations).sort((one, other) =>
    JSON.stringify(one) < JSON.stringify(other) ? -1 : 1,
  );
  assert.deepEqual(byKind, [
    {
      kind: "paging",
      indices: "a",
      calls: 3,
      documents: 2,
      distinctDocuments: 2,
      end: "exhausted",
    },
    { kind: "sql", indices: "t", calls: 2, documents: 3, distinctDocuments: 0, end: "exhausted" },
  ]);
});

test("knows the calls of reads by the names of the endpoint table", () => {
  const known = apiEndpoints().filter(({ name }) => readRole(name) !== undefined);
  assert.equal(known.length, 23);
});
