/** The one way in for bodies: counts, redacts, hashes and stores one body while it passes. */
import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";

import type { BodyFacts, BodySink } from "../record/body-facts.ts";
import type { BodyRedactor, RedactedSink } from "../redact/body-redactor.ts";
import type { BodyStore, StoredBody } from "../store/body-store.ts";

/** What the taps of one trail share. */
export interface TapSettings {
  /** Largest body that stays in memory and goes into the record. */
  readonly inlineBytes: number;
  /** undefined: larger bodies leave their hash only. */
  readonly store: BodyStore | undefined;
}

/** Which way a body goes: from the client or to it. */
export type BodyDirection = "request" | "response";

/**
 * Records one body at flat memory: what the redaction lets through stays in memory while it is
 * small, and goes to the body store piece by piece when it is larger. Never throws; a body that
 * cannot be stored leaves its hash and the state `not_stored`.
 */
export class BodyTap implements BodySink, RedactedSink {
  readonly #settings: TapSettings;
  readonly #body: BodyFacts;
  readonly #id: string;
  readonly #direction: BodyDirection;
  readonly #isCountedOnly: boolean;
  readonly #redactor: BodyRedactor | undefined;
  #pieces: Buffer[] | undefined = undefined;
  /** Bytes that the redaction let through. */
  #kept = 0;
  #stored: StoredBody | undefined = undefined;
  #hash: Hash | undefined = undefined;
  #isFinished = false;

  /**
   * @param id of the exchange or session
   * @param redactor undefined: the body may be stored as received
   * @param isCountedOnly only the size of the body is wanted
   */
  constructor(
    settings: TapSettings,
    body: BodyFacts,
    id: string,
    direction: BodyDirection,
    redactor: BodyRedactor | undefined,
    isCountedOnly: boolean,
  ) {
    this.#settings = settings;
    this.#body = body;
    this.#id = id;
    this.#direction = direction;
    this.#redactor = redactor;
    this.#isCountedOnly = isCountedOnly;
    body.state = isCountedOnly ? "none" : "streaming";
    body.sink = this;
  }

  write(bytes: Buffer, start: number, end: number): void {
    if (this.#isFinished || end <= start) return;
    this.#body.bytes += end - start;
    if (this.#isCountedOnly) return;
    if (this.#redactor === undefined) this.keep(bytes, start, end);
    else this.#redactor.write(bytes, start, end, this);
  }

  /**
   * Takes a whole body at once. A small one is not copied: its bytes must not change until its
   * record was given to the trail, in the same turn.
   */
  whole(bytes: Buffer, start: number, end: number): void {
    const isSmall = end - start <= this.#settings.inlineBytes;
    if (end > start && isSmall && this.#redactor === undefined && !this.#isCountedOnly) {
      this.#body.bytes = end - start;
      this.#kept = end - start;
      this.#pieces = [bytes.subarray(start, end)];
    } else {
      this.write(bytes, start, end);
    }
    this.finish(true);
  }

  /** @internal Takes what the redaction lets through; copies or writes what it keeps. */
  keep(bytes: Uint8Array, start: number, end: number): void {
    const piece = bytes.subarray(start, end);
    this.#kept += piece.length;
    const isLarge = this.#kept > this.#settings.inlineBytes;
    if (isLarge && this.#hash === undefined && this.#stored === undefined) this.#spill();
    if (this.#hash !== undefined) {
      this.#hash.update(piece);
    } else if (this.#stored !== undefined) {
      if (!this.#stored.write(piece)) this.#loseStore(this.#stored);
    } else {
      // A copy: a slice would pin the whole receive buffer, and the relay may reuse it.
      const copy = Buffer.from(piece);
      if (this.#pieces === undefined) this.#pieces = [copy];
      else this.#pieces.push(copy);
    }
  }

  finish(isComplete: boolean): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const body = this.#body;
    body.complete = isComplete;
    body.sink = undefined;
    if (this.#isCountedOnly) return;
    const redaction = this.#redactor?.finish(this);
    if (redaction !== undefined && body.bytes > 0) {
      body.redaction = redaction.state;
      body.removed = redaction.removed;
      body.hmac = redaction.hmac;
    }
    if (body.bytes === 0) {
      body.state = "none";
    } else if (this.#kept === 0) {
      body.state = "hidden";
    } else if (this.#stored !== undefined) {
      const { sha256, isStored } = this.#stored.finish();
      body.state = isStored ? "stored" : "not_stored";
      body.sha256 = sha256;
    } else if (this.#hash !== undefined) {
      body.state = "not_stored";
      body.sha256 = this.#hash.digest("hex");
    } else {
      body.state = "inline";
      const pieces = this.#pieces ?? [];
      body.content = pieces.length === 1 ? pieces[0] : Buffer.concat(pieces, this.#kept);
    }
    this.#pieces = undefined;
  }

  #spill(): void {
    const pieces = this.#pieces ?? [];
    this.#pieces = undefined;
    const stored = this.#settings.store?.begin(this.#id, this.#direction);
    if (stored === undefined) {
      this.#hash = createHash("sha256");
      for (const piece of pieces) this.#hash.update(piece);
      return;
    }
    this.#stored = stored;
    for (const piece of pieces) {
      if (this.#stored === undefined) this.#hash?.update(piece);
      else if (!stored.write(piece)) this.#loseStore(stored);
    }
  }

  #loseStore(stored: StoredBody): void {
    this.#hash = stored.hash;
    this.#stored = undefined;
    stored.discard();
  }
}
