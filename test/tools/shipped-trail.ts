/** A trail that grows and rotates while a shipper of others reads it, and where it ships to. */
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";

import { ClusterClient } from "../../src/audit/ship/cluster-client.ts";
import { setUp } from "../../src/audit/ship/stream-setup.ts";
import { valueAt, type AuditDocument } from "../../src/audit/format/audit-document.ts";
import { allRecords, basic, MadeTrail } from "../audit/read/made-directory.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import type { TrailTarget } from "./trail-target.ts";

const dataStream = "logs-es_proxy.records-default";
/** What the files in `deploy/` name. */
export const deployed = { directory: "/var/log/es-proxy", host: "https://audit.internal" } as const;
const deadlineMs = 60_000;

export class ShippedTrail implements AsyncDisposable {
  readonly folder: TempDir;
  readonly target: TrailTarget;
  readonly #made: MadeTrail;

  private constructor(folder: TempDir, target: TrailTarget) {
    this.folder = folder;
    this.target = target;
    mkdirSync(this.directory, { recursive: true });
    this.#made = new MadeTrail(this.directory, { inlineBodyBytes: 16_384, rotateBytes: 40_000 });
  }

  static async make(target: TrailTarget): Promise<ShippedTrail> {
    const client = new ClusterClient(clusterAt(target.url));
    await setUp(client, { dataStream, retention: "90d", replicas: 0, codec: "default" });
    await client.close();
    return new ShippedTrail(await makeTempDir(), target);
  }

  get directory(): string {
    return this.folder.file("audit");
  }

  /** Adds exchanges, with what escapes differently, and what is long. */
  async grow(count: number): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      this.#made.clock.monotonicMs += 100;
      const target = n % 7 === 0 ? `/i/_search?q=${"x".repeat(9000)}` : `/i/_search?q=a%22"\\b${n}`;
      await this.#made.exchange({ authorization: basic(`us\u00e9r-${n % 5}`), target });
    }
  }

  /** Waits until there is a document of each record, and compares what they hold. */
  async expectAll(): Promise<number> {
    const expected = new Map<string, AuditDocument>();
    for (const records of allRecords(this.directory).values())
      for (const record of records) expected.set(keyOf(record), record);
    let found: { _id: string; _source: AuditDocument }[] = [];
    await waitFor(
      `${expected.size} documents`,
      async () => (found = await this.#documents()).length >= expected.size,
      deadlineMs,
    );
    assert.equal(found.length, expected.size);
    assert.equal(new Set(found.map(({ _id }) => _id)).size, expected.size);
    for (const { _source } of found) {
      const record = expected.get(keyOf(_source));
      assert.ok(record !== undefined, keyOf(_source));
      for (const path of ["url.original", "user.name", "es_proxy", "http", "event.sequence"])
        assert.deepEqual(valueAt(_source, path), valueAt(record, path), path);
      const [own, theirs] = [record, _source].map((one) =>
        Date.parse(String(valueAt(one, "@timestamp"))),
      );
      assert.equal(theirs, own, "@timestamp");
    }
    return found.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#made.trail.close();
    await this.folder.remove();
  }

  async #documents(): Promise<{ _id: string; _source: AuditDocument }[]> {
    const client = new ClusterClient(clusterAt(this.target.url));
    try {
      const page = (await client.request({
        method: "POST",
        path: `/${dataStream}/_search`,
        body: JSON.stringify({ size: 10_000 }),
      })) as { hits: { hits: { _id: string; _source: AuditDocument }[] } };
      return page.hits.hits;
    } catch {
      return [];
    } finally {
      await client.close();
    }
  }
}

function keyOf(record: AuditDocument): string {
  return `${String(valueAt(record, "event.id"))}-${String(valueAt(record, "es_proxy.record"))}`;
}

function clusterAt(url: string) {
  return { nodes: [url], authorization: () => Promise.resolve(undefined), timeoutMs: 10_000 };
}
