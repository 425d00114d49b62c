import { errorMessage } from "../core/system-error.ts";
import type { Connection } from "./connection.ts";
import { parseDecision, type CloseNow, type ForwardDecision } from "./decision.ts";
import { failure, type Failure } from "./failure.ts";
import type { LoadedRouter } from "./options.ts";
import type { Preread } from "./preread.ts";

/** Waits for the decision. At most one of the last three methods is called, and after it none. */
export interface DecisionOwner {
  /** Bytes for the client although no decision has fallen. */
  replyWhileWaiting(reply: Uint8Array): void;
  decisionFell(decision: ForwardDecision | CloseNow): void;
  /** `place`: file, and line where there is one, of the router, for faults that are its own. */
  decisionFailed(problem: Failure, place: string | undefined): void;
  /** The router waits for more bytes, but the client has ended its side. */
  bytesRanOut(): void;
}

/**
 * Asks the user's function until it decides: when bytes arrive, and again with more of them. One
 * call at a time: while a promise is pending, bytes only gather.
 */
export class RouteRunner {
  /** Bytes that the function was shown at its last call. */
  shownBytes = 0;
  readonly #router: LoadedRouter;
  readonly #connection: Connection;
  readonly #preread: Preread;
  readonly #owner: DecisionOwner;
  #isPending = false;
  #isOver = false;
  #clientEnded = false;

  constructor(
    router: LoadedRouter,
    connection: Connection,
    preread: Preread,
    owner: DecisionOwner,
  ) {
    this.#router = router;
    this.#connection = connection;
    this.#preread = preread;
    this.#owner = owner;
  }

  /** Whether a promise of the function is pending. */
  get isPending(): boolean {
    return this.#isPending;
  }

  /** More bytes are in the preread. */
  bytesArrived(): void {
    if (!this.#isPending && !this.#isOver) this.#ask();
  }

  /** No more bytes will come; a pending promise may still decide. */
  clientEnded(): void {
    this.#clientEnded = true;
    if (!this.#isPending) this.#ranOut();
  }

  /** No decision is wanted any more. */
  stop(): void {
    this.#isOver = true;
  }

  #ask(): void {
    const view = this.#preread.view();
    this.shownBytes = view.length;
    let answer: unknown;
    let isPromise: boolean;
    try {
      answer = this.#router.route(view, this.#connection);
      isPromise = isThenable(answer);
    } catch (error) {
      this.#threw(error);
      return;
    }
    if (!isPromise) {
      this.#answered(answer);
      return;
    }
    this.#isPending = true;
    // A `then` that throws, or that calls back at once or twice, becomes a promise as others are.
    new Promise((resolve) => resolve(answer)).then(
      (value) => this.#settled(() => this.#answered(value)),
      (error: unknown) => this.#settled(() => this.#threw(error)),
    );
  }

  #settled(next: () => void): void {
    this.#isPending = false;
    if (!this.#isOver) next();
  }

  #answered(answer: unknown): void {
    const result = parseDecision(answer);
    if (!result.ok) this.#fail(result.failure, this.#router.locate(undefined));
    else if (result.decision.kind === "wait") this.#wait(result.decision.reply);
    else {
      this.#isOver = true;
      this.#owner.decisionFell(result.decision);
    }
  }

  #wait(reply: Uint8Array | undefined): void {
    if (reply !== undefined && reply.length > 0) this.#owner.replyWhileWaiting(reply);
    // The reply may have met a client that is gone.
    if (this.#isOver) return;
    if (this.shownBytes >= this.#preread.limit)
      this.#fail(failure("ESP_ERR_TCP_PREREAD_LIMIT"), undefined);
    else if (this.#preread.length > this.shownBytes) this.#ask();
    else if (this.#clientEnded) this.#ranOut();
  }

  #ranOut(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#owner.bytesRanOut();
  }

  #threw(error: unknown): void {
    const message = errorMessage(error);
    this.#fail(
      failure("ESP_ERR_TCP_ROUTER", `the router threw: ${message}`),
      this.#router.locate(error),
    );
  }

  #fail(problem: Failure, place: string | undefined): void {
    this.#isOver = true;
    this.#owner.decisionFailed(problem, place);
  }
}

/** Whether a value is a promise, or behaves like one. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === "object" &&
    value !== null &&
    "then" in value &&
    typeof value.then === "function"
  );
}
