/** A trail, and the mock that it is shipped to. */
import type { TestContext } from "node:test";

import { ClusterClient, type ClusterOptions } from "../../../src/audit/ship/cluster-client.ts";
import { Shipper, type ShipListener } from "../../../src/audit/ship/shipper.ts";
import { readStream } from "../../../src/audit/ship/stream-reader.ts";
import { setUp } from "../../../src/audit/ship/stream-setup.ts";
import { readTrail } from "../../../src/audit/read/trail-reader.ts";
import type { TrailEntry } from "../../../src/audit/read/trail-entry.ts";
import type { AuditDocument } from "../../../src/audit/format/audit-document.ts";
import { compileFilter } from "../../../src/kql/filter.ts";
import { startMockEs, type MockEs } from "../../../mock-es/index.ts";
import { makeTempDir, type TempDir } from "../../support/temp-dir.ts";

export const dataStream = "logs-es_proxy.audit-default";
export const never = new AbortController().signal;

/** What the writer leaves behind a time without room on the disk. */
export const gapLine =
  '{"@timestamp":"2026-11-23T05:00:00.000000000Z","event":{"kind":"event","dataset":' +
  '"es_proxy.audit","sequence":99,"id":"01a206c6-0000-7000-8000-0000000000aa",' +
  '"action":"audit.gap","category":["configuration"],"type":["info"],"outcome":"failure",' +
  '"reason":"ENOSPC"},"es_proxy":{"record":"gap","process":"x","gap":{"records":12}}}';

/** A trail, and a mock that its documents are shipped to. */
export class Fleet {
  readonly directory: TempDir;
  readonly mock: MockEs;
  readonly told: string[] = [];
  shipped = 0;
  looks = 0;

  private constructor(directory: TempDir, mock: MockEs) {
    this.directory = directory;
    this.mock = mock;
  }

  static async start(t: TestContext): Promise<Fleet> {
    const directory = await makeTempDir();
    const mock = await startMockEs({ instantRefresh: true, seed: 7 });
    t.after(async () => {
      await mock.close();
      await directory.remove();
    });
    const fleet = new Fleet(directory, mock);
    const client = new ClusterClient(fleet.cluster);
    await setUp(client, { dataStream, retention: "90d", replicas: 0, codec: "default" });
    await client.close();
    return fleet;
  }

  get cluster(): ClusterOptions {
    return {
      nodes: [this.mock.url],
      authorization: () => Promise.resolve(undefined),
      timeoutMs: 5000,
    };
  }

  shipper(bodyBytes = 0, cluster = this.cluster): Shipper {
    const listener: ShipListener = {
      problem: ({ message }) => this.told.push(message),
      gap: () => undefined,
      shipped: (count) => {
        this.shipped += count;
      },
      caughtUp: () => {
        this.looks += 1;
      },
      refused: (id, status) => this.told.push(`refused ${id} ${status}`),
      failed: (reason) => this.told.push(`failed ${reason}`),
      lost: (journal) => this.told.push(`lost ${journal}`),
    };
    return new Shipper(
      {
        directory: this.directory.path,
        name: "target",
        cluster,
        dataStream,
        host: "proxy-1",
        originOf: (journal) => `example.com/log/${journal}`,
        bodyBytes,
        everyMs: 20,
        awaitsFacts: false,
      },
      listener,
    );
  }

  /** Ships all there is, as one run of the command does. */
  async ship(bodyBytes = 0): Promise<void> {
    const shipper = this.shipper(bodyBytes);
    try {
      await shipper.drain(never);
    } finally {
      await shipper.close();
    }
  }

  async documents(): Promise<AuditDocument[]> {
    const found: AuditDocument[] = [];
    const client = new ClusterClient(this.cluster);
    const page = (await client.request({
      method: "POST",
      path: `/${dataStream}/_search`,
      body: JSON.stringify({ size: 10_000, sort: ["@timestamp", "event.id"] }),
    })) as { hits: { hits: { _id: string; _source: AuditDocument }[] } };
    for (const { _source } of page.hits.hits) found.push(_source);
    await client.close();
    return found;
  }

  async streamed(kql?: string): Promise<string[]> {
    const client = new ClusterClient(this.cluster);
    const filter = kql === undefined ? undefined : compileFilter(kql, { nowMs: Date.now() });
    const seen: string[] = [];
    for await (const entries of readStream(client, { dataStream, filter, pageSize: 7 }))
      seen.push(...entries.map(shown));
    await client.close();
    return seen;
  }

  async read(kql?: string): Promise<string[]> {
    const filter = kql === undefined ? undefined : compileFilter(kql, { nowMs: Date.now() });
    const seen: string[] = [];
    for await (const entries of readTrail({ directory: this.directory.path, filter }))
      seen.push(...entries.map(shown));
    return seen;
  }
}

/** All that readers may see of an entry, but for bodies. */
export function shown(entry: TrailEntry): string {
  const values = ["event.id", "event.action", "user.name", "url.original", "es_proxy.record"]
    .concat(["http.response.status_code", "event.duration", "event.sequence", "es_proxy.indices"])
    .map((path) => JSON.stringify(entry.value(path)));
  return `${entry.kind} ${entry.startMs} ${entry.isOpen} ${values.join(" ")}`;
}
