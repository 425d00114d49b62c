/** Requests to the cluster that keeps the fleet's trail, to one of several nodes. */
import { Buffer } from "node:buffer";
import { promisify } from "node:util";
import { gzip as gzipCallback } from "node:zlib";

import type { Agent } from "undici";

const gzip = promisify(gzipCallback);

/** A cluster, and who asks it. */
export interface ClusterOptions {
  /** Nodes of one cluster: scheme, host, port, and a path before every target. At least one. */
  readonly nodes: readonly string[];
  /** Value of `Authorization`, asked for with each request; `undefined`: none is sent. */
  readonly authorization: () => Promise<string | undefined>;
  /** Authorities for the nodes' certificates, PEM; `undefined`: those of Node.js. */
  readonly ca?: string | undefined;
  /** The certificate is not looked at. @default false */
  readonly isInsecure?: boolean;
  /** From the start of a request to the end of its answer. Milliseconds. */
  readonly timeoutMs: number;
  /** A longer answer is a failure. Bytes. @default 134217728 */
  readonly maxAnswerBytes?: number;
  /** `kibana` requires the field `kbn-xsrf`, and its answers name no product. */
  readonly product?: "elasticsearch" | "kibana";
  /** Who asks, for the records of others. @default "es-proxy" */
  readonly userAgent?: string;
}

/** A request that got no answer, or one that is of no use. */
export class ClusterError extends Error {
  /** Of the answer; 0: there was none. */
  readonly status: number;

  constructor(message: string, status = 0) {
    super(message);
    this.name = "ClusterError";
    this.status = status;
  }
}

/** What is sent. */
export interface ClusterRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Path and query. */
  readonly path: string;
  readonly body?: string | Buffer;
  /** @default "application/json" */
  readonly contentType?: string;
  /** The body goes compressed. @default false */
  readonly isCompressed?: boolean;
  readonly signal?: AbortSignal;
}

/** Pages of documents have some kilobytes a document. Bytes. */
const usualAnswerBytes = 134_217_728;
/** Speed counts: the network is near, and the sender has little time. */
const gzipLevel = 1;
/** What a thread gives back at once; each time the event loop has work with it. Bytes. */
const gzipChunkBytes = 262_144;

/** A cluster; `close` ends its connections. */
export class ClusterClient {
  readonly #options: ClusterOptions;
  /** Made for the first request. */
  #agent: Promise<Agent> | undefined;
  #isClosed = false;
  #node = 0;

  constructor(options: ClusterOptions) {
    this.#options = options;
  }

  /**
   * Sends a request to the next node; after a failure the next request goes elsewhere.
   *
   * @returns what the answer's JSON holds
   * @throws {ClusterError} for every answer but 200 and 201, and for none
   */
  async request(request: ClusterRequest): Promise<unknown> {
    const { nodes } = this.#options;
    const node = nodes[this.#node % nodes.length] ?? "";
    this.#node += 1;
    try {
      return await this.#send(node, request);
    } catch (error) {
      if (error instanceof ClusterError) throw error;
      const reason = error instanceof Error ? error.message : "unknown failure";
      throw new ClusterError(`${node} cannot be reached: ${reason}`);
    }
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    await (await this.#agent)?.destroy();
  }

  async #send(node: string, request: ClusterRequest): Promise<unknown> {
    const { origin, pathname } = new URL(node);
    const { body, isCompressed = false, contentType = "application/json" } = request;
    const authorization = await this.#options.authorization();
    const isKibana = this.#options.product === "kibana";
    const limit = AbortSignal.timeout(this.#options.timeoutMs);
    if (this.#isClosed) throw new Error("the client is closed");
    this.#agent ??= createAgent(this.#options);
    const agent = await this.#agent;
    const answer = await agent.request({
      origin,
      path: pathname.replace(/\/$/, "") + request.path,
      method: request.method,
      headers: {
        accept: "application/json",
        "user-agent": this.#options.userAgent ?? "es-proxy",
        ...(isKibana ? { "kbn-xsrf": "es-proxy" } : {}),
        ...(body === undefined ? {} : { "content-type": contentType }),
        ...(isCompressed ? { "content-encoding": "gzip" } : {}),
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: await coded(body, isCompressed),
      signal: request.signal === undefined ? limit : AbortSignal.any([request.signal, limit]),
    });
    const text = Buffer.from(await answer.body.arrayBuffer()).toString("utf8");
    const { statusCode, headers } = answer;
    if (statusCode !== 200 && statusCode !== 201)
      throw new ClusterError(`${node} answered ${statusCode}: ${reasonIn(text)}`, statusCode);
    if (!isKibana && headers["x-elastic-product"] !== "Elasticsearch")
      throw new ClusterError(`${node} does not say that it is Elasticsearch`);
    return parsed(text, node);
  }
}

/** undici takes a third of a command's start: it is loaded by those who ask a cluster. */
async function createAgent(options: ClusterOptions): Promise<Agent> {
  const { timeoutMs, ca, isInsecure = false, maxAnswerBytes = usualAnswerBytes } = options;
  const undici = await import("undici");
  return new undici.Agent({
    connections: 1,
    keepAliveTimeout: 60_000,
    maxResponseSize: maxAnswerBytes,
    headersTimeout: timeoutMs,
    bodyTimeout: timeoutMs,
    connect: {
      timeout: timeoutMs,
      rejectUnauthorized: !isInsecure,
      ...(ca === undefined ? {} : { ca }),
    },
  });
}

function parsed(text: string, node: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ClusterError(`${node} answered with what is no JSON: ${text.slice(0, 80)}`);
  }
}

async function coded(
  body: string | Buffer | undefined,
  isCompressed: boolean,
): Promise<string | Buffer | null> {
  if (body === undefined) return null;
  return isCompressed ? gzip(body, { level: gzipLevel, chunkSize: gzipChunkBytes }) : body;
}

/** An error of Elasticsearch; what caused it says more. */
interface ErrorCause {
  readonly type?: string;
  readonly reason?: string;
  readonly caused_by?: ErrorCause;
}

/** The reasons in an error of Elasticsearch, or the beginning of any other answer. */
function reasonIn(body: string): string {
  const reasons: string[] = [];
  try {
    let { error: cause } = JSON.parse(body) as { error?: ErrorCause };
    for (; cause?.reason !== undefined && reasons.length < 4; cause = cause.caused_by)
      reasons.push(`${cause.type ?? "no type"}: ${cause.reason}`);
  } catch {
    // It is no JSON.
  }
  return reasons.length > 0 ? reasons.join("; ").slice(0, 500) : body.slice(0, 200);
}
