import type { EndpointFact } from "./reconciler.ts";

/** The recorder's memory. */
const capacity = 10_000;

interface Recorded {
  readonly n: number;
  readonly headers: readonly string[];
  readonly bodyBytes: number;
  readonly bodySha256: string;
  readonly end: "pending" | "answered" | "aborted" | "faulted";
  readonly status: number;
  readonly answerSha256: string;
}

/**
 * Reads what a mock's recorder has, again and again: the recorder keeps the last 10,000 requests
 * only.
 */
export class MockTail {
  readonly #control: string;
  readonly #onFact: (fact: EndpointFact) => void;
  /** Everything up to here has been told. */
  #told = 0;
  /** Numbers above it that have been told. */
  readonly #ahead = new Set<number>();

  constructor(control: string, onFact: (fact: EndpointFact) => void) {
    this.#control = control;
    this.#onFact = onFact;
  }

  /**
   * Reads what is new.
   *
   * @param isLast what is still pending is told too
   * @throws {Error} when the recorder has forgotten a request that was not read
   */
  async read(isLast = false): Promise<void> {
    const { count } = await ask<{ count: number }>(`${this.#control}/requests/count`);
    if (count <= this.#told) return;
    const limit = Math.min(capacity, count - this.#told + 1000);
    const { requests } = await ask<{ requests: readonly Recorded[] }>(
      `${this.#control}/requests?limit=${limit}`,
    );
    const first = requests[0]?.n ?? 0;
    if (first > this.#told + 1)
      throw new Error(
        `the recorder has forgotten requests ${this.#told + 1} to ${first - 1}: it was read too late`,
      );
    for (const recorded of requests) this.#tell(recorded, isLast);
    while (this.#ahead.delete(this.#told + 1)) this.#told += 1;
  }

  #tell(recorded: Recorded, isLast: boolean): void {
    const { n, headers, bodyBytes, bodySha256, end, status, answerSha256 } = recorded;
    if (n <= this.#told || this.#ahead.has(n) || (end === "pending" && !isLast)) return;
    this.#ahead.add(n);
    const at = headers.findIndex(
      (name, index) => index % 2 === 0 && name.toLowerCase() === "x-opaque-id",
    );
    const serial = /^stress-(\d+)$/u.exec(headers[at + 1] ?? "")?.[1];
    if (at === -1 || serial === undefined) return;
    this.#onFact({
      serial: Number(serial),
      bodyBytes,
      bodySha256,
      status,
      answerSha256,
      isWhole: end === "answered",
    });
  }
}

async function ask<T>(url: string): Promise<T> {
  const answer = await fetch(url);
  if (!answer.ok) throw new Error(`${url}: ${answer.status}`);
  return (await answer.json()) as T;
}
