/**
 * A witness that kills its own process around the write of a checkpoint:
 * `killed-witness.ts FOLDER before-write|after-write|never`.
 */
import { openSigningKey } from "../../src/attestation/signing-key-file.ts";
import { SystemClock } from "../../src/core/clock.ts";
import { CheckpointFiles } from "../../src/witness/checkpoint-files.ts";
import { WitnessListener } from "../../src/witness/witness-listener.ts";
import { Witness } from "../../src/witness/witness.ts";
import { GrowingLog } from "./growing-log.ts";
import { memoryLog } from "./local-witness.ts";

const [folder = "", moment = ""] = process.argv.slice(2);

class KilledFiles extends CheckpointFiles {
  override write(origin: string, note: Uint8Array): void {
    if (moment === "before-write") process.kill(process.pid, "SIGKILL");
    super.write(origin, note);
    if (moment === "after-write") process.kill(process.pid, "SIGKILL");
  }
}

const log = memoryLog([]);
const { origin, key } = new GrowingLog();
const { key: own } = openSigningKey(`${folder}/w.key`, "witness.example/w1", "ed25519-cosignature");
const witness = new Witness({
  keys: [own],
  logs: [{ origin, keys: [key.verifier] }],
  store: new KilledFiles(folder),
  isAlone: () => true,
  clock: new SystemClock(),
  log,
});
const bind = { kind: "tcp", host: "127.0.0.1", port: 0 } as const;
const listener = await WitnessListener.open({ bind, tls: undefined, log }, witness);
process.stderr.write(`listening on ${listener.url}\n`);
