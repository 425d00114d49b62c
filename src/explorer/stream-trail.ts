/** The trail of a whole fleet, as the explorer asks it: the data stream that proxies ship to. */
import type { ReadListener } from "../audit/read/read-problem.ts";
import type { TrailEntry } from "../audit/read/trail-entry.ts";
import type { ClusterClient } from "../audit/ship/cluster-client.ts";
import { searchStreamDocument, untoldInStream } from "../audit/ship/stream-documents.ts";
import { readStreamOperations } from "../audit/ship/stream-operations.ts";
import { findInStream } from "../audit/ship/stream-query.ts";
import { readStream } from "../audit/ship/stream-reader.ts";
import { tailStream } from "../audit/ship/stream-tail.ts";
import { countInStream, youngestInStream } from "../audit/ship/stream-youngest.ts";
import type { ReadOperation } from "../elasticsearch/reads/read-operation.ts";
import { entryRow, rowColumns } from "./entry-row.ts";
import type {
  DocumentName,
  ExploredTrail,
  OlderRows,
  TrailParts,
  TrailSightings,
  TrailTold,
  YoungestRows,
} from "./explored-trail.ts";
import type { Question } from "./question.ts";

/** Documents a page: small, so that the first rows come soon. */
const pageSize = 1000;

export class StreamTrail implements ExploredTrail {
  /** Bodies that were not shipped are where their proxy is. */
  readonly directory = "";
  readonly #client: ClusterClient;
  readonly #dataStream: string;

  constructor(client: ClusterClient, dataStream: string) {
    this.#client = client;
    this.#dataStream = dataStream;
  }

  prepare(): Promise<void> {
    return Promise.resolve();
  }

  async *read(
    { filter, sinceMs, untilMs }: Question & { readonly order?: "any" },
    { onProgress, listener }: TrailTold,
  ): AsyncGenerator<readonly TrailEntry[]> {
    const dataStream = this.#dataStream;
    const onGap = listener.gap.bind(listener);
    const options = { dataStream, filter, sinceMs, untilMs, pageSize, onGap, listener };
    const total = await countInStream(this.#client, options);
    let done = 0;
    onProgress(done, total);
    for await (const entries of readStream(this.#client, options)) {
      done += entries.length;
      onProgress(Math.min(done, total), total);
      yield entries;
    }
  }

  tail(
    { filter }: Pick<Question, "filter">,
    listener: ReadListener,
    signal: AbortSignal,
  ): AsyncIterable<readonly TrailEntry[]> {
    const dataStream = this.#dataStream;
    return tailStream(this.#client, { dataStream, filter, listener, history: 0, signal });
  }

  async youngest(question: Question, count: number): Promise<YoungestRows> {
    if (question.untilMs !== undefined) return { rows: [], completeFromMs: Infinity };
    const entries = await this.#youngest(question, count);
    const completeFromMs = entries.length < count ? -Infinity : (entries.at(-1)?.startMs ?? 0);
    return { rows: entries.map(entryRow), completeFromMs };
  }

  async older(question: Question, count: number): Promise<OlderRows> {
    // One more tells whether there are more.
    const entries = await this.#youngest(question, count + 1);
    const rows = entries.slice(0, count).map(entryRow);
    return { columns: rowColumns, rows, isAll: entries.length <= count };
  }

  find(id: string): Promise<TrailEntry | undefined> {
    return findInStream(this.#client, this.#dataStream, id);
  }

  async sightings(
    { filter, sinceMs, untilMs }: Question,
    document: DocumentName,
  ): Promise<TrailSightings> {
    const dataStream = this.#dataStream;
    const options = { dataStream, filter, sinceMs, untilMs, ...document };
    const { found, untold } = await searchStreamDocument(this.#client, options);
    return { found, untold: untoldInStream(untold) };
  }

  operations(onOperation: (read: ReadOperation) => void): Promise<void> {
    return readStreamOperations(this.#client, { dataStream: this.#dataStream }, onOperation);
  }

  parts(): Promise<TrailParts> {
    return Promise.resolve({ journals: [], locked: [] });
  }

  async proof(id: string): Promise<unknown> {
    const entry = await this.find(id);
    if (entry === undefined) return undefined;
    const journals = [entry.opening, entry.closing].flatMap((line) => line?.segment.journal ?? []);
    return {
      standing: "unknown",
      verdict: "unknown",
      sentences: [
        "A shipped document is no evidence by itself: the log that proves it lies beside the " +
          `trail (${[...new Set(journals)].join(", ")}) of the proxy that wrote it.`,
      ],
      records: [],
    };
  }

  shown(): Promise<void> {
    // Who reads the data stream is known to the cluster that holds it.
    return Promise.resolve();
  }

  #youngest({ filter, sinceMs, untilMs }: Question, count: number): Promise<TrailEntry[]> {
    const options = { dataStream: this.#dataStream, filter, sinceMs, untilMs };
    return youngestInStream(this.#client, options, count);
  }
}
