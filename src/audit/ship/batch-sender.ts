/** Sends documents until each is taken or refused, however long the target is away. */
import { setTimeout as wait } from "node:timers/promises";

import { errorMessage } from "../../core/system-error.ts";
import type { BulkTarget } from "./bulk-target.ts";
import { ClusterError } from "./cluster-client.ts";
import type { ShippedDocument } from "./document-batch.ts";

/** Is told what happens on the way. */
export interface SendListener {
  /** Documents are at the target. */
  done(count: number): void;
  /** A document will never be taken. @throws {Error} when it cannot be kept: it is sent again */
  refused(document: ShippedDocument, status: number, reason: string): void;
  /** A request has failed or was only partly taken; it is sent again after a pause. */
  failed(reason: string): void;
}

/** The first pause after a failure; it doubles with each one. Milliseconds. */
const firstPauseMs = 100;
const longestPauseMs = 30_000;

/** One sender has one request under way. */
export class BatchSender {
  readonly #target: Pick<BulkTarget, "send">;
  readonly #listener: SendListener;
  readonly #random: () => number;
  readonly #pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;

  /** @param options replace chance and time in tests */
  constructor(
    target: Pick<BulkTarget, "send">,
    listener: SendListener,
    options: {
      readonly random?: () => number;
      readonly pause?: (milliseconds: number, signal: AbortSignal) => Promise<void>;
    } = {},
  ) {
    this.#target = target;
    this.#listener = listener;
    this.#random = options.random ?? Math.random;
    this.#pause =
      options.pause ?? ((milliseconds, signal) => wait(milliseconds, undefined, { signal }));
  }

  /**
   * Returns when every document was taken or refused.
   *
   * @throws {Error} `AbortError` when the signal is aborted; some may have been taken then
   */
  async send(documents: readonly ShippedDocument[], signal: AbortSignal): Promise<void> {
    let left = documents;
    for (let failures = 0; left.length > 0;) {
      signal.throwIfAborted();
      const before = left.length;
      try {
        left = await this.#sendOnce(left, signal);
        if (left.length < before) failures = 0;
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ClusterError && error.status === 413) {
          await this.#sendSmaller(left, error, signal);
          return;
        }
        this.#listener.failed(error instanceof Error ? error.message : "unknown failure");
      }
      if (left.length === 0) return;
      // Full jitter: forty proxies do not come back in step.
      const bound = Math.min(longestPauseMs, firstPauseMs * 2 ** Math.min(failures, 20));
      failures += 1;
      await this.#pause(Math.ceil(bound * this.#random()), signal);
    }
  }

  /** @returns what is to be sent again */
  async #sendOnce(
    documents: readonly ShippedDocument[],
    signal: AbortSignal,
  ): Promise<readonly ShippedDocument[]> {
    const outcomes = await this.#target.send(documents, signal);
    const again: ShippedDocument[] = [];
    let reason = "";
    let done = 0;
    for (const [at, document] of documents.entries()) {
      const outcome = outcomes[at];
      if (outcome?.kind === "done") {
        done += 1;
        continue;
      }
      const trouble =
        outcome?.kind === "refused"
          ? this.#refuse(document, outcome)
          : (outcome?.reason ?? "no outcome");
      if (trouble === undefined) continue;
      again.push(document);
      reason = trouble;
    }
    if (done > 0) this.#listener.done(done);
    if (again.length > 0)
      this.#listener.failed(`${again.length} of ${documents.length} not taken: ${reason}`);
    return again;
  }

  /** @returns why it could not be kept beside: then it alone is sent again */
  #refuse(
    document: ShippedDocument,
    { status, reason }: { readonly status: number; readonly reason: string },
  ): string | undefined {
    try {
      this.#listener.refused(document, status, reason);
      return undefined;
    } catch (error) {
      return errorMessage(error);
    }
  }

  /** A request that is too large goes in halves; a document that is too large alone is refused. */
  async #sendSmaller(
    documents: readonly ShippedDocument[],
    error: ClusterError,
    signal: AbortSignal,
  ): Promise<void> {
    const [only] = documents;
    if (documents.length === 1 && only !== undefined) {
      this.#listener.refused(only, error.status, error.message);
      return;
    }
    const half = Math.ceil(documents.length / 2);
    await this.send(documents.slice(0, half), signal);
    await this.send(documents.slice(half), signal);
  }
}
