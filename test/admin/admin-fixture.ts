/** An admin listener over made-up facts, and requests to it. */
import * as http from "node:http";
import * as https from "node:https";
import { AdminListener } from "../../src/admin/admin-listener.ts";
import type { AdminOptions } from "../../src/admin/admin-listener.ts";
import type { AdminSource, ControlOutcome } from "../../src/admin/admin-source.ts";
import type { Log } from "../../src/core/log.ts";
import { reportWith } from "./made-report.ts";

export const token = "0123456789abcdef0123456789abcdef";
const log: Log = { debug() {}, info() {}, warn() {}, error() {} };

class Source implements AdminSource {
  state: "running" | "draining" = "running";
  current = reportWith("healthy", "healthy");
  outcome: ControlOutcome = { isOk: true, message: "configuration reloaded" };
  asked: string[] = [];

  facts() {
    const reloads = { ok: 1, failed: 0, lastProblems: [] };
    return {
      version: "1.2.3",
      node: "26.0.0",
      pid: 7,
      startedAt: "2026-01-01T00:00:00.000Z",
      reloads,
      explorer: undefined,
      workers: [],
    };
  }

  async report() {
    return this.current;
  }

  async reload() {
    this.asked.push("reload");
    return this.outcome;
  }

  async restart() {
    this.asked.push("restart");
    return this.outcome;
  }
}

interface Opened extends AsyncDisposable {
  readonly source: Source;
  readonly listener: AdminListener;
  readonly port: number;
  ask(
    method: string,
    path: string,
    headers?: http.OutgoingHttpHeaders,
    body?: string,
  ): Promise<Answer>;
}

export interface Answer {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: string;
}

export async function open(options: Partial<AdminOptions> = {}): Promise<Opened> {
  const source = new Source();
  const bind = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
  const listener = await AdminListener.open(
    { bind, tokenFile: undefined, tls: undefined, hide: [], log, ...options },
    source,
  );
  const port = Number(/:(\d+)$/.exec(listener.url)?.[1] ?? 0);
  return {
    source,
    listener,
    port,
    ask: (method, path, headers = {}, body) =>
      ask({ host: "127.0.0.1", port, method, path, headers, agent: false }, body),
    [Symbol.asyncDispose]: () => listener.close(),
  };
}

export function ask(options: https.RequestOptions, body?: string): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  const send = options.ca === undefined ? http.request : https.request;
  const asked = send(options, (response) => {
    let text = "";
    response.setEncoding("utf8");
    response.on("data", (piece: string) => (text += piece));
    response.on("end", () =>
      resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
    );
  });
  asked.on("error", reject);
  asked.end(body);
  return promise;
}
