/** Whether memory stays flat while the targets of shipping are dead and the trail grows. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { makeTempDir } from "../test/support/temp-dir.ts";
import { writeExchanges } from "../stress/micro/made-trail.ts";
import { refusedPort } from "../test/support/ports.ts";
import type { LiveBytes } from "./messages.ts";
import { theilSen, type Slope } from "./slope-statistics.ts";

/** To the process that ships. */
export type ShipCommand =
  | {
      readonly kind: "start";
      readonly directory: string;
      readonly urls: readonly string[];
      /** It reads ahead, and keeps what it has read. */
      readonly isPlanted: boolean;
    }
  | { readonly kind: "sample" };

/** What it answers. */
export interface ShipSample extends LiveBytes {
  /** Requests that have failed. */
  readonly failures: number;
  /** Documents that were taken: none may be. */
  readonly shipped: number;
}

/** How long and how much. */
export interface ShippingSettings {
  /** Discarded rounds. */
  readonly warmups: number;
  readonly rounds: number;
  /** Exchanges that are added to the trail in each. */
  readonly exchanges: number;
  /** From the beginning of a round to that of the next. Milliseconds. */
  readonly pauseMs: number;
}

/**
 * What an exchange may leave behind on average while nothing can be shipped, at the 10th percentile
 * of the slopes. One line of a record is 1,000 bytes; leak-free runs had 20 at most. Bytes.
 */
const limit = 100;
const metrics = ["heap", "arrayBuffers", "external"] as const;

/** What came of it. */
export interface ShippingResult {
  readonly slopes: Readonly<Record<(typeof metrics)[number], Slope>>;
  readonly red: readonly string[];
  /** Requests that have failed: the gate says nothing without. */
  readonly failures: number;
  readonly shipped: number;
}

/** Ships to one target that refuses connections, and one that takes requests and never answers. */
export async function shippingGate(
  settings: ShippingSettings,
  isPlanted: boolean,
): Promise<ShippingResult> {
  await using folder = await makeTempDir();
  const silent = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    socket.resume();
  });
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const { port } = silent.address() as AddressInfo;
  const directory = folder.file("audit");
  const child = fork(join(import.meta.dirname, "ship-subject.ts"), {
    execArgv: ["--expose-gc", "--no-flush-bytecode"],
  });
  const tell = async (command: ShipCommand): Promise<ShipSample> => {
    const answer = once(child, "message") as Promise<[ShipSample]>;
    child.send(command);
    return (await answer)[0];
  };
  const grow = (): Promise<void> =>
    writeExchanges(directory, settings.exchanges, (at) => ({
      method: "POST",
      target: `/logs-${at % 7}/_search`,
      request: { query: { term: { n: at } } },
      status: 200,
      answer: { took: at % 9, hits: { hits: [] } },
    }));
  try {
    await grow();
    const urls = [`http://127.0.0.1:${refusedPort}`, `http://127.0.0.1:${port}`];
    await tell({ kind: "start", directory, urls, isPlanted });
    const samples: ShipSample[] = [];
    const begunMs = performance.now();
    for (let round = 0; round < settings.warmups + settings.rounds; round += 1) {
      await grow();
      // At its time, however long the writing took: so many minutes are so many.
      await sleep(Math.max(0, begunMs + (round + 1) * settings.pauseMs - performance.now()));
      const sample = await tell({ kind: "sample" });
      if (round >= settings.warmups) samples.push(sample);
    }
    const slopeOf = (metric: (typeof metrics)[number]): Slope =>
      theilSen(
        samples.map((sample) => sample[metric]),
        settings.exchanges,
      );
    const slopes = {
      heap: slopeOf("heap"),
      arrayBuffers: slopeOf("arrayBuffers"),
      external: slopeOf("external"),
    };
    const last = samples.at(-1);
    return {
      slopes,
      red: metrics.filter((metric) => slopes[metric].p10 > limit),
      failures: last?.failures ?? 0,
      shipped: last?.shipped ?? 0,
    };
  } finally {
    child.kill("SIGKILL");
    silent.close();
  }
}
