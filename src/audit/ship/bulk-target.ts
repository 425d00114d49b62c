/** Sends documents to a data stream with `_bulk` and reads what became of each. */
import { ClusterError, type ClusterClient } from "./cluster-client.ts";
import { linesOf, type ShippedDocument } from "./document-batch.ts";

/** What became of one document. */
export type ItemOutcome =
  /** It is there, from now or from earlier. */
  | { readonly kind: "done" }
  /** It may be taken later. */
  | { readonly kind: "again"; readonly reason: string }
  /** It will never be taken. */
  | { readonly kind: "refused"; readonly status: number; readonly reason: string };

const wanted = ["status", "result", "failure_store", "error.type", "error.reason"]
  .map((member) => `items.*.${member}`)
  .concat("errors")
  .join();
const done: ItemOutcome = { kind: "done" };

/** A data stream. */
export class BulkTarget {
  readonly #client: Pick<ClusterClient, "request">;
  readonly #path: string;

  constructor(client: Pick<ClusterClient, "request">, dataStream: string) {
    this.#client = client;
    // A missing template must not make a plain index.
    this.#path =
      `/${encodeURIComponent(dataStream)}/_bulk` +
      `?require_data_stream=true&filter_path=${wanted}`;
  }

  /**
   * Sends documents.
   *
   * @returns what became of each, in their order
   * @throws {ClusterError} when the request as a whole has failed
   */
  async send(
    documents: readonly ShippedDocument[],
    signal: AbortSignal,
  ): Promise<readonly ItemOutcome[]> {
    const answer = await this.#client.request({
      method: "POST",
      path: this.#path,
      body: linesOf(documents),
      contentType: "application/x-ndjson",
      isCompressed: true,
      signal,
    });
    return outcomesOf(answer, documents.length);
  }
}

interface BulkItem {
  readonly status?: number;
  readonly result?: string;
  readonly failure_store?: string;
  readonly error?: { readonly type?: string; readonly reason?: string };
}

function outcomesOf(answer: unknown, count: number): readonly ItemOutcome[] {
  // Each member is looked at before it is used.
  const { items } = (answer ?? {}) as { items?: readonly Readonly<Record<string, BulkItem>>[] };
  if (!Array.isArray(items) || items.length !== count)
    throw new ClusterError(`an answer told of ${items?.length ?? 0} documents out of ${count}`);
  return items.map((item: Readonly<Record<string, BulkItem>>) => outcomeOf(item["create"]));
}

/** Why a document is not in the data stream although its answer sounds well. */
function elsewhere({ result, failure_store: failureStore }: BulkItem): string | undefined {
  // A pipeline or the mapping failed, and the failure store is enabled.
  if (failureStore === "used") return "it went into the failure store of the data stream";
  return result === "noop" ? "a pipeline of the cluster has dropped it" : undefined;
}

/** 409: it was created by an earlier request, whose answer may have been lost. */
function outcomeOf(item: BulkItem | undefined): ItemOutcome {
  const status = item?.status ?? 0;
  const lost = item === undefined ? undefined : elsewhere(item);
  if (lost !== undefined) return { kind: "refused", status, reason: lost };
  if ((status >= 200 && status < 300) || status === 409) return done;
  const reason = `${item?.error?.type ?? "no type"}: ${item?.error?.reason ?? "no reason"}`;
  // What the cluster lacks now (an index, a right, room) can come; what a document is cannot.
  if (status === 400 || status === 413) return { kind: "refused", status, reason };
  const hint = status === 404 ? " (es-proxy audit setup makes the template)" : "";
  return { kind: "again", reason: `${status} ${reason}${hint}` };
}
