/** Sends small requests to witnesses and timestamp authorities, and reads small answers. */
import { Buffer } from "node:buffer";
import type { Agent } from "undici";

/** An answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  /** As it was sent, with its parameters; empty when there was none. */
  readonly contentType: string;
  readonly body: Buffer;
}

/** How a request is sent; tests and other transports put their own in its place. */
export interface HttpClient {
  /**
   * @throws {Error} when there is no answer: no connection, no time, or too many bytes
   */
  post(url: string, contentType: string, body: Uint8Array): Promise<HttpAnswer>;
  /** Ends idle connections. */
  close(): Promise<void>;
}

export interface HttpClientOptions {
  /**
   * From the start of the request to the end of the answer, in milliseconds.
   *
   * @default 10_000
   */
  readonly timeoutMs?: number;
  /** Authorities that are trusted instead of those of Node.js, PEM. */
  readonly ca?: string | undefined;
}

/**
 * A witness with several ML-DSA-44 keys answers with 3.3 kB each; a timestamp token with a chain of
 * certificates has some 10 kB.
 */
const maxAnswerBytes = 262_144;
const defaultTimeoutMs = 10_000;

/** A client that keeps connections for the next request. Redirects are not followed. */
export function createHttpClient(options: HttpClientOptions = {}): HttpClient {
  const timeoutMs = options.timeoutMs ?? defaultTimeoutMs;
  let agent: Promise<Agent> | undefined;
  let isClosed = false;
  return {
    async post(url, contentType, body) {
      if (isClosed) throw new Error("the client is closed");
      agent ??= createAgent(timeoutMs, options.ca);
      const { origin, pathname, search } = new URL(url);
      const response = await (
        await agent
      ).request({
        origin,
        path: pathname + search,
        method: "POST",
        headers: { "content-type": contentType, "user-agent": "es-proxy" },
        body,
        signal: AbortSignal.timeout(timeoutMs),
      });
      const type = response.headers["content-type"];
      return {
        status: response.statusCode,
        contentType: typeof type === "string" ? type : "",
        body: Buffer.from(await response.body.arrayBuffer()),
      };
    },
    async close() {
      isClosed = true;
      await (await agent)?.close();
    },
  };
}

/** Every proxy has such a client, and few name a witness: undici is loaded by those who do. */
async function createAgent(timeoutMs: number, ca: string | undefined): Promise<Agent> {
  const undici = await import("undici");
  return new undici.Agent({
    connections: 4,
    keepAliveTimeout: 60_000,
    maxResponseSize: maxAnswerBytes,
    connect: { timeout: timeoutMs, ...(ca === undefined ? {} : { ca }) },
  });
}
