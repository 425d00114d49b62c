import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { readTrailWithFacts } from "../../src/audit/facts/facts-trail.ts";
import { valueAt } from "../../src/audit/format/audit-document.ts";
import { TrailIndex } from "../../src/audit/index/trail-index.ts";
import { listJournals } from "../../src/audit/read/catalog.ts";
import type { LineIndex } from "../../src/audit/read/line-index.ts";
import type { TrailEntry } from "../../src/audit/read/trail-entry.ts";
import { compileFilter } from "../../src/kql/filter.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import {
  buildIndexes,
  deriveFacts,
  sightingsOf,
  smallTrail,
  whoHas,
} from "./index/generated-trail.ts";

let whole: TempDir;
let lean: TempDir;

before(async () => {
  [whole, lean] = [await makeTempDir(), await makeTempDir()];
  for (const [folder, ecsResponse] of [
    [whole, "whole"],
    [lean, "lean"],
  ] as const) {
    await smallTrail(folder.path, { exchanges: 300, rotateBytes: 150_000, ecsResponse });
    await deriveFacts(folder.path);
    await buildIndexes(folder.path);
  }
});

after(async () => {
  await whole.remove();
  await lean.remove();
});

/** What an exchange is known by in both trails. */
function factsOf(entry: TrailEntry): string {
  const documents = [entry.opening?.document ?? {}, entry.closing?.document ?? {}];
  return [
    "http.request.method",
    "url.original",
    "url.path",
    "user.name",
    "source.ip",
    "source.port",
    "es_proxy.class",
    "es_proxy.indices",
    "es_proxy.route",
    "es_proxy.pool",
    "es_proxy.listener",
    "es_proxy.outcome",
    "event.action",
    "http.request.body.content",
    "http.response.status_code",
    "http.response.body.bytes",
  ]
    .map((field) => {
      const value = documents.map((document) => valueAt(document, field)).find((it) => it ?? false);
      return JSON.stringify(value);
    })
    .join(" ");
}

async function found(
  directory: string,
  question: string,
  index: LineIndex | undefined,
): Promise<string[]> {
  const facts: string[] = [];
  const filter = compileFilter(question, { nowMs: Date.now() });
  for await (const entries of readTrailWithFacts({ directory, filter, order: "begin", index }))
    facts.push(...entries.filter(({ kind }) => kind === "exchange").map(factsOf));
  return facts.sort();
}

const questions = [
  "*",
  "user: user-3",
  "not user: user-0",
  "user: user-1 and status: 404",
  "user: user-9 or status: 404",
  "not (index: patients-0 or action: search)",
  "class: write and status < 400",
  "es_proxy.route: / and not status: 200",
  "source.ip: * and es_proxy.listener: * and status >= 400",
  "http.request.method: POST and es_proxy.outcome: completed",
  "not es_proxy.facts.indices: patients-1",
  "docs > 5 and user: user-2",
  "user-5",
  "body: vip and user: user-4",
];

test("filters find the same exchanges with lean response records as with whole ones", async () => {
  let count = 0;
  const indexes = [whole, lean].map(
    ({ path }) => new TrailIndex(path, (segment, reason) => assert.fail(segment + reason), 0),
  );
  for (const question of questions) {
    const expected = await found(whole.path, question, undefined);
    assert.deepEqual(await found(lean.path, question, undefined), expected, question);
    assert.deepEqual(await found(lean.path, question, indexes[1]), expected, question);
    count += expected.length;
  }
  for (const index of indexes) index.close();
  assert.ok(count > 500, `${count} found`);
});

test("who has touched a document is the same", async () => {
  const seen = async ({ path }: TempDir): Promise<string[]> =>
    sightingsOf((await whoHas(path, "patients-*", "vip-0")).found)
      // Ids are random.
      .map((sighting) => sighting.slice(sighting.indexOf(" ")))
      .sort();
  const expected = await seen(whole);
  assert.ok(expected.length > 0);
  assert.deepEqual(await seen(lean), expected);
});

test("lean response records hold no more than what their requests do not say", async () => {
  const bytes = ({ path }: TempDir): number =>
    listJournals(path)
      .flatMap(({ segments }) => segments)
      .reduce((sum, { name }) => sum + statSync(join(path, name)).size, 0);
  assert.ok(bytes(lean) < bytes(whole));
  for await (const entries of readTrailWithFacts({ directory: lean.path, order: "begin" }))
    for (const { opening, closing } of entries) {
      if (opening === undefined || closing?.document === undefined) continue;
      const { document } = closing;
      for (const field of ["url", "source", "user", "client", "es_proxy.route", "es_proxy.pool"])
        assert.equal(valueAt(document, field), undefined, field);
      for (const field of ["ecs.version", "event.id", "event.action", "es_proxy.process"])
        assert.equal(typeof valueAt(document, field), "string", field);
    }
});
