/** The one way in for bodies: counts, redacts, hashes and stores one body while it passes. */
import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";

import type { BodyFacts, BodySink } from "../record/body-facts.ts";
import type { BodyRedactor, RedactedSink } from "../redact/body-redactor.ts";
import type { PackStore } from "../store/pack-store.ts";
import type { PackedBody } from "../store/packed-body.ts";

/** What the taps of one trail share. */
export interface TapSettings {
  /** Largest body that stays in memory and goes into the record. */
  readonly inlineBytes: number;
  /** undefined: larger bodies leave their hash only. */
  readonly packs: PackStore | undefined;
}

/** What is known of a body before it comes. */
export interface TapTraits {
  /** Of the exchange or session. */
  readonly id: string;
  readonly direction: "request" | "response";
  /** It has a content coding. */
  readonly isCoded: boolean;
  /** Only the size of the body is wanted. */
  readonly isCountedOnly: boolean;
  /** undefined: the body may be stored as received. */
  readonly redactor: BodyRedactor | undefined;
}

/**
 * Records one body at flat memory: what the redaction lets through stays in memory while it is
 * small, and goes into a pack piece by piece when it is larger. Never throws; a body that cannot be
 * stored leaves its hash and the state `not_stored`.
 */
export class BodyTap implements BodySink, RedactedSink {
  readonly #settings: TapSettings;
  readonly #body: BodyFacts;
  readonly #traits: TapTraits;
  #pieces: Buffer[] | undefined = undefined;
  /** Bytes that the redaction let through. */
  #kept = 0;
  /** Of a body that is too large for its record. */
  #hash: Hash | undefined = undefined;
  #packed: PackedBody | undefined = undefined;
  #isFinished = false;

  /** @internal made by `TapMaker` */
  constructor(settings: TapSettings, body: BodyFacts, traits: TapTraits) {
    this.#settings = settings;
    this.#body = body;
    this.#traits = traits;
    body.state = traits.isCountedOnly ? "none" : "streaming";
    body.sink = this;
  }

  write(bytes: Buffer, start: number, end: number): void {
    if (this.#isFinished || end <= start) return;
    this.#body.bytes += end - start;
    const { isCountedOnly, redactor } = this.#traits;
    if (isCountedOnly) return;
    if (redactor === undefined) this.keep(bytes, start, end);
    else redactor.write(bytes, start, end, this);
  }

  /**
   * Takes a whole body at once. A small one is not copied: its bytes must not change until its
   * record was given to the trail, in the same turn.
   */
  whole(bytes: Buffer, start: number, end: number): void {
    const { isCountedOnly, redactor } = this.#traits;
    const isSmall = end - start <= this.#settings.inlineBytes;
    if (end > start && isSmall && redactor === undefined && !isCountedOnly) {
      this.#body.bytes = end - start;
      this.#kept = end - start;
      this.#pieces = [bytes.subarray(start, end)];
    } else {
      this.write(bytes, start, end);
    }
    this.finish(true);
  }

  /**
   * Writes what has been taken into the pack, now; otherwise that happens at the end of the turn.
   * Call it before bytes are passed on whose body must not be lost.
   */
  flush(): void {
    this.#packed?.flush();
    this.#noteLoss();
  }

  /** @internal Takes what the redaction lets through; copies what it keeps. */
  keep(bytes: Uint8Array, start: number, end: number): void {
    this.#kept += end - start;
    if (this.#kept > this.#settings.inlineBytes && this.#hash === undefined) this.#spill();
    if (this.#hash === undefined) {
      // A copy: a slice would pin the whole receive buffer, and the relay may reuse it.
      const copy = Buffer.from(bytes.subarray(start, end));
      if (this.#pieces === undefined) this.#pieces = [copy];
      else this.#pieces.push(copy);
      return;
    }
    this.#hash.update(bytes.subarray(start, end));
    this.#packed?.write(bytes, start, end);
    this.#noteLoss();
  }

  finish(isComplete: boolean): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const body = this.#body;
    const { isCountedOnly, redactor } = this.#traits;
    body.complete = isComplete;
    body.sink = undefined;
    if (isCountedOnly) return;
    const redaction = redactor?.finish(this);
    const sha256 = this.#hash?.digest("hex") ?? "";
    const pointer = this.#packed?.finish(sha256, isComplete);
    this.#noteLoss();
    if (redaction !== undefined && body.bytes > 0) {
      body.redaction = redaction.state;
      body.removed = redaction.removed;
      body.hmac = redaction.hmac;
    }
    if (body.bytes === 0) {
      body.state = "none";
    } else if (this.#kept === 0) {
      body.state = "hidden";
    } else if (this.#hash === undefined) {
      body.state = "inline";
      const pieces = this.#pieces ?? [];
      body.content = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, this.#kept);
    } else {
      body.state = pointer === undefined ? "not_stored" : "stored";
      body.pointer = pointer;
      body.sha256 = sha256;
    }
    this.#pieces = undefined;
  }

  #spill(): void {
    const pieces = this.#pieces ?? [];
    this.#pieces = undefined;
    const { id, direction, isCoded, redactor } = this.#traits;
    const isRedacted = redactor !== undefined;
    const { packs } = this.#settings;
    this.#hash = createHash("sha256");
    this.#packed = packs?.begin({ id, direction, isCoded, isRedacted });
    if (packs !== undefined && this.#packed === undefined) this.#body.isLost = true;
    for (const piece of pieces) {
      this.#hash.update(piece);
      this.#packed?.write(piece, 0, piece.length);
    }
  }

  #noteLoss(): void {
    if (this.#packed?.isLost === true) this.#body.isLost = true;
  }
}
