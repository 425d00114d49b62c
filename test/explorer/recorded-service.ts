/** A proxy with facts, proof and explorer in front of a mock Elasticsearch, and some traffic. */
import { writeFile } from "node:fs/promises";

import { startMockEs } from "../../mock-es/index.ts";
import { startScript, type Child } from "../support/child-process.ts";
import { makeTempDir } from "../support/temp-dir.ts";
import { waitFor } from "../support/wait-for.ts";
import { ask } from "./ask.ts";
import { hostile } from "./trail.ts";

export interface RecordedService extends AsyncDisposable {
  readonly child: Child;
  /** Of the proxy. */
  readonly url: string;
  /** Of the explorer. */
  readonly explorer: string;
  /** Of the audit. */
  readonly directory: string;
  /** Asks Elasticsearch past the proxy, with a name of the program. */
  sendPast(agent: string): Promise<void>;
  /** Sends a request as a user; gives the answer. */
  send(user: string, method: string, path: string, body?: unknown): Promise<Answered>;
}

/** What is looked at of an answer. */
export interface Answered {
  readonly _scroll_id?: string;
  readonly hits?: { readonly hits: readonly unknown[] };
}

/** Patients that are read by their ids, by searches and by a scroll, one with markup for a name. */
export async function startRecordedService(): Promise<RecordedService> {
  const mock = await startMockEs();
  const folder = await makeTempDir();
  await writeFile(
    folder.file("es.yaml"),
    `listeners:
  - {name: es, bind: "127.0.0.1:0", routes: [{path: /, pool: es}]}
pools:
  es: {endpoints: ["${mock.url}"]}
audit:
  directory: audit
  facts: true
  proof: {origin: example.com/es-proxy-test, key_file: proof.key, checkpoint_every: 1s}
  coverage: {every: 1s}
  watch: [{indices: "patients-*", fields: [name, "diagnosis.*"]}]
explorer: {bind: "127.0.0.1:0"}
`,
  );
  const child = startScript("src/cli/main.ts", ["run", "--config", folder.file("es.yaml")]);
  const dispose = async (): Promise<void> => {
    await child.kill();
    await mock.close();
    await folder.remove();
  };
  try {
    const [, explorer = ""] = await child.stderrMatch(/explorer on (\S+)\n/, 60_000);
    const [, url = ""] = await child.stderrMatch(/listening on (\S+)\n/);
    const send: RecordedService["send"] = async (user, method, path, body) => {
      const authorization = `Basic ${Buffer.from(`${user}:secret`).toString("base64")}`;
      const isText = typeof body === "string";
      const type = isText ? "application/x-ndjson" : "application/json";
      const response = await fetch(new URL(path, url), {
        method,
        headers: { authorization, "content-type": type },
        ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      });
      return (await response.json()) as Answered;
    };
    await record(send);
    const isDerived = async (): Promise<boolean> => {
      const { follower } = JSON.parse((await ask(explorer, "/api/status")).body) as {
        readonly follower: { readonly facts: number };
      };
      return follower.facts >= exchanges;
    };
    await waitFor("the facts of all exchanges", isDerived, 60_000);
    const id = await lastId(explorer);
    const isSigned = async (): Promise<boolean> =>
      (await ask(explorer, `/api/proof/${id}`)).body.startsWith('{"standing":"proven"');
    await waitFor("a checkpoint with the last exchange", isSigned, 60_000);
    return {
      child,
      url,
      explorer,
      directory: folder.file("audit"),
      send,
      sendPast: async (agent) => {
        await (await fetch(mock.url, { headers: { "user-agent": agent } })).text();
      },
      [Symbol.asyncDispose]: dispose,
    };
  } catch (error) {
    await dispose();
    throw error;
  }
}

/** Of the youngest exchange. */
async function lastId(explorer: string): Promise<string> {
  const { body } = await ask(explorer, "/api/search?limit=1&q=action%3Ascroll");
  const last = JSON.parse(body.trimEnd().split("\n").at(-1) ?? "") as {
    readonly columns: readonly string[];
    readonly rows: readonly (readonly unknown[])[];
  };
  return String(last.rows[0]?.[last.columns.indexOf("id")]);
}

/** How many exchanges {@link record} makes. */
const exchanges = 8;

async function record(send: RecordedService["send"]): Promise<void> {
  const lines = Array.from({ length: 40 }, (_, at) => {
    const name = at === 39 ? hostile : `patient ${at}`;
    const _id = at === 39 ? hostile : String(4700 + at);
    const index = { _index: "patients-2026", _id };
    return [{ index }, { name, room: at, diagnosis: { code: "I10" } }];
  }).flat();
  const bulk = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
  await send("loader", "POST", "/_bulk?refresh=true", bulk);
  await send("alice", "GET", "/patients-2026/_doc/4711");
  await send("bob", "POST", "/patients-2026/_search", { query: { term: { room: 11 } } });
  await send(hostile, "GET", `/patients-2026/_doc/${encodeURIComponent(hostile)}`);
  let page = await send("carol", "POST", "/patients-2026/_search?scroll=1m", { size: 15 });
  for (let at = 0; at < 3; at += 1)
    page = await send("carol", "POST", "/_search/scroll", {
      scroll: "1m",
      scroll_id: page._scroll_id,
    });
}
