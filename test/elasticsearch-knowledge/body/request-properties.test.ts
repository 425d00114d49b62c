import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { matchApiEndpoint } from "../../../src/elasticsearch/api/api-endpoint.ts";
import type { DocumentListener } from "../../../src/elasticsearch/body/document-list.ts";
import type { RequestFacts } from "../../../src/elasticsearch/body/request/request-facts.ts";
import { requestFacts } from "../../../src/elasticsearch/body/request/request-reader.ts";
import { written } from "./answer-arbitraries.ts";
import { cut, mutated, pieceSizes, runs, stringText } from "./arbitraries.ts";
import { digest, sorted } from "./oracle-answer.ts";
import { isLiteral, items, members, scalars, textOf } from "./oracle-tree.ts";
import { parseWhole, type Node } from "./reference-json.ts";

function factsOf(
  target: string,
  body: Buffer,
  sizes: readonly number[],
  documents?: DocumentListener,
): RequestFacts {
  const match = matchApiEndpoint("POST", target);
  const head = { contentType: "application/json", startedMs: 0 };
  const reader = requestFacts(match, head, { digest, documents });
  for (const { piece, start, end } of cut(body, sizes)) {
    reader.write(piece, start, end);
    piece.fill(0);
  }
  return reader.finish();
}

// Bulk.

const metadata = fc.dictionary(
  fc.constantFrom("_index", "_id", "pipeline", "op_type", "routing", "_source", "\\u005findex"),
  fc.oneof(stringText, fc.constantFrom("7", "null", "true", '"create"', "{}", '["x"]')),
  { maxKeys: 3 },
);
const actionLine = fc
  .tuple(fc.constantFrom("index", "create", "update", "delete", "delete", "upsert"), metadata)
  .map(([action, pairs]) => {
    const inner = Object.entries(pairs).map(([name, value]) => `"${name}":${value}`);
    return { action, line: `{"${action}":{${inner.join(",")}}}` };
  });
const documentLine = fc.constantFrom(
  '{"a":1}',
  "",
  '{"delete":{}}',
  "no JSON at all {",
  '{"index":{"_index":"x"}}',
);
const bulk = fc
  .array(
    fc
      .tuple(actionLine, documentLine, fc.constantFrom("", "", "\n", "\r\n"))
      .map(([{ action, line }, document, blank]) =>
        action === "delete" ? `${line}\n${blank}` : `${line}\r\n${document}\n${blank}`,
      ),
    { maxLength: 6 },
  )
  .map((lines) => Buffer.from(lines.join("")));

interface BulkFacts {
  actions: unknown[];
  documents: unknown[];
  withoutId: number;
  fault: unknown;
}

/** Oracle: the lines of a bulk, one after the other. */
function bulkOf(body: Buffer, defaultIndex: string): BulkFacts {
  const facts: BulkFacts = { actions: [], documents: [], withoutId: 0, fault: undefined };
  const lines = body.toString("latin1").split("\n");
  const isUnterminated = lines.at(-1) !== "";
  if (!isUnterminated) lines.pop();
  let isDocument = false;
  for (const line of lines) {
    if (isDocument) {
      isDocument = false;
      continue;
    }
    const { root, fault } = parseWhole(Buffer.from(line, "latin1"));
    if (root === undefined && fault === undefined) continue;
    const first = [...items(root)][0];
    const found = first?.kind === "object" ? actionIn(first) : undefined;
    const isAccepted = fault === undefined || (fault === "end" && found?.isClosed === true);
    if (!isAccepted || found === undefined) {
      facts.fault = fault ?? "syntax";
      return facts;
    }
    const { action, index = defaultIndex, id } = found;
    isDocument = action !== "delete";
    facts.actions.push({ index, action });
    if (id === undefined) facts.withoutId += 1;
    facts.documents.push({ index, id });
  }
  if (isUnterminated) facts.fault = "end";
  return facts;
}

const actions = ["index", "create", "update", "delete"];

function actionIn(
  line: Node & { kind: "object" },
):
  | { action: string; index: string | undefined; id: string | undefined; isClosed: boolean }
  | undefined {
  for (const { name, value } of line.members)
    for (const item of items(value)) {
      if (item.kind !== "object") continue;
      const last = (member: string): string | undefined => {
        const found = [...members(item, member)].flatMap((node) => [...scalars(node)]);
        const kept = found.findLast((node) => !isLiteral(node, "null"));
        return kept === undefined ? undefined : textOf(kept);
      };
      const isKnown = actions.includes(name);
      const isCreate =
        name === "index" &&
        [...members(item, "op_type")]
          .flatMap((node) => [...scalars(node)])
          .some((node) => textOf(node) === "create");
      return {
        action: isCreate ? "create" : isKnown ? name : "unknown",
        index: isKnown ? last("_index") : undefined,
        id: isKnown ? last("_id") : undefined,
        isClosed: item.end >= 0,
      };
    }
  return undefined;
}

function counted(list: readonly unknown[]): unknown[] {
  const counts = new Map<string, number>();
  for (const one of list)
    counts.set(JSON.stringify(one), (counts.get(JSON.stringify(one)) ?? 0) + 1);
  return [...counts].map(([key, count]) => ({ ...(JSON.parse(key) as object), count }));
}

