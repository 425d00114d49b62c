import { Buffer } from "node:buffer";
import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";

import type { BodyStore, StoredBody } from "../store/body-store.ts";
import type { BodyFacts } from "../record/exchange-record.ts";

/**
 * How a body is recorded: its size only; its content; or, where bodies hold credentials, a keyed
 * hash.
 */
export type CaptureMode = "count" | "content" | "hide";

/** What captures of one trail share. */
export interface CaptureSettings {
  /** Largest body that stays in memory and goes into the record. */
  readonly inlineBytes: number;
  /** undefined: larger bodies leave their hash only. */
  readonly store: BodyStore | undefined;
  readonly hmacKey: Uint8Array;
}

/**
 * Records one body while it passes, at flat memory: small ones are copied, larger ones go to the
 * body store chunk by chunk. Never throws; a body that cannot be stored leaves its hash and the
 * state `not_stored`.
 */
export class BodyCapture {
  readonly #settings: CaptureSettings;
  readonly #body: BodyFacts;
  readonly #mode: CaptureMode;
  readonly #id: string;
  readonly #direction: "request" | "response";
  #chunks: Buffer[] = [];
  #stored: StoredBody | undefined = undefined;
  #hash: Hash | Hmac | undefined = undefined;
  #isFinished = false;

  /** @internal made by `AuditTrail` */
  constructor(
    settings: CaptureSettings,
    body: BodyFacts,
    mode: CaptureMode,
    id: string,
    direction: "request" | "response",
  ) {
    this.#settings = settings;
    this.#body = body;
    this.#mode = mode;
    this.#id = id;
    this.#direction = direction;
    body.state = mode === "count" ? "none" : "streaming";
    body.capture = this;
    if (mode === "hide") this.#hash = createHmac("sha256", settings.hmacKey);
  }

  /** Takes bytes of the body, without chunk framing; copies or writes what it keeps. */
  write(buffer: Buffer, start: number, end: number): void {
    if (this.#isFinished || end <= start) return;
    const body = this.#body;
    body.bytes += end - start;
    if (this.#mode === "count") return;
    const bytes = buffer.subarray(start, end);
    const isLarge = body.bytes > this.#settings.inlineBytes;
    if (isLarge && this.#hash === undefined && this.#stored === undefined) this.#spill();
    if (this.#hash !== undefined) {
      this.#hash.update(bytes);
    } else if (this.#stored !== undefined) {
      if (!this.#stored.write(bytes)) this.#loseStore(this.#stored);
    } else {
      // A copy: a slice would pin the whole receive buffer, and the relay may reuse it.
      this.#chunks.push(Buffer.from(bytes));
    }
  }

  /**
   * Ends the body. @param isComplete whether it ended as its framing said; an aborted body keeps
   * what had passed
   */
  finish(isComplete: boolean): void {
    if (this.#isFinished) return;
    this.#isFinished = true;
    const body = this.#body;
    body.complete = isComplete;
    body.capture = undefined;
    if (this.#mode === "count") return;
    if (this.#mode === "hide") {
      body.state = body.bytes === 0 ? "none" : "hidden";
      body.sha256 = this.#hash?.digest("hex").slice(0, 32) ?? "";
    } else if (this.#stored !== undefined) {
      const { sha256, isStored } = this.#stored.finish();
      body.state = isStored ? "stored" : "not_stored";
      body.sha256 = sha256;
    } else if (this.#hash !== undefined) {
      body.state = "not_stored";
      body.sha256 = this.#hash.digest("hex");
    } else {
      const [only] = this.#chunks;
      body.content = this.#chunks.length === 1 ? only : Buffer.concat(this.#chunks, body.bytes);
      body.state = body.bytes === 0 ? "none" : "inline";
    }
    this.#chunks = [];
  }

  #spill(): void {
    const chunks = this.#chunks;
    this.#chunks = [];
    const stored = this.#settings.store?.begin(this.#id, this.#direction);
    if (stored === undefined) {
      this.#hash = createHash("sha256");
      for (const chunk of chunks) this.#hash.update(chunk);
      return;
    }
    this.#stored = stored;
    for (const chunk of chunks) {
      if (this.#stored === undefined) this.#hash?.update(chunk);
      else if (!stored.write(chunk)) this.#loseStore(stored);
    }
  }

  #loseStore(stored: StoredBody): void {
    this.#hash = stored.hash;
    this.#stored = undefined;
    stored.discard();
  }
}
