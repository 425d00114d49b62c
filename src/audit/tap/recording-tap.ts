/** Redacts, hashes and stores one body while it passes. */
import { Buffer } from "node:buffer";
import { createHash, type Hash } from "node:crypto";

import type { BodyFacts } from "../record/body-facts.ts";
import type { BodyRedactor, RedactedSink } from "../redact/body-redactor.ts";
import type { PackStore } from "../store/pack-store.ts";
import type { PackedBody } from "../store/packed-body.ts";
import type { BodyTap } from "./body-tap.ts";

/** What the taps of one trail share. */
export interface TapSettings {
  /** Largest body that stays in memory and goes into the record. */
  readonly inlineBytes: number;
  /** undefined: larger bodies leave their hash only. */
  readonly packs: PackStore | undefined;
}

/**
 * Records one body at flat memory: what the redaction lets through stays in memory while it is
 * small, and goes into a pack piece by piece when it is larger. Never throws; a body that cannot be
 * stored leaves its hash and the state `not_stored`.
 */
export class RecordingTap implements BodyTap, RedactedSink {
  readonly #settings: TapSettings;
  readonly #body: BodyFacts;
  readonly #id: string;
  readonly #direction: "request" | "response";
  readonly #redactor: BodyRedactor | undefined;
  readonly #isCoded: boolean;
  #pieces: Buffer[] | undefined = undefined;
  /** Bytes that the redaction let through. */
  #kept = 0;
  /** Of a body that is too large for its record. */
  #hash: Hash | undefined = undefined;
  #packed: PackedBody | undefined = undefined;
  #isFinished = false;

  /**
   * @internal Made by `TapMaker`
   * @param id of the exchange or session
   * @param redactor undefined: the body may be stored as received
   * @param isCoded it has a content coding
   */
  constructor(
    settings: TapSettings,
    body: BodyFacts,
    id: string,
    direction: "request" | "response",
    redactor: BodyRedactor | undefined,
    isCoded: boolean,
  ) {
    this.#settings = settings;
    this.#body = body;
    this.#id = id;
    this.#direction = direction;
    this.#redactor = redactor;
    this.#isCoded = isCoded;
    body.state = "streaming";
    body.sink = this;
  }

  write(bytes: Buffer, start: number, end: number): void {
    if (this.#isFinished || end <= start) return;
    this.#body.bytes += end - start;
    if (this.#redactor === undefined) this.keep(bytes, start, end);
    else this.#redactor.write(bytes, start, end, this);
  }

  whole(bytes: Buffer, start: number, end: number): void {
    const isSmall = end - start <= this.#settings.inlineBytes;
    const redactor = this.#redactor;
    const passes = redactor === undefined || redactor.passes?.(bytes, start, end) === true;
    if (end > start && isSmall && passes) {
      this.#body.bytes = end - start;
      this.#kept = end - start;
      this.#pieces = [bytes.subarray(start, end)];
    } else {
      this.write(bytes, start, end);
    }
    this.finish(true);
  }

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
    body.complete = isComplete;
    body.sink = undefined;
    const redaction = this.#redactor?.finish(this);
    body.namesCredentials = redaction?.namesCredentials === true;
    body.secrets = redaction?.secrets;
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
    const { packs } = this.#settings;
    this.#hash = createHash("sha256");
    this.#packed = packs?.begin({
      id: this.#id,
      direction: this.#direction,
      isCoded: this.#isCoded,
      isRedacted: this.#redactor !== undefined,
    });
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