function assertBulk(body: Buffer, sizes: readonly number[]): void {
  const told: unknown[] = [];
  const facts = factsOf("/default/_bulk", body, sizes, {
    document: (index, id) => told.push({ index, id }),
  });
  const expected = bulkOf(body, "default");
  const actionsTold = facts.actions.map(({ index, action, count }) => ({ index, action, count }));
  assert.deepEqual(sorted(actionsTold), sorted(counted(expected.actions)));
  assert.deepEqual(told, expected.documents);
  assert.equal(facts.documents.count, expected.documents.length);
  assert.equal(facts.documents.withoutId, expected.withoutId);
  assert.equal(facts.body.reason, expected.fault);
}

test("bulk: the same actions and documents as line by line", () => {
  fc.assert(fc.property(bulk, pieceSizes, assertBulk), { numRuns: runs(1000) });
});

test("bulk: the same up to a fault", () => {
  fc.assert(fc.property(mutated(bulk), pieceSizes, assertBulk), { numRuns: runs(2000) });
});

test("bulk: 5,000 documents are summarised exactly", () => {
  const lines: string[] = [];
  for (let at = 0; at < 5000; at += 1)
    lines.push(`{"create":{"_index":"logs-${at % 7}","_id":"${at}"}}`, JSON.stringify({ at }));
  const facts = factsOf("/_bulk", Buffer.from(`${lines.join("\n")}\n`), [1000]);
  assert.deepEqual(
    facts.actions.map(({ index, action, count }) => [index, action, count]),
    Array.from({ length: 7 }, (_, at) => [`logs-${at}`, "create", at < 2 ? 715 : 714]),
  );
  assert.equal(facts.documents.count, 5000);
  assert.equal(facts.documents.first.length, 100);
  assert.deepEqual(facts.documents.first.at(-1), { index: "logs-1", id: "99" });
});

// Lookups.

const word = fc.constantFrom(
  "bool",
  "filter",
  "terms",
  "user",
  "geo_shape",
  "indexed_shape",
  "percolate",
  "pinned",
  "docs",
  "more_like_this",
  "like",
  "unlike",
  "query",
  "aggs",
  "filters",
  "script",
  "params",
  "doc",
);
const lookupPart = fc.dictionary(
  fc.constantFrom("index", "_index", "id", "_id", "path"),
  fc.oneof(fc.constantFrom("users", "7", ""), fc.integer(), fc.constant(null), fc.constant({})),
  { maxKeys: 3 },
);
const query = fc.letrec<{ query: object }>((tie) => ({
  query: fc.oneof(
    { depthSize: "medium" },
    lookupPart,
    fc
      .tuple(
        lookupPart,
        fc.dictionary(word, fc.oneof(tie("query"), fc.array(tie("query"), { maxLength: 3 })), {
          maxKeys: 3,
        }),
      )
      .map(([part, words]) => ({ ...part, ...words })),
  ),
})).query;
const search = written(fc.record({ query, post_filter: query }, { requiredKeys: [] }));

/** Oracle: every object of a query with an index and an id. */
function lookupsIn(node: Node, context: string, found: unknown[]): void {
  for (const item of items(node)) {
    if (item.kind !== "object") continue;
    let index: string | undefined;
    let id: string | undefined;
    for (const { name, value } of item.members) {
      for (const one of scalars(value)) {
        if (isLiteral(one, "null")) continue;
        if (name === "index" || name === "_index") index = textOf(one);
        if (name === "id" || name === "_id") id = textOf(one);
      }
      // Objects under these names have no shape.
      if (!["index", "_index", "id", "_id", "target_index"].includes(name))
        lookupsIn(value, contextOf(name, context), found);
    }
    if (id === undefined) continue;
    const kind = ["like", "pinned docs", "indexed_shape", "percolate"].includes(context)
      ? (kinds.get(context) ?? context)
      : "terms";
    if (index !== undefined || kind === "more_like_this") found.push({ kind, index, id });
    else if (kind === "indexed_shape") found.push({ kind, index: "shapes", id });
  }
}

const kinds = new Map([
  ["like", "more_like_this"],
  ["pinned docs", "pinned"],
]);

function contextOf(name: string, around: string): string {
  if (around === "more_like_this" && (name === "like" || name === "unlike")) return "like";
  if (around === "pinned" && name === "docs") return "pinned docs";
  return ["more_like_this", "pinned", "indexed_shape", "percolate"].includes(name) ? name : "";
}

function assertLookups(body: Buffer, sizes: readonly number[]): void {
  const facts = factsOf("/a/_search", body, sizes);
  const { root } = parseWhole(body);
  const found: unknown[] = [];
  if (root !== undefined) lookupsIn(root, "", found);
  assert.equal(facts.moreLookups, Math.max(0, found.length - 100));
  assert.deepEqual(facts.lookups, found.slice(0, 100));
}

test("search: the same lookups as in a parser of the whole body", () => {
  fc.assert(fc.property(search, pieceSizes, assertLookups), { numRuns: runs(1000) });
});

test("search: the same lookups up to a fault", () => {
  fc.assert(fc.property(mutated(search), pieceSizes, assertLookups), { numRuns: runs(1000) });
});
