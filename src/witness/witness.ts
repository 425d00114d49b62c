/** Cosigns checkpoints that continue the tree that it has seen, and remembers them. */
import { Buffer } from "node:buffer";

import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import { errorCode } from "../core/system-error.ts";
import { parseCheckpoint } from "../tlog/checkpoint.ts";
import type { Checkpoint } from "../tlog/checkpoint.ts";
import { formatNote, formatSignature, parseNote } from "../tlog/note.ts";
import type { SigningKey } from "../tlog/signing-key.ts";
import { TlogError } from "../tlog/tlog-error.ts";
import { decide } from "../tlog/witness-decision.ts";
import type { WitnessDecision } from "../tlog/witness-decision.ts";
import { formatSize, parseWitnessRequest, sizeContentType } from "../tlog/witness-request.ts";
import type { WitnessRequest } from "../tlog/witness-request.ts";
import { originId } from "./checkpoint-files.ts";
import type { CheckpointStore } from "./checkpoint-files.ts";
import type { WitnessLogOptions } from "./witness-options.ts";

/** What is sent back over HTTP. */
export interface WitnessAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string | Uint8Array;
}

export interface WitnessParts {
  /** One or more, all of the same name. */
  readonly keys: readonly SigningKey[];
  readonly logs: readonly WitnessLogOptions[];
  readonly store: CheckpointStore;
  /** Whether the store is still this process's alone. @throws {Error} when that cannot be told */
  readonly isAlone: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
}

/** Anybody may repeat what a log has signed; that must not fill the operator's log. */
const reportIntervalMs = 10_000;

const textType = "text/plain; charset=utf-8";

/**
 * The witness behind the HTTP listener. A decision, the signature and the write of the file happen
 * in one turn of the event loop, so that no other request can come in between; the process must be
 * the only one that writes to the store.
 */
export class Witness {
  readonly #parts: WitnessParts;
  /** By origin. */
  readonly #logs: ReadonlyMap<string, WitnessLogOptions>;
  /** Origins by the hash that stands in URLs. */
  readonly #origins: ReadonlyMap<string, string>;
  /** By origin, what was stored last: files that are removed or put back are noticed. */
  readonly #known = new Map<string, Checkpoint>();
  /** By origin, when a conflict was last told, in monotonic milliseconds. */
  readonly #reportedAt = new Map<string, number>();

  constructor(parts: WitnessParts) {
    this.#parts = parts;
    this.#logs = new Map(parts.logs.map((log) => [log.origin, log]));
    this.#origins = new Map(parts.logs.map(({ origin }) => [originId(origin), origin]));
  }

  /** Answers `POST add-checkpoint`. Never throws: a store that fails is a 500, and is logged. */
  addCheckpoint(body: Uint8Array): WitnessAnswer {
    try {
      return this.#answer(parseWitnessRequest(body));
    } catch (error) {
      if (error instanceof TlogError) return plain(400, error.message);
      return this.#fail(error);
    }
  }

  /** Answers `GET <hex SHA-256 of the origin>/checkpoint`. Never throws. */
  latest(id: string): WitnessAnswer {
    const origin = this.#origins.get(id);
    if (origin === undefined) return plain(404, "this witness does not know the log");
    try {
      const note = this.#parts.store.read(origin);
      if (note === undefined) return plain(404, "nothing of this log has been cosigned yet");
      return { status: 200, contentType: textType, body: note };
    } catch (error) {
      return this.#fail(error);
    }
  }

  #answer(request: WitnessRequest): WitnessAnswer {
    if (!this.#parts.isAlone()) throw new Error("another witness has taken the directory");
    const decision = decide(request, (origin) => {
      const log = this.#logs.get(origin);
      return log && { keys: log.keys, latest: this.#latestOf(origin) };
    });
    if (decision.status === 200) return this.#cosign(decision);
    if (decision.status === 409)
      return { status: 409, contentType: sizeContentType, body: formatSize(decision.size) };
    if (decision.status === 422) this.#reportConflict(decision, request);
    return plain(decision.status, decision.reason);
  }

  /** @throws {Error} when the stored file cannot be read: a witness that forgot must not sign */
  #latestOf(origin: string): Checkpoint | undefined {
    const note = this.#parts.store.read(origin);
    const known = this.#known.get(origin);
    if (note === undefined && known === undefined) return undefined;
    const stored = note === undefined ? undefined : checkpointOf(note, origin);
    if (known !== undefined && (stored === undefined || isBehind(stored, known)))
      throw new Error(
        `the stored checkpoint of ${originId(origin)} is not the one that was stored last: ` +
          `that had ${known.size} entries`,
      );
    if (stored !== undefined) this.#known.set(origin, stored);
    return stored;
  }

  #cosign({ checkpoint, text, signatures }: WitnessDecision & { status: 200 }): WitnessAnswer {
    const { keys, store, clock, log } = this.#parts;
    const time = Math.floor(clock.wallAt(clock.now()) / 1000);
    const cosignatures = keys.map((key) => key.sign(text, time));
    const note = formatNote({ text, signatures: [...signatures, ...cosignatures] });
    store.write(checkpoint.origin, Buffer.from(note));
    this.#known.set(checkpoint.origin, checkpoint);
    log.debug({ origin: checkpoint.origin, size: checkpoint.size }, "cosigned");
    return {
      status: 200,
      contentType: textType,
      body: cosignatures.map(formatSignature).join(""),
    };
  }

  #reportConflict(
    { origin, isFork, reason }: WitnessDecision & { status: 422 },
    { oldSize, checkpoint }: WitnessRequest,
  ): void {
    const { store, clock, log } = this.#parts;
    if (isFork) store.keepConflict(origin, checkpoint);
    const now = clock.now();
    if (now - (this.#reportedAt.get(origin) ?? Number.NEGATIVE_INFINITY) < reportIntervalMs) return;
    this.#reportedAt.set(origin, now);
    const message = isFork
      ? "a log has signed two trees of one size; the second is kept as conflict-* beside the first"
      : "a checkpoint does not continue the tree of its log, or its proof is wrong";
    log.error({ origin, size: oldSize, reason }, message);
  }

  #fail(error: unknown): WitnessAnswer {
    const fields = {
      error: error instanceof Error ? error.name : "unknown",
      code: errorCode(error, "none"),
      reason: error instanceof Error ? error.message : undefined,
    };
    this.#parts.log.error(fields, "the witness cannot use its files; nothing was cosigned");
    return plain(500, "the witness cannot use its files");
  }
}

/** @throws {Error} when the file holds something else */
function checkpointOf(note: Buffer, origin: string): Checkpoint {
  try {
    const checkpoint = parseCheckpoint(parseNote(note).text);
    if (checkpoint.origin === origin) return checkpoint;
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
  }
  throw new Error(`the stored checkpoint of ${originId(origin)} is damaged`);
}

function isBehind(stored: Checkpoint, known: Checkpoint): boolean {
  if (stored.size !== known.size) return stored.size < known.size;
  return Buffer.compare(stored.root, known.root) !== 0;
}

function plain(status: number, text: string): WitnessAnswer {
  return { status, contentType: textType, body: `${text}\n` };
}
