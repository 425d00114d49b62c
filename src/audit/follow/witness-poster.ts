/** Posts checkpoints to one witness, in the background and one at a time. */
import type { HttpClient } from "../../attestation/http-client.ts";
import { WitnessClient, type CosignResult } from "../../attestation/witness-client.ts";
import { parseCheckpoint } from "../../tlog/checkpoint.ts";
import { parseNote } from "../../tlog/note.ts";
import { TileReader } from "../../tlog/tile-reader.ts";
import { proveConsistency } from "../../tlog/tree-proof.ts";
import { VerifierKey } from "../../tlog/verifier-key.ts";
import type { FollowerMessage, WitnessOptions } from "./follower-messages.ts";
import { GrowingTrouble } from "./growing-trouble.ts";
import type { LogKeeper } from "./log-keeper.ts";
import type { TlogFiles } from "../store/tlog-files.ts";

/**
 * A witness that is slow or away delays nothing: while a request is under way newer checkpoints
 * take the place of the one that waits.
 */
export class WitnessPoster {
  readonly #options: WitnessOptions;
  readonly #http: HttpClient;
  readonly #tell: (message: FollowerMessage) => void;
  /** A client remembers the size of one log. */
  readonly #clients = new Map<string, WitnessClient>();
  readonly #waiting = new Map<LogKeeper, TlogFiles>();
  #running: Promise<void> | undefined = undefined;
  #offered = 0;
  readonly #trouble: GrowingTrouble;
  /** Entries of the newest checkpoint that it has cosigned. */
  witnessedSize = 0;

  /** @param now monotonic milliseconds */
  constructor(
    options: WitnessOptions,
    http: HttpClient,
    tell: (message: FollowerMessage) => void,
    now = (): number => performance.now(),
  ) {
    this.#options = options;
    this.#http = http;
    this.#tell = tell;
    this.#trouble = new GrowingTrouble(now);
  }

  /** A log has a new checkpoint. */
  offer(keeper: LogKeeper, files: TlogFiles): void {
    this.#offered += 1;
    if ((this.#offered - 1) % this.#options.every !== 0) return;
    this.#waiting.set(keeper, files);
    this.#run();
  }

  /** Waits for the request that is under way; it is bounded in time. */
  async finish(): Promise<void> {
    await this.#running;
  }

  #run(): void {
    this.#running ??= this.#post().finally(() => {
      this.#running = undefined;
      if (this.#waiting.size > 0) this.#run();
    });
  }

  async #post(): Promise<void> {
    const [next] = this.#waiting;
    if (next === undefined) return;
    const [keeper, files] = next;
    this.#waiting.delete(keeper);
    const { note } = keeper;
    if (note === undefined) return;
    const { size } = parseCheckpoint(parseNote(note).text);
    const reader = new TileReader(size, files.readTile);
    const result = await this.#client(files.folder).cosign(note, (old) =>
      proveConsistency(old, size, reader),
    );
    if (result.kind !== "cosigned") {
      this.#complain(result);
      return;
    }
    const times = this.#trouble.over();
    const text = `the witness ${this.#options.url} cosigns again, after ${times} failures`;
    if (times > 0) this.#tell({ kind: "log", level: "info", text });
    this.witnessedSize = size;
    keeper.cosigned(note, result.lines);
  }

  #client(folder: string): WitnessClient {
    const known = this.#clients.get(folder);
    if (known !== undefined) return known;
    const keys = this.#options.vkeys.map((vkey) => VerifierKey.parse(vkey));
    const client = new WitnessClient({ url: this.#options.url, keys }, this.#http);
    this.#clients.set(folder, client);
    return client;
  }

  #complain(result: Exclude<CosignResult, { readonly kind: "cosigned" }>): void {
    const { kind, reason } = result;
    // The sizes in the reason of a conflict grow with every checkpoint.
    const times = this.#trouble.again(kind);
    if (times === undefined) return;
    const often = times === 0 ? "" : ` (${times} times more since this was last said)`;
    const text = `the witness ${this.#options.url} has not cosigned (${kind}): ${reason}${often}`;
    this.#tell({ kind: "log", level: kind === "unavailable" ? "warn" : "error", text });
    if (kind !== "conflict") return;
    const fields = { witness: this.#options.url, reason };
    this.#tell({ kind: "event", action: "audit.witness_conflict", outcome: "failure", fields });
  }
}
