/** An answer that grows while a trail is read: one JSON value a line. */
import { once } from "node:events";
import type { ServerResponse } from "node:http";

/** Seen as immediate, and seldom enough that the reading is not held up. Milliseconds. */
const snapshotMs = 250;
/** Proxies between take a stream for dead that is silent for a minute. Milliseconds. */
const heartbeatMs = 15_000;

/** Writes lines as fast as the client takes them. */
export class AnswerStream {
  readonly #response: ServerResponse;
  readonly #abort = new AbortController();
  readonly #heartbeat: NodeJS.Timeout;
  #lastMs = 0;

  constructor(response: ServerResponse) {
    this.#response = response;
    response.on("close", () => this.#abort.abort());
    this.#heartbeat = setInterval(() => {
      if (response.headersSent) response.write("\n");
    }, heartbeatMs);
  }

  /** Aborted when the client has gone. */
  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  /** Whether it is time for another intermediate result. */
  get isDue(): boolean {
    return performance.now() - this.#lastMs >= snapshotMs;
  }

  /** Waits while the client does not read. */
  async write(value: unknown): Promise<void> {
    if (this.signal.aborted) return;
    // The first line proves that there is an answer; before, it may still be an error.
    if (!this.#response.headersSent)
      this.#response.writeHead(200, { "content-type": "application/x-ndjson; charset=utf-8" });
    if (!this.#response.write(`${JSON.stringify(value)}\n`))
      await once(this.#response, "drain", { signal: this.signal }).catch(() => undefined);
    this.#lastMs = performance.now();
  }

  end(): void {
    clearInterval(this.#heartbeat);
    if (this.#response.headersSent) this.#response.end();
  }
}
