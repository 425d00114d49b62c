/** Asks Elasticsearch for the HTTP counters of all nodes. */
import type { Socket } from "node:net";
import { readWholeFile } from "../core/read-file.ts";
import { HttpStatsReader, httpStatsTarget } from "../elasticsearch/stats/http-stats-reader.ts";
import type { NodeHttpStats } from "../elasticsearch/stats/http-stats-reader.ts";
import type { DialOptions } from "../upstream/connector.ts";
import type { Endpoint } from "../upstream/endpoint.ts";
import { connectOnce } from "../upstream/single-connection.ts";

/** The endpoints of one pool, and how they are asked. */
export interface AskedPool {
  readonly name: string;
  readonly endpoints: readonly Endpoint[];
  readonly dial: DialOptions;
  /** `Host`; `undefined`: the endpoint's own. */
  readonly hostHeader: string | undefined;
  /** File with the value of `Authorization`, read for each look; `undefined`: none is sent. */
  readonly authorizationFile: string | undefined;
}

/** What the nodes say, and the local end of the connection on which they were asked. */
export interface NodesAnswer {
  readonly nodes: readonly NodeHttpStats[];
  readonly place: string;
}

/** Bytes of an answer: 10,000 closed connections take some 2 MB a node. */
const maxBytes = 536_870_912;

/**
 * Asks the first endpoint that answers, on a connection of its own.
 *
 * @param opaqueId by which the nodes tell this request from others
 * @throws {Error} in words for the operator, without anything of the answer
 */
export async function askNodes(
  pool: AskedPool,
  opaqueId: string,
  signal: AbortSignal,
): Promise<NodesAnswer> {
  let problem = `pool ${pool.name} has no endpoints`;
  for (const endpoint of pool.endpoints) {
    try {
      return await askEndpoint(pool, endpoint, opaqueId, signal);
    } catch (error) {
      problem = `${endpoint.label}: ${signal.aborted ? "no answer in time" : reasonOf(error)}`;
      if (signal.aborted) break;
    }
  }
  throw new Error(problem);
}

async function askEndpoint(
  pool: AskedPool,
  endpoint: Endpoint,
  opaqueId: string,
  signal: AbortSignal,
): Promise<NodesAnswer> {
  const { Client } = await import("undici");
  const socket = await connectOnce(endpoint, pool.dial, signal, false);
  const { authority, isTls } = endpoint.address;
  const client = new Client(`${isTls ? "https" : "http"}://${authority}`, {
    // Never at once: undici notes that it is connecting after this call.
    connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
    // The signal is the only clock.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const place = placeOf(socket);
  try {
    const { statusCode, body } = await client.request({
      method: "GET",
      path: httpStatsTarget,
      headers: await headersOf(pool, opaqueId),
      reset: true,
      signal,
    });
    if (statusCode !== 200) throw new Error(`status ${statusCode}${hintOf(statusCode)}`);
    const reader = new HttpStatsReader();
    let bytes = 0;
    for await (const piece of body as AsyncIterable<Buffer>) {
      bytes += piece.length;
      if (bytes > maxBytes || !reader.write(piece)) break;
    }
    const nodes = reader.finish();
    if (nodes === undefined) throw new Error("the answer is not what Elasticsearch gives");
    return { nodes, place };
  } finally {
    await client.destroy();
    socket.destroy();
  }
}

async function headersOf(pool: AskedPool, opaqueId: string): Promise<Record<string, string>> {
  const { hostHeader, authorizationFile } = pool;
  return {
    accept: "application/json",
    "user-agent": "es-proxy-coverage",
    "x-opaque-id": opaqueId,
    ...(hostHeader !== undefined && { host: hostHeader }),
    ...(authorizationFile !== undefined && {
      authorization: readWholeFile(authorizationFile).toString("latin1").trim(),
    }),
  };
}

function hintOf(status: number): string {
  return status === 401 || status === 403
    ? ": audit.coverage.authorization_file must name credentials with the privilege `monitor`"
    : "";
}

/** `ip:port` of the local end, as endpoints see it where nothing translates addresses. */
function placeOf({ localAddress = "", localPort = 0 }: Socket): string {
  const host = localAddress.replace(/^::ffff:(?=\d+\.)/, "");
  return host.includes(":") ? `[${host}]:${localPort}` : `${host}:${localPort}`;
}

/** Messages of the system name files and addresses; nothing of a request or an answer. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : "failed";
}
