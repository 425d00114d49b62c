import type * as net from "node:net";
import type { Client } from "undici";
import { readWholeFile } from "../core/read-file.ts";
import type { StatusSet } from "../core/status-set.ts";
import { errorCode } from "../core/system-error.ts";
import type { DialOptions } from "./connector.ts";
import type { Endpoint } from "./endpoint.ts";
import { isLocalResourceError } from "./local-resource-error.ts";
import { connectOnce } from "./single-connection.ts";

/**
 * What a probe found out: "" is good, else why not, in words for the operator; `undefined`:
 * nothing, for want of something on this machine.
 */
export type ProbeResult = string | undefined;

/**
 * Asks an endpoint once. Never rejects. `holdsProcess`: the process must not end before the answer.
 */
export type Probe = (
  endpoint: Endpoint,
  signal: AbortSignal,
  holdsProcess: boolean,
) => Promise<ProbeResult>;

export interface ProbeOptions {
  /** Asked for with GET; `undefined`: a connection is enough, TLS included. */
  readonly path: string | undefined;
  readonly statuses: StatusSet;
  /** File with the value of `Authorization`, read for each probe so that a renewed one is used. */
  readonly authorizationFile: string | undefined;
  /** `Host`; `undefined`: the endpoint's own. */
  readonly hostHeader: string | undefined;
  /** TLS, PROXY protocol and look-ups as for real traffic. */
  readonly dial: DialOptions;
}

/**
 * Bytes of an answer's body that are read, so that the endpoint sees no broken connection. An
 * answer of `_cluster/health` has some 500 bytes.
 */
const maxBodyBytes = 65_536;

/**
 * Makes the probe of a pool: a new connection each time, because that is what has to work. Loads
 * undici only where there is a path to ask for.
 */
export async function createProbe(options: ProbeOptions): Promise<Probe> {
  const { path } = options;
  const httpClient = path === undefined ? undefined : (await import("undici")).Client;
  return async (endpoint, signal, holdsProcess) => {
    let socket: net.Socket | undefined;
    try {
      socket = await connectOnce(endpoint, options.dial, signal, holdsProcess);
      if (httpClient === undefined || path === undefined) return "";
      return await ask(httpClient, endpoint, socket, path, options, signal);
    } catch (error) {
      return reasonOf(error, signal);
    } finally {
      socket?.destroy();
    }
  };
}

async function ask(
  HttpClient: typeof Client,
  endpoint: Endpoint,
  socket: net.Socket,
  path: string,
  options: ProbeOptions,
  signal: AbortSignal,
): Promise<string> {
  const { authorizationFile, hostHeader, statuses } = options;
  const client = new HttpClient(
    `${endpoint.address.isTls ? "https" : "http"}://${endpoint.address.authority}`,
    {
      // Never at once: undici notes that it is connecting after this call.
      connect: (_options, callback) => queueMicrotask(() => callback(null, socket)),
      // The signal is the only clock.
      headersTimeout: 0,
      bodyTimeout: 0,
    },
  );
  try {
    const { statusCode, body } = await client.request({
      method: "GET",
      path,
      headers: {
        "user-agent": "es-proxy-health-check",
        ...(hostHeader !== undefined && { host: hostHeader }),
        ...(authorizationFile !== undefined && {
          authorization: readWholeFile(authorizationFile).toString("latin1").trim(),
        }),
      },
      reset: true,
      signal,
    });
    await body.dump({ limit: maxBodyBytes, signal });
    return statuses.has(statusCode) ? "" : `status ${statusCode}`;
  } finally {
    await client.destroy();
  }
}

function reasonOf(error: unknown, signal: AbortSignal): ProbeResult {
  if (signal.aborted) return "no answer in time";
  if (!(error instanceof Error)) return "failed";
  if (isLocalResourceError(error)) return undefined;
  return errorCode(error, error.name);
}
