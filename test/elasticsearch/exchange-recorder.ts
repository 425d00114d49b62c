import { Client, type ClientOptions, UndiciConnection } from "@elastic/elasticsearch";

/**
 * One request of the official client with its answer as it stood on the wire (transfer coding
 * removed).
 */
export interface RecordedExchange {
  readonly method: string;
  /** Raw request target. */
  readonly target: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes of the body, still compressed where the server compressed it. */
  readonly body: Buffer;
}

/** An official client that keeps what it sends and gets. */
export interface RecordingClient {
  readonly client: Client;
  readonly exchanges: RecordedExchange[];
}

/** How {@link recordingClient} connects. */
export interface RecordingOptions {
  readonly url: string;
  /** PEM of the authority that issued the server's certificate. */
  readonly ca?: string;
  /** Sends gzip and asks for it. */
  readonly compression: boolean;
}

/** Creates an official client whose connections record; the caller closes `client`. */
export function recordingClient(options: RecordingOptions): RecordingClient {
  const exchanges: RecordedExchange[] = [];
  const clientOptions: ClientOptions = {
    node: options.url,
    compression: options.compression,
    // A retry would hide an answer that differs.
    maxRetries: 0,
    Connection: connectionClass(exchanges),
    ...(options.ca === undefined ? {} : { tls: { ca: options.ca } }),
  };
  return { client: new Client(clientOptions), exchanges };
}

type RequestParameters = Parameters<UndiciConnection["request"]>[0];

interface Received {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: unknown;
}

function connectionClass(exchanges: RecordedExchange[]): typeof UndiciConnection {
  const record = (parameters: RequestParameters, answer: Received): void => {
    exchanges.push(toExchange(parameters, answer));
  };
  class RecordingConnection extends UndiciConnection {
    // The base class has one overload for each kind of body; all of them end in the same call.
    override async request(parameters: RequestParameters, options: never): Promise<never> {
      const answer = (await super.request(parameters, options)) as Received;
      record(parameters, answer);
      return answer as never;
    }
  }
  return RecordingConnection;
}

function toExchange(parameters: RequestParameters, answer: Received): RecordedExchange {
  const query = parameters.querystring ?? "";
  const { body } = answer;
  if (typeof body !== "string" && !Buffer.isBuffer(body))
    throw new Error("a streamed answer cannot be recorded");
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(answer.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(" | ") : value;
  }
  return {
    method: parameters.method,
    target: toTarget(parameters.path, query),
    status: answer.statusCode,
    headers,
    body: Buffer.isBuffer(body) ? body : Buffer.from(body),
  };
}

/** As the connection writes it: helpers give paths without the first slash. */
function toTarget(path: string, query: string): string {
  const absolute = path.startsWith("/") ? path : `/${path}`;
  return query === "" ? absolute : `${absolute}?${query}`;
}
