import { Agent, request } from "node:http";

/** Requests that go on until they are stopped. */
export interface Load {
  /** Answered with 200. */
  readonly done: number;
  /** What went wrong, one line each. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

/**
 * Sends requests one after the other: `kept` clients each on a connection that it keeps as long as
 * it may, `fresh` clients with a new connection for each request. Every second request is a POST,
 * which no client library would repeat. A client that is refused or cut off is a failure.
 */
export function startLoad(port: number, kept: number, fresh: number): Load {
  const failures: string[] = [];
  const agents: Agent[] = [];
  let done = 0;
  const stopping = new AbortController();
  const client = async (label: string, agent: Agent): Promise<void> => {
    for (let at = 0; !stopping.signal.aborted; at += 1) {
      const failure = await send(port, agent, at % 2 === 0 ? "GET" : "POST");
      if (failure === undefined) done += 1;
      else failures.push(`${label} #${at}: ${failure}`);
    }
  };
  const clients = Array.from({ length: kept + fresh }, (_, at) => {
    const isKept = at < kept;
    const agent = new Agent({ keepAlive: isKept, maxSockets: 1 });
    agents.push(agent);
    return client(isKept ? "kept" : "fresh", agent);
  });
  return {
    get done() {
      return done;
    },
    failures,
    async stop() {
      stopping.abort();
      await Promise.all(clients);
      for (const agent of agents) agent.destroy();
    },
  };
}

function send(port: number, agent: Agent, method: string): Promise<string | undefined> {
  const { promise, resolve } = Promise.withResolvers<string | undefined>();
  const sent = request(
    { host: "127.0.0.1", port, method, path: "/logs/_doc", agent, timeout: 30_000 },
    (response) => {
      response.resume();
      response.on("end", () =>
        resolve(response.statusCode === 200 ? undefined : `${method} got ${response.statusCode}`),
      );
      response.on("error", (error: NodeJS.ErrnoException) =>
        resolve(`${method} cut off: ${error.code}`),
      );
    },
  );
  sent.on("timeout", () => sent.destroy(new Error("no answer in 30 s")));
  sent.on("error", (error: NodeJS.ErrnoException) =>
    resolve(`${method} failed: ${error.code ?? error.message}`),
  );
  sent.end(method === "POST" ? '{"a":1}' : undefined);
  return promise;
}
