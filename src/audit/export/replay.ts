/** Sends recorded requests again and compares the answers with the recorded ones. */
import { setTimeout as wait } from "node:timers/promises";

import { errorCode, errorMessage } from "../../core/system-error.ts";
import { decodeBody, openRecordedBody, recordedBody } from "../read/recorded-body.ts";
import type { TrailEntry } from "../read/trail-entry.ts";
import { refusalOf, shapeOf, type RefusalReason } from "./asked-request.ts";
import {
  comparableBody,
  compareBodies,
  mostComparedBytes,
  type BodyComparison,
  type ComparableBody,
} from "./body-comparison.ts";
import { recordedRequest, type RecordedRequest } from "./recorded-request.ts";
import type { ReplayedAnswer, ReplayTarget } from "./replay-target.ts";

/** How requests are sent. */
export interface ReplayOptions {
  readonly directory: string;
  readonly target: ReplayTarget;
  /** Also what may change something. */
  readonly withWrites: boolean;
  /** Requests that are under way at the same time, at most. */
  readonly concurrency: number;
  /** Requests a second, at most; may be infinite. */
  readonly rate: number;
  /** 1: with the recorded distances in time; 2: twice as fast; infinite: without them. */
  readonly speed: number;
  /** Paths of answers that may differ. */
  readonly ignored: readonly string[];
  /** Ends it: nothing more is sent. */
  readonly signal: AbortSignal;
}

/** Why there is no answer to look at. */
export type SkipReason = RefusalReason | "no HTTP exchange";

/** What came of one entry. */
export type ReplayResult =
  | { readonly kind: "skipped"; readonly entry: TrailEntry; readonly reason: SkipReason }
  | { readonly kind: "failed"; readonly entry: TrailEntry; readonly message: string }
  | AnsweredReplay;

/** A request that was answered again. */
export interface AnsweredReplay {
  readonly kind: "answered";
  readonly entry: TrailEntry;
  /** `unknown`: the trail has no answer to compare with. */
  readonly verdict: "same" | "different" | "unknown";
  /** `undefined`: no answer is in the trail. */
  readonly recordedStatus: number | undefined;
  readonly status: number;
  readonly body: BodyComparison;
  /** Of a different answer: the call, and the query without its values. */
  readonly shape: string | undefined;
  readonly recordedMs: number | undefined;
  readonly milliseconds: number;
}

/** Sends what is given to it; `finish` waits for the last answers. */
export class Replay {
  readonly #options: ReplayOptions;
  readonly #listener: (result: ReplayResult) => void;
  readonly #running = new Set<Promise<void>>();
  #startMs = 0;
  #firstMs: number | undefined = undefined;
  #nextMs = 0;

  /** @param listener is told of each result, in the order in which they come */
  constructor(options: ReplayOptions, listener: (result: ReplayResult) => void) {
    this.#options = options;
    this.#listener = listener;
  }

  /**
   * Sends the request of an entry when its turn has come; resolves when the next may be given.
   *
   * @throws {Error} when it was ended by the signal
   */
  async add(entry: TrailEntry): Promise<void> {
    this.#options.signal.throwIfAborted();
    const request = recordedRequest(entry);
    if (request === undefined) {
      this.#listener({ kind: "skipped", entry, reason: "no HTTP exchange" });
      return;
    }
    try {
      const { directory, withWrites } = this.#options;
      const reason = await refusalOf(directory, request, withWrites);
      if (reason !== undefined) {
        this.#listener({ kind: "skipped", entry, reason });
        return;
      }
    } catch (error) {
      this.#fail(entry, error);
      return;
    }
    while (this.#running.size >= this.#options.concurrency) await Promise.race(this.#running);
    await this.#turn(entry);
    const run = this.#send(entry, request)
      .catch((error: unknown) => this.#fail(entry, error))
      .finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async finish(): Promise<void> {
    await Promise.all(this.#running);
  }

  /** Waits until the rate and the recorded distances allow the next request. */
  async #turn(entry: TrailEntry): Promise<void> {
    const { rate, speed, signal } = this.#options;
    if (this.#firstMs === undefined && !Number.isNaN(entry.startMs)) {
      this.#firstMs = entry.startMs;
      this.#startMs = performance.now();
    }
    const distanceMs = (entry.startMs - (this.#firstMs ?? 0)) / speed;
    const dueMs = Math.max(Number.isNaN(distanceMs) ? 0 : this.#startMs + distanceMs, this.#nextMs);
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) await wait(waitMs, undefined, { signal });
    this.#nextMs = Math.max(dueMs, performance.now()) + 1000 / rate;
  }

  async #send(entry: TrailEntry, request: RecordedRequest): Promise<void> {
    const { directory, target, ignored } = this.#options;
    const hasBody = request.body.state !== "none";
    const sent = hasBody ? openRecordedBody(directory, request.body) : undefined;
    const answer = await target.send(request, sent);
    const recordedStatus = entry.number("http.response.status_code") ?? 0;
    const isRecorded = recordedStatus !== 0 && entry.closing !== undefined;
    const body = isRecorded
      ? compareBodies(
          await comparableBody(directory, recordedBody(entry, "response")),
          await decoded(answer),
          ignored,
        )
      : { differences: [], reason: "no answer in the trail" };
    const isSame = recordedStatus === answer.status && body.differences.length === 0;
    const verdict = !isRecorded ? "unknown" : isSame ? "same" : "different";
    const duration = entry.number("event.duration");
    this.#listener({
      kind: "answered",
      entry,
      verdict,
      recordedStatus: isRecorded ? recordedStatus : undefined,
      status: answer.status,
      body,
      shape: verdict === "different" ? await shapeOf(directory, request) : undefined,
      recordedMs: duration === undefined || !isRecorded ? undefined : duration / 1e6,
      milliseconds: answer.milliseconds,
    });
  }

  #fail(entry: TrailEntry, error: unknown): void {
    this.#listener({ kind: "failed", entry, message: errorMessage(error) || errorCode(error) });
  }
}

async function decoded(answer: ReplayedAnswer): Promise<ComparableBody> {
  const { bytes, isCut } = await decodeBody(answer.body, answer.coding, mostComparedBytes);
  if (answer.isCut || isCut) return { reason: `larger than ${mostComparedBytes} bytes` };
  return { bytes };
}
