/** Where commands record what they do to a trail: in the trail, or beside a copy of it. */
import { Buffer } from "node:buffer";
import { appendFileSync } from "node:fs";
import * as net from "node:net";
import { join } from "node:path";

import { exchangeId } from "../../core/ids.ts";
import { jsonAscii } from "../format/json-text.ts";
import type { TrailEvent } from "../record/trail-event.ts";
import { controlAddress } from "../store/control-address.ts";
import { sideLogFile } from "../store/side-log.ts";

/** Takes events of one directory. */
export interface EventSink {
  /** The proxy that writes the trail takes them; else they go into a file beside it. */
  readonly isLive: boolean;
  /**
   * Hands an event over.
   *
   * @returns its id, where it is stored when this returns; else it is in the trail in a moment
   * @throws {Error} when it cannot be recorded
   */
  record(event: TrailEvent): Promise<string | undefined>;
  /** Ends the segments that are written to, where somebody writes. */
  seal(): Promise<void>;
}

/** A proxy that does not answer is one that hangs. Milliseconds. */
const answerMs = 5000;

/** Finds out whether a proxy writes the trail. */
export async function openEventSink(directory: string): Promise<EventSink> {
  return (await isAnswering(directory)) ? new LiveSink(directory) : new SideLog(directory);
}

class LiveSink implements EventSink {
  readonly isLive = true;
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  async record(event: TrailEvent): Promise<undefined> {
    await ask(this.#directory, { do: "record", event });
    return undefined;
  }

  async seal(): Promise<void> {
    await ask(this.#directory, { do: "seal" });
  }
}

/** A file of records of which no log vouches. */
class SideLog implements EventSink {
  readonly isLive = false;
  readonly #path: string;

  constructor(directory: string) {
    this.#path = join(directory, sideLogFile);
  }

  record({ action, type, outcome, fields }: TrailEvent): Promise<string> {
    const now = Date.now();
    const id = exchangeId(now);
    const line = {
      "@timestamp": new Date(now).toISOString(),
      event: {
        kind: "event",
        dataset: "es_proxy.audit",
        id,
        action,
        category: ["configuration"],
        type: [type],
        outcome,
      },
      es_proxy: { record: "event", event: { ...fields, side_log: true } },
    };
    appendFileSync(this.#path, `${jsonAscii(line)}\n`, { mode: 0o600, flush: true });
    return Promise.resolve(id);
  }

  seal(): Promise<void> {
    return Promise.resolve();
  }
}

/** Nobody who reads a directory waits for a proxy that has gone. */
async function isAnswering(directory: string): Promise<boolean> {
  try {
    await ask(directory, { do: "nothing" });
  } catch (error) {
    // What has answered that it does not know this is there.
    return error instanceof Refusal;
  }
  return true;
}

/** The proxy's own words. */
class Refusal extends Error {}

async function ask(directory: string, message: object): Promise<void> {
  const address = controlAddress(directory);
  try {
    const answer = await exchange(address.path, `${JSON.stringify(message)}\n`);
    const value: unknown = JSON.parse(answer);
    if (typeof value !== "object" || value === null || !("ok" in value) || value.ok !== true)
      throw new Refusal(`the proxy does not record it: ${answer.trim().slice(0, 200)}`);
  } finally {
    address.release();
  }
}

function exchange(path: string, line: string): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const socket = net.connect({ path });
  let text = "";
  socket.setTimeout(answerMs, () => socket.destroy(new Error("the proxy does not answer")));
  socket.setEncoding("utf8");
  socket.on("connect", () => socket.write(Buffer.from(line)));
  socket.on("data", (chunk: string) => (text += chunk));
  socket.on("error", reject);
  socket.on("close", () => (text === "" ? reject(new Error("no answer")) : resolve(text)));
  return promise;
}
