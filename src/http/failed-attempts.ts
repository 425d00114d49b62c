import type { Endpoint } from "../upstream/endpoint.ts";

/** What an exchange remembers of attempts that have failed; made at the first failure. */
export class FailedAttempts {
  #endpoints: readonly Endpoint[] = noEndpoints;
  #timer: NodeJS.Timeout | undefined = undefined;

  /** Endpoints that have failed the exchange: others are preferred. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  add(endpoint: Endpoint): void {
    this.#endpoints = [...this.#endpoints, endpoint];
  }

  /**
   * Calls `retry` after a random part, at least half, of `longestMs`, so that the exchanges that
   * one failure has hit do not come back together; at once when that is 0.
   */
  retryWithin(longestMs: number, retry: () => void): void {
    if (longestMs === 0) {
      retry();
      return;
    }
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        retry();
      },
      longestMs * (0.5 + Math.random() / 2),
    );
  }

  /** No further attempt is wanted. */
  cancel(): void {
    if (this.#timer !== undefined) clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}

export const noEndpoints: readonly Endpoint[] = [];
