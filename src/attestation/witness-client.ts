/** Asks a C2SP witness to cosign a checkpoint (c2sp.org/tlog-witness). */
import { Buffer } from "node:buffer";

import { errorCode } from "../core/system-error.ts";
import { parseCheckpoint } from "../tlog/checkpoint.ts";
import { formatSignature, parseNote, parseSignatures, verifyNote } from "../tlog/note.ts";
import { TlogError } from "../tlog/tlog-error.ts";
import type { VerifierKey } from "../tlog/verifier-key.ts";
import { formatWitnessRequest, parseSize, sizeContentType } from "../tlog/witness-request.ts";
import type { WitnessRequest } from "../tlog/witness-request.ts";
import type { HttpAnswer, HttpClient } from "./http-client.ts";

/** A witness, as the configuration names it. */
export interface WitnessAddress {
  /** Its submission prefix; `/add-checkpoint` is put behind it. */
  readonly url: string;
  /** Its public keys; cosignatures of others are ignored. */
  readonly keys: readonly VerifierKey[];
}

/** What came of a request. */
export type CosignResult =
  | {
      readonly kind: "cosigned";
      /** Signature lines of the witness's known keys, to be put behind the checkpoint. */
      readonly lines: string;
      /** POSIX seconds that it signed with; the latest of several. */
      readonly time: number;
    }
  /**
   * The witness says that it has cosigned what this checkpoint contradicts: a larger tree
   * (`witnessSize`), or one that begins otherwise. The log has lost entries or has forked, or the
   * proof or the witness is wrong: a matter for the operator, not for another try.
   */
  | {
      readonly kind: "conflict";
      readonly reason: string;
      readonly witnessSize: number | undefined;
    }
  /** The witness will not cosign: it does not know the log, its key, or this form of request. */
  | { readonly kind: "refused"; readonly status: number; readonly reason: string }
  /** No usable answer; the same request may succeed later. */
  | { readonly kind: "unavailable"; readonly reason: string };

/** A size that changes between two of our requests means that somebody else posts for the log. */
const maxAttempts = 3;
/** The protocol asks for none; this is what the body is. */
const contentType = "text/plain; charset=utf-8";
/** The witness's own words in messages, at most. */
const maxReason = 200;

/**
 * The client of one witness. It remembers the size that the witness has cosigned, so that one
 * request is enough while nobody else posts for the log; a wrong guess costs a second one.
 *
 * One request at a time: wait for an answer before the next call.
 */
export class WitnessClient {
  readonly #address: WitnessAddress;
  readonly #http: HttpClient;
  #witnessSize = 0;

  constructor(address: WitnessAddress, http: HttpClient) {
    this.#address = address;
    this.#http = http;
  }

  /**
   * Asks for cosignatures. What goes wrong at the witness or on the way is a result; it rejects
   * only with what `prove` throws, and when the checkpoint is none.
   *
   * @param checkpoint signed by the log
   * @param prove gives the consistency proof from an older size to the checkpoint's
   */
  async cosign(
    checkpoint: Uint8Array,
    prove: (oldSize: number) => readonly Uint8Array[],
  ): Promise<CosignResult> {
    const { text } = parseNote(checkpoint);
    const { size } = parseCheckpoint(text);
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      const oldSize = Math.min(this.#witnessSize, size);
      const answer = await this.#post({ checkpoint, oldSize, proof: prove(oldSize) });
      if (typeof answer === "string") return { kind: "unavailable", reason: answer };
      const known = sizeOf(answer);
      if (known === undefined) return this.#read(answer, text, size);
      this.#witnessSize = known;
      if (known > size) {
        const reason = `the witness has cosigned ${known} entries, the checkpoint has ${size}`;
        return { kind: "conflict", reason, witnessSize: known };
      }
    }
    return { kind: "unavailable", reason: "the size that the witness knows keeps changing" };
  }

  /** The answer, or why there is none. */
  async #post(message: WitnessRequest): Promise<HttpAnswer | string> {
    const url = `${this.#address.url.replace(/\/+$/, "")}/add-checkpoint`;
    try {
      return await this.#http.post(url, contentType, formatWitnessRequest(message));
    } catch (error) {
      return failureOf(error);
    }
  }

  #read({ status, body }: HttpAnswer, text: string, size: number): CosignResult {
    const reason = `${status}: ${shown(body)}`;
    if (status === 200) {
      const result = this.#readLines(body.toString(), text);
      if (result.kind === "cosigned") this.#witnessSize = size;
      return result;
    }
    // 409 without a size was the answer to a second root for one size before tlog-witness 1.1.
    if (status === 422 || status === 409)
      return { kind: "conflict", reason, witnessSize: undefined };
    if (status >= 500 || status === 429) return { kind: "unavailable", reason };
    return { kind: "refused", status, reason };
  }

  #readLines(lines: string, text: string): CosignResult {
    try {
      const signatures = parseSignatures(lines);
      const verified = verifyNote({ text, signatures }, this.#address.keys);
      // A time of 0 makes no statement that the witness has seen no larger tree.
      const timed = verified.filter(({ time }) => time !== undefined && time > 0);
      if (timed.length === 0) return { kind: "refused", status: 200, reason: "no cosignature" };
      return {
        kind: "cosigned",
        lines: timed.map(({ signature }) => formatSignature(signature)).join(""),
        time: Math.max(...timed.map(({ time }) => time ?? 0)),
      };
    } catch (error) {
      if (!(error instanceof TlogError)) throw error;
      return { kind: "refused", status: 200, reason: error.message };
    }
  }
}

/** The size in a 409; `undefined` for every other answer. */
function sizeOf({ status, contentType, body }: HttpAnswer): number | undefined {
  if (status !== 409 || contentType.split(";", 1)[0]?.trim() !== sizeContentType) return undefined;
  return parseSize(body.toString("latin1"));
}

/** Printable characters of the first line: what a stranger sends does not drive a terminal. */
function shown(body: Uint8Array): string {
  const [line = ""] = Buffer.from(body).toString("latin1").split("\n", 1);
  return line.replaceAll(/[^\u0020-\u007e]/g, "?").slice(0, maxReason);
}

/** Code or kind of a failure on the way; its message may quote what a stranger has sent. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown error";
  return errorCode(error, error.name);
}
