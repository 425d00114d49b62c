import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { FaultPlan } from "./faults/fault-plan.ts";
import {
  defaultKeepAliveMs,
  defaultMaxBodyBytes,
  defaultMaxDocuments,
  defaultMaxSourceCharacters,
  type MockEsOptions,
} from "./options.ts";
import { profileOf } from "./profile.ts";
import { Recorder } from "./recorder/recorder.ts";
import { createMediaTypeReader } from "./rest/media-type.ts";
import { RestController } from "./rest/rest-controller.ts";
import { routeTable } from "./route-table.ts";
import { Cluster } from "./store/cluster.ts";
import type { ClusterNode } from "./store/cluster-node.ts";
import type { Gate } from "./wire/admission.ts";
import { createAuthenticator, createSecurityAuthenticator } from "./wire/authentication.ts";
import { ExchangeHandler } from "./wire/exchange-handler.ts";
import { createNumberedServer, type NumberedServer } from "./wire/http-server.ts";
import { startControl } from "./control/control-server.ts";

export type { MockEsOptions } from "./options.ts";
export type { Fault, FaultRule } from "./faults/fault.ts";
export type { FaultPlan } from "./faults/fault-plan.ts";
export type { RecordedExchange, Recorder, RecorderOptions } from "./recorder/recorder.ts";
export type { Cluster } from "./store/cluster.ts";
export type { ProfileName } from "./profile.ts";

/** A mock Elasticsearch that is listening. */
export interface MockEs {
  /** Address for clients, for example `http://127.0.0.1:19200`. */
  readonly url: string;
  /** Addresses of all nodes; the first one is {@link url}. */
  readonly nodeUrls: readonly string[];
  readonly port: number;
  /** Address of the control endpoint; `undefined` when none was asked for. */
  readonly controlUrl: string | undefined;
  /** What arrived, in order. */
  readonly requests: Recorder;
  /** Faults that strike requests; rules can be added and removed at any time. */
  readonly faults: FaultPlan;
  /** The store: indices and documents, to be looked at or cleared between tests. */
  readonly store: Cluster;
  /** Closes the listener and every connection; resolves when the port is free. */
  close(): Promise<void>;
}

/**
 * Starts a mock Elasticsearch.
 *
 * ```ts
 * const mock = await startMockEs();
 * const client = new Client({ node: mock.url });
 * // …
 * await mock.close();
 * ```
 *
 * @throws {Error} when both `security` and `credentials` are given, with `code` `EADDRINUSE` when
 *   the port is taken, and other errors of listening
 */
export async function startMockEs(options: MockEsOptions = {}): Promise<MockEs> {
  const { host = "127.0.0.1", nowMs = Date.now } = options;
  if (options.security !== undefined && options.credentials !== undefined)
    throw new Error("`security` and `credentials` exclude each other: users are made by requests");
  const profile = profileOf(options.profile ?? "es9");
  const store = new Cluster(
    profile,
    { nowMs, random: Math.random },
    {
      autoCreatesIndices: options.autoCreateIndices ?? true,
      isInstant: options.instantRefresh ?? false,
      nodes: options.nodes ?? 1,
      nodeAttributes: { "xpack.installed": "true", ...options.nodeAttributes },
      security: options.security,
      limits: {
        documents: options.maxDocuments ?? defaultMaxDocuments,
        characters: options.maxSourceCharacters ?? defaultMaxSourceCharacters,
      },
    },
  );
  const requests = new Recorder(options.recorder);
  const faults = new FaultPlan(options.seed ?? nowMs() >>> 0, options.faults);
  const controller = new RestController(routeTable, store, options.onUnmatched ?? ignoreUnmatched);
  let connections = 0;
  const nextNumber = (): number => ++connections;
  const readMediaTypes = createMediaTypeReader(profile.major, options.security !== undefined);
  const authenticator =
    options.security !== undefined
      ? createSecurityAuthenticator(store)
      : options.credentials === undefined
        ? undefined
        : createAuthenticator(options.credentials);
  const gate: Gate = {
    readMediaTypes,
    authenticator,
    hasRoute: (method, target) => controller.hasRoute(method, target),
  };
  const serve = (node: ClusterNode): NumberedServer => {
    const handler = new ExchangeHandler({
      controller,
      recorder: requests,
      faults,
      gate,
      maxBodyBytes: options.maxBodyBytes ?? defaultMaxBodyBytes,
      allowsFaultHeader: options.allowsFaultHeader ?? false,
      nowMs,
      node,
      clientOf: (request: IncomingMessage) => numbered.clientOf(request.socket),
      numberOf: (request: IncomingMessage) => numbered.numberOf(request.socket),
    });
    const numbered = createNumberedServer(
      {
        ...(options.tls === undefined ? {} : { tls: options.tls }),
        maxConnectionAgeMs: options.maxConnectionAgeMs ?? 0,
        keepAliveMs: options.keepAliveMs ?? defaultKeepAliveMs,
        http: node.http,
        nextNumber,
      },
      handler,
    );
    return numbered;
  };
  const shownHost = host.includes(":") ? `[${host}]` : host;
  const scheme = options.tls === undefined ? "http" : "https";
  const servers = store.nodes.map(serve);
  const closeServers = async (): Promise<void> => {
    await Promise.all(servers.map(async (server) => server.close()));
  };
  const ports: number[] = [];
  try {
    for (const [index, { server }] of servers.entries()) {
      const wanted = options.port === undefined || options.port === 0 ? 0 : options.port + index;
      ports.push(await listen(server, host, wanted));
    }
  } catch (error) {
    await closeServers();
    throw error;
  }
  for (const [index, node] of store.nodes.entries())
    node.httpAddress = `${shownHost}:${ports[index] ?? 0}`;
  const control =
    options.controlPort === undefined
      ? undefined
      : await startControl(host, options.controlPort, { requests, faults, store }).catch(
          async (error: unknown) => {
            await closeServers();
            throw error;
          },
        );
  return {
    url: `${scheme}://${store.httpAddress}`,
    nodeUrls: store.nodes.map(({ httpAddress }) => `${scheme}://${httpAddress}`),
    port: ports[0] ?? 0,
    controlUrl: control?.url,
    requests,
    faults,
    store,
    close: async () => {
      await Promise.all([closeServers(), control?.close()]);
    },
  };
}

function ignoreUnmatched(): void {
  // The client is told in the answer; only the command prints it as well.
}

async function listen(
  server: ReturnType<typeof createNumberedServer>["server"],
  host: string,
  port: number,
): Promise<number> {
  return await new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      server.removeListener("error", reject);
      resolve(portOf(server.address()));
    });
  });
}

function portOf(address: AddressInfo | string | null): number {
  return typeof address === "object" && address !== null ? address.port : 0;
}
