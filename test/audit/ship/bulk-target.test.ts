import assert from "node:assert/strict";
import { test } from "node:test";

import { BulkTarget } from "../../../src/audit/ship/bulk-target.ts";
import type { ClusterRequest } from "../../../src/audit/ship/cluster-client.ts";
import { DocumentBatch } from "../../../src/audit/ship/document-batch.ts";

/** What becomes of documents whose items in the answer are these. */
async function outcomesOf(...items: readonly unknown[]): Promise<readonly string[]> {
  const batch = new DocumentBatch();
  for (const at of items.keys()) batch.addText(String(at), "{}");
  const asked: ClusterRequest[] = [];
  const request = (one: ClusterRequest): Promise<unknown> => {
    asked.push(one);
    return Promise.resolve({ items: items.map((create) => ({ create })) });
  };
  const target = new BulkTarget({ request }, "logs-x-default");
  const outcomes = await target.send(batch.documents, new AbortController().signal);
  const filter = asked[0]?.path.split("filter_path=")[1]?.split(",") ?? [];
  for (const item of items)
    for (const member of Object.keys(item as object))
      assert.ok(
        filter.some((path) => path.startsWith(`items.*.${member}`)),
        member,
      );
  return outcomes.map((outcome) => ("reason" in outcome ? outcome.reason : outcome.kind));
}

test("a document that is there, from now or from earlier, is done", async () => {
  const conflict = { status: 409, error: { type: "version_conflict_engine_exception" } };
  assert.deepEqual(await outcomesOf({ status: 201, result: "created" }, conflict), [
    "done",
    "done",
  ]);
});

test("a document that went elsewhere with a good status is refused, not done", async () => {
  assert.deepEqual(
    await outcomesOf(
      { status: 201, result: "created", failure_store: "used" },
      { status: 200, result: "noop" },
    ),
    [
      "it went into the failure store of the data stream",
      "a pipeline of the cluster has dropped it",
    ],
  );
});

test("what the cluster lacks for now is asked again, what a document is cannot be mended", async () => {
  const error = { type: "t", reason: "r" };
  assert.deepEqual(
    await outcomesOf(
      { status: 400, error, failure_store: "failed" },
      { status: 429, error },
      { status: 404, error },
    ),
    ["t: r", "429 t: r", "404 t: r (es-proxy audit setup makes the template)"],
  );
});
