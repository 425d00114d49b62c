/** Removes the content coding of a body before it is read. */
import { Buffer } from "node:buffer";
import type { Transform } from "node:stream";
import { hasErrorCode } from "../../core/system-error.ts";
import type { BodyReader } from "./body-reader.ts";
import { codingsOf, decompressor, type ContentCoding } from "./content-coding.ts";
import type { ExaminationReason } from "./examination.ts";

const none = Buffer.alloc(0);

/** How far a coded body is looked into. */
export interface DecodingLimits {
  /** Most bytes of the decoded body. */
  readonly bytes: number;
  /** Most decoded bytes for each one received, once the decoded ones are more than `freeBytes`. */
  readonly ratio: number;
  readonly freeBytes: number;
}

/**
 * Repetitive logs shrink to a hundredth at most; Elasticsearch takes requests of 100 MB, and
 * answers are seldom longer than some hundreds.
 */
export const usualDecodingLimits: DecodingLimits = {
  bytes: 1_073_741_824,
  ratio: 200,
  freeBytes: 16_777_216,
};

/**
 * Removes the content coding of a body before a {@link BodyReader} reads it. Decoding runs in
 * threads of their own, so that the caller waits: `write` again when its promise is settled.
 *
 * Memory is that of the windows of the codings, and some pieces of 16 KiB. Several members of a
 * gzip body and several zstd frames are read; bytes behind a gzip body that are none are not.
 */
export class CodedReader<Facts> {
  readonly #reader: BodyReader<Facts>;
  readonly #limits: DecodingLimits;
  readonly #codings: readonly ContentCoding[] | undefined;
  /** One for each coding; made when the first two bytes are there. */
  #streams: readonly Transform[] = [];
  /** Bytes that came before the streams. */
  #held: Buffer = none;
  #received = 0;
  #decoded = 0;
  #reason: ExaminationReason | undefined = undefined;
  /** Settles the call that waits for a stream. */
  #settle: (() => void) | undefined = undefined;

  /** @param contentEncoding as received; undefined: none */
  constructor(
    reader: BodyReader<Facts>,
    contentEncoding: string | undefined,
    limits: DecodingLimits = usualDecodingLimits,
  ) {
    this.#reader = reader;
    this.#limits = limits;
    this.#codings = codingsOf(contentEncoding);
    if (this.#codings === undefined) this.#reason = "coding";
  }

  /** Reads a piece, which may be used again when the promise is settled. Never rejects. */
  async write(piece: Buffer): Promise<void> {
    this.#received += piece.length;
    if (this.#reason !== undefined || piece.length === 0) return;
    if (this.#codings?.length === 0) return this.#take(piece);
    if (this.#streams.length > 0) return this.#pass(piece);
    this.#held = Buffer.concat([this.#held, piece]);
    if (this.#held.length >= 2) await this.#begin();
  }

  /**
   * Ends the body. Never rejects.
   *
   * @param reason why not all of it was written; undefined: it was
   */
  async finish(reason?: ExaminationReason): Promise<Facts> {
    if (this.#streams.length === 0 && this.#held.length > 0) await this.#begin();
    if (this.#reason === undefined && this.#streams.length > 0)
      await this.#wait((done) => {
        this.#streams.at(-1)?.once("end", done);
        this.#streams[0]?.end();
      });
    for (const stream of this.#streams) stream.destroy();
    return this.#reader.finish(this.#received === 0 ? reason : (this.#reason ?? reason));
  }

  /** Makes the streams, and passes what was held until now. */
  #begin(): Promise<void> {
    const first = this.#held;
    this.#streams = (this.#codings ?? []).map((coding) => decompressor(coding, first));
    for (const [at, stream] of this.#streams.entries()) {
      stream.on("error", (error) =>
        this.#fail(hasErrorCode(error, "Z_BUF_ERROR") ? "end" : "corrupt"),
      );
      const next = this.#streams[at + 1];
      if (next === undefined) stream.on("data", (piece: Buffer) => this.#take(piece));
      else stream.pipe(next);
    }
    this.#held = none;
    return this.#pass(first);
  }

  #pass(piece: Buffer): Promise<void> {
    return this.#wait((done) => this.#streams[0]?.write(piece, () => done()));
  }

  /** Waits for a stream, but not for one that failed. */
  #wait(start: (done: () => void) => void): Promise<void> {
    return new Promise((resolve) => {
      this.#settle = resolve;
      start(resolve);
    });
  }

  #take(piece: Buffer): void {
    if (this.#reason !== undefined) return;
    this.#decoded += piece.length;
    const { bytes, ratio, freeBytes } = this.#limits;
    if (this.#decoded > bytes) return this.#fail("size");
    const isBomb = this.#decoded > freeBytes && this.#decoded > ratio * this.#received;
    if (isBomb && this.#streams.length > 0) return this.#fail("ratio");
    this.#reader.write(piece, 0, piece.length);
  }

  #fail(reason: ExaminationReason): void {
    this.#reason ??= reason;
    for (const stream of this.#streams) stream.destroy();
    this.#settle?.();
  }
}
