/** A witness of this process, over real HTTP and real files. */
import { join } from "node:path";

import { SystemClock } from "../../src/core/clock.ts";
import type { Log, LogFields } from "../../src/core/log.ts";
import { startWitness } from "../../src/witness/running-witness.ts";
import type { RunningWitness } from "../../src/witness/running-witness.ts";
import type { WitnessOptions } from "../../src/witness/witness-options.ts";
import type { GrowingLog } from "./growing-log.ts";

export interface LocalWitness extends AsyncDisposable {
  readonly running: RunningWitness;
  readonly lines: readonly string[];
  /** Posts to add-checkpoint. */
  post(body: Uint8Array | string): Promise<Response>;
}

/** Options of a witness for these logs, with its files in a folder. */
export function witnessOptions(
  directory: string,
  logs: readonly GrowingLog[],
  keys: WitnessOptions["keys"] = [
    { type: "ed25519-cosignature", file: join(directory, "ed25519.key") },
  ],
): WitnessOptions {
  return {
    name: "witness.example/w1",
    bind: { kind: "tcp", host: "127.0.0.1", port: 0 },
    tls: undefined,
    directory,
    keys,
    logs: logs.map(({ origin, key }) => ({ origin, keys: [key.verifier] })),
  };
}

export async function startLocalWitness(options: WitnessOptions): Promise<LocalWitness> {
  const lines: string[] = [];
  const running = await startWitness(options, memoryLog(lines), new SystemClock());
  return {
    running,
    lines,
    post: (body) =>
      fetch(`${running.url}/add-checkpoint`, { method: "POST", body: Buffer.from(body) }),
    [Symbol.asyncDispose]: () => running.close(),
  };
}

/** A log whose lines are `level message {fields}`. */
export function memoryLog(lines: string[]): Log {
  const at =
    (level: string) =>
    (fields: LogFields, message: string): void =>
      void lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}
