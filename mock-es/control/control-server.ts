import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { parseFault, parseFaultRule } from "../faults/fault.ts";
import type { FaultPlan } from "../faults/fault-plan.ts";
import type { RecordedExchange, Recorder } from "../recorder/recorder.ts";
import type { Cluster } from "../store/cluster.ts";

/** What the control endpoint controls. */
export interface Controlled {
  readonly requests: Recorder;
  readonly faults: FaultPlan;
  readonly store: Cluster;
}

/** A control endpoint that is listening. */
export interface Control {
  readonly url: string;
  close(): Promise<void>;
}

/** Longest list of rules that is read. */
const maxBodyBytes = 1024 * 1024;

/**
 * Opens the control endpoint: a server of its own, so that nothing a client sends to the
 * Elasticsearch port can reach it and none of its requests shows up in the recorder.
 *
 * `GET /requests` (`?method=&path=&limit=`), `DELETE /requests`, `GET /requests/count`, `GET
 * /faults`, `POST /faults` (one rule or a list), `DELETE /faults`, `GET /store`, `DELETE /store`.
 */
export async function startControl(
  host: string,
  port: number,
  controlled: Controlled,
): Promise<Control> {
  const server = createServer((request, response) => {
    readText(request, (text) => {
      try {
        reply(response, 200, answer(request, text, controlled));
      } catch (error) {
        const status = error instanceof UnknownRoute ? 404 : 400;
        reply(response, status, { error: error instanceof Error ? error.message : String(error) });
      }
    });
  });
  const boundPort = await new Promise<number>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${boundPort}`,
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      });
    },
  };
}

class UnknownRoute extends Error {}

function answer(request: IncomingMessage, text: string, controlled: Controlled): unknown {
  const url = new URL(request.url ?? "/", "http://control");
  const { requests, faults, store } = controlled;
  switch (`${request.method ?? ""} ${url.pathname}`) {
    case "GET /requests":
      return { count: requests.count, requests: select(requests, url.searchParams).map(toJson) };
    case "GET /requests/count":
      return { count: requests.count };
    case "DELETE /requests":
      requests.reset();
      return { count: 0 };
    case "GET /faults":
      return { seed: faults.seed, rules: faults.rules() };
    case "POST /faults":
      for (const rule of parseRules(text)) faults.add(rule);
      return { seed: faults.seed, rules: faults.rules() };
    case "DELETE /faults":
      faults.clear();
      return { seed: faults.seed, rules: [] };
    case "GET /store":
      return {
        indices: [...store.indices.values()].map((index) => ({
          index: index.name,
          documents: index.documentCount,
        })),
      };
    case "DELETE /store":
      store.clear();
      return { indices: [] };
    default:
      throw new UnknownRoute(`no control route ${request.method ?? ""} ${url.pathname}`);
  }
}

function parseRules(text: string): ReturnType<typeof parseFaultRule>[] {
  const value: unknown = JSON.parse(text);
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.map((entry) =>
    typeof entry === "object" && entry !== null && "kind" in entry
      ? { fault: parseFault(entry) }
      : parseFaultRule(entry),
  );
}

function select(requests: Recorder, parameters: URLSearchParams): readonly RecordedExchange[] {
  const method = parameters.get("method");
  const path = parameters.get("path");
  const limit = Number(parameters.get("limit") ?? "1000");
  const found = method === null ? requests.all() : requests.all(method, path ?? undefined);
  return found.slice(-limit);
}

function toJson(exchange: RecordedExchange): unknown {
  return { ...exchange, body: exchange.body?.toString("base64") };
}

function reply(response: ServerResponse, status: number, value: unknown): void {
  const body = Buffer.from(`${JSON.stringify(value)}\n`);
  response.writeHead(status, { "content-type": "application/json", "content-length": body.length });
  response.end(body);
}

function readText(request: IncomingMessage, onText: (text: string) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBodyBytes) chunks.push(chunk);
    else request.destroy();
  });
  request.on("end", () => {
    onText(Buffer.concat(chunks).toString("utf8"));
  });
}
