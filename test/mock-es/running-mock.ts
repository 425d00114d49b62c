import { request as httpRequest, type IncomingHttpHeaders } from "node:http";
import { connect } from "node:net";
import type { TestContext } from "node:test";
import { Client, type ClientOptions } from "@elastic/elasticsearch";
import { type MockEs, type MockEsOptions, startMockEs } from "../../mock-es/index.ts";

/** A mock that lives as long as its test; writes are seen at once unless the options differ. */
export async function startFor(t: TestContext, options: MockEsOptions = {}): Promise<MockEs> {
  const mock = await startMockEs({ instantRefresh: true, ...options });
  t.after(async () => {
    await mock.close();
  });
  return mock;
}

/** An official client of a mock; both end with the test. */
export async function clientFor(
  t: TestContext,
  options: MockEsOptions = {},
  clientOptions: ClientOptions = {},
): Promise<{ readonly mock: MockEs; readonly client: Client }> {
  const mock = await startFor(t, options);
  const client = new Client({ node: mock.url, ...clientOptions });
  t.after(async () => {
    await client.close();
  });
  return { mock, client };
}

/** What came back for a request that was sent by hand. */
export interface Received {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: Buffer;
  readonly text: string;
  /** The body as JSON; `undefined` when it is none. */
  readonly json: Record<string, unknown>;
}

/** What is sent by hand. A body that is no text or buffer is sent as JSON. */
export interface Sent {
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
}

/** Sends one request over a connection of its own. */
export async function send(
  mock: Pick<MockEs, "url">,
  method: string,
  target: string,
  sent: Sent = {},
): Promise<Received> {
  const { headers = {}, body } = sent;
  const bytes = body === undefined ? undefined : toBytes(body);
  const { hostname, port } = new URL(mock.url);
  return await new Promise((resolve, reject) => {
    const request = httpRequest(
      {
        hostname,
        port,
        method,
        path: target,
        agent: false,
        headers: {
          ...(bytes === undefined
            ? {}
            : { "content-type": "application/json", "content-length": String(bytes.length) }),
          ...headers,
        },
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", reject);
        response.on("end", () => {
          const received = Buffer.concat(chunks);
          const text = received.toString("utf8");
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            rawHeaders: response.rawHeaders,
            body: received,
            text,
            json: parse(text),
          });
        });
      },
    );
    request.on("error", reject);
    request.end(bytes);
  });
}

function toBytes(body: unknown): Buffer {
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === "string" ? body : JSON.stringify(body));
}

function parse(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** What a raw connection received until it ended, and how it ended. */
export interface RawEnd {
  readonly bytes: Buffer;
  readonly text: string;
  readonly isReset: boolean;
}

/**
 * Writes bytes over a connection and reads until the other side ends it; `isEnough` ends it from
 * this side.
 */
export async function sendRaw(
  mock: Pick<MockEs, "port">,
  bytes: string,
  isEnough: (text: string) => boolean = () => false,
): Promise<RawEnd> {
  return await new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let isReset = false;
    const socket = connect(mock.port, "127.0.0.1", () => socket.write(bytes));
    socket.on("data", (chunk) => {
      chunks.push(chunk);
      if (isEnough(Buffer.concat(chunks).toString("latin1"))) socket.destroy();
    });
    socket.on("error", (error: NodeJS.ErrnoException) => {
      isReset = error.code === "ECONNRESET";
    });
    socket.on("close", () => {
      const all = Buffer.concat(chunks);
      resolve({ bytes: all, text: all.toString("latin1"), isReset });
    });
    socket.on("end", () => socket.end());
  });
}

/** The type and reason of an error answer. */
export function errorOf(received: Received): { readonly type: unknown; readonly reason: unknown } {
  const error = received.json["error"];
  if (typeof error !== "object" || error === null) return { type: undefined, reason: error };
  const { type, reason } = error as Record<string, unknown>;
  return { type, reason };
}

/** Lines of newline-delimited JSON with the final newline. */
export function ndjson(...lines: readonly unknown[]): string {
  return lines
    .map((line) => `${typeof line === "string" ? line : JSON.stringify(line)}\n`)
    .join("");
}
