import { writeFile } from "node:fs/promises";
import { Agent, request as httpRequest } from "node:http";
import type { IncomingHttpHeaders } from "node:http";
import { type AuditLine, readAudit } from "../support/audit-reader.ts";
import type { ChildOptions } from "../support/child-process.ts";
import { type ProxyProcess, startConfiguredProxy } from "../support/proxy-process.ts";
import { connectRaw, type RawClient, type RawClientOptions } from "../support/raw-client.ts";
import {
  type OriginOptions,
  type RecordingOrigin,
  startOrigin,
} from "../support/recording-origin.ts";
import { makeTempDir, type TempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";

/** A proxy process in front of several origins. */
export interface Fixture extends AsyncDisposable {
  readonly proxy: ProxyProcess;
  /** Replaced by {@link Fixture.restart}. */
  readonly origins: RecordingOrigin[];
  readonly folder: TempDir;
  /** Everything that the proxy has said on stderr. */
  readonly log: string;
  /** Ports of the listeners, in the order of the configuration. */
  readonly ports: readonly number[];
  /** A fresh connection to the proxy, by default to its first listener. */
  client(options?: Partial<RawClientOptions>): Promise<RawClient>;
  /** One request over kept connections. */
  send(options: SendOptions): Promise<Answer>;
  /** Closes the n-th origin: connections break, new ones are refused. */
  stop(index: number): Promise<void>;
  /** Starts the n-th origin again on its port. */
  restart(index: number): Promise<void>;
  audit(): Promise<AuditLine[]>;
}

export interface SendOptions {
  readonly path: string;
  /** @default "GET" */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Answer {
  /** 0: the connection broke. */
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** How {@link startFixture} starts. */
export interface FixtureOptions {
  /** One for each origin. */
  readonly origins: readonly OriginOptions[];
  /** The configuration without `audit`; listeners bind port 0. */
  readonly config: (ports: readonly number[], folder: string) => string;
  /** @default true */
  readonly isAudited?: boolean;
  readonly child?: ChildOptions;
  /** Files made in the folder before the start. */
  readonly files?: Readonly<Record<string, string>>;
  /** Listeners to wait for. @default 1 */
  readonly listeners?: number;
}

/** Starts all; `await using` stops all. */
export async function startFixture(options: FixtureOptions): Promise<Fixture> {
  await using started = new AsyncDisposableStack();
  const origins = await Promise.all(options.origins.map((origin) => startOrigin(origin)));
  started.defer(async () => {
    for (const origin of origins) await origin.close();
  });
  const ports = origins.map(({ port }) => port);
  const folder = started.use(await makeTempDir("fixture"));
  const auditFolder = folder.file("audit");
  const audit =
    options.isAudited === false ? "" : `\naudit: {directory: ${auditFolder}, format: ecs}\n`;
  for (const [name, content] of Object.entries(options.files ?? {}))
    await writeFile(folder.file(name), content);
  const file = folder.file("es-proxy.yaml");
  await writeFile(file, options.config(ports, folder.path) + audit);
  const proxy = started.use(await startConfiguredProxy(file, options.child));
  const agent = new Agent({ keepAlive: true });
  started.defer(() => agent.destroy());
  const fixture: Fixture = {
    proxy,
    origins,
    folder,
    get log() {
      return proxy.child.stderr;
    },
    get ports() {
      return [...proxy.child.stderr.matchAll(/^listening on \S+:(\d+)$/gm)].map(([, port]) =>
        Number(port),
      );
    },
    client: (client) => connectRaw({ host: proxy.host, port: proxy.port, ...client }),
    send: (request) => send(proxy, agent, request),
    stop: async (index) => origins[index]?.close(),
    restart: async (index) => {
      const origin = options.origins[index];
      origins[index] = await startOrigin({ ...origin, port: ports[index] ?? 0 });
    },
    audit: () => readAudit(auditFolder, { allowTornTail: true }),
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
  await waitFor("all listeners", () => fixture.ports.length >= (options.listeners ?? 1));
  const parts = started.move();
  return fixture;
}

function send(proxy: ProxyProcess, agent: Agent, options: SendOptions): Promise<Answer> {
  const { promise, resolve } = Promise.withResolvers<Answer>();
  const { method = "GET", path, headers = {}, body } = options;
  const failed = (): void => resolve({ status: 0, headers: {}, body: "" });
  const request = httpRequest(
    { host: proxy.host, port: proxy.port, agent, method, path, headers },
    (response) => {
      let text = "";
      response.setEncoding("latin1").on("data", (piece: string) => (text += piece));
      response.on("error", failed);
      response.on("end", () =>
        response.complete
          ? resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text })
          : failed(),
      );
    },
  );
  request.on("error", failed);
  request.end(body);
  return promise;
}

/**
 * Sends requests from `clients` loops until `isOver`, and gives the statuses in order of arrival.
 */
export async function load(
  fixture: Fixture,
  clients: number,
  isOver: (sent: number) => boolean,
  request: (index: number) => SendOptions,
): Promise<number[]> {
  const statuses: number[] = [];
  let sent = 0;
  const loop = async (): Promise<void> => {
    while (!isOver(sent)) statuses.push((await fixture.send(request(sent++))).status);
  };
  await Promise.all(Array.from({ length: clients }, loop));
  return statuses;
}

/** A pool of its own below a path of its own, `/NAME`. */
export interface Scenario {
  readonly origins: readonly OriginOptions[];
  /** Keys of the pool beside `endpoints`, one a line. */
  readonly pool: readonly string[];
}

/**
 * One scenario on a fixture that several share, because most of the time of a test is the start of
 * the proxy.
 */
export interface Act {
  /** Answers a request below the scenario's path. */
  send(options: SendOptions): Promise<Answer>;
  load(
    clients: number,
    isOver: (sent: number) => boolean,
    request: (index: number) => SendOptions,
  ): Promise<number[]>;
  readonly origins: readonly RecordingOrigin[];
  stop(index: number): Promise<void>;
  restart(index: number): Promise<void>;
  /** How many lines about this pool the proxy has written with these words. */
  logged(words: string): number;
  /** Requests that each origin has got. */
  readonly shares: number[];
}

/** Starts one proxy for all `scenarios`. */
export async function startScenarios<Name extends string>(
  scenarios: Readonly<Record<Name, Scenario>>,
): Promise<{ readonly fixture: Fixture; readonly act: (name: Name) => Act }> {
  const entries = Object.entries<Scenario>(scenarios);
  const firsts = new Map<string, number>();
  const origins: OriginOptions[] = [];
  for (const [name, scenario] of entries) {
    firsts.set(name, origins.length);
    origins.push(...scenario.origins);
  }
  const fixture = await startFixture({
    origins,
    config: (ports) => {
      const routes = entries.map(([name]) => `{path: /${name}, pool: ${name}}`).join(", ");
      const pools = entries.map(([name, scenario]) => {
        const first = firsts.get(name) ?? 0;
        const urls = ports
          .slice(first, first + scenario.origins.length)
          .map((port) => `"http://127.0.0.1:${port}"`);
        return [
          `  ${name}:`,
          `    endpoints: [${urls.join(", ")}]`,
          ...scenario.pool.map((line) => `    ${line}`),
        ].join("\n");
      });
      return `listeners: [{name: es, bind: "127.0.0.1:0", routes: [${routes}]}]\npools:\n${pools.join("\n")}\n`;
    },
  });
  const act = (name: Name): Act => {
    const first = firsts.get(name) ?? 0;
    const count = scenarios[name].origins.length;
    const below = (request: SendOptions): SendOptions => ({
      ...request,
      path: `/${name}${request.path}`,
    });
    return {
      send: (request) => fixture.send(below(request)),
      load: (clients, isOver, request) =>
        load(fixture, clients, isOver, (index) => below(request(index))),
      get origins() {
        return fixture.origins.slice(first, first + count);
      },
      stop: (index) => fixture.stop(first + index),
      restart: (index) => fixture.restart(first + index),
      logged: (words) =>
        fixture.log
          .split("\n")
          .filter((line) => line.includes(words) && line.includes(`"pool":"${name}"`)).length,
      get shares() {
        return fixture.origins.slice(first, first + count).map(({ requests }) => requests.length);
      },
    };
  };
  return { fixture, act };
}

/** How often each value occurs. */
export function tally<T>(values: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}
