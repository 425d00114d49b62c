/** A body of which only a keyed digest may be recorded. */
import type { Buffer } from "node:buffer";
import { createHmac, type Hmac } from "node:crypto";

import type { BodyRedactor, RedactionResult } from "./body-redactor.ts";

/** Passes nothing on. */
export class HiddenBody implements BodyRedactor {
  readonly #hmac: Hmac;

  constructor(key: Uint8Array) {
    this.#hmac = createHmac("sha256", key);
  }

  write(bytes: Buffer, start: number, end: number): void {
    this.#hmac.update(bytes.subarray(start, end));
  }

  finish(): RedactionResult {
    return { state: "hidden", removed: 1, hmac: this.#hmac.digest("hex").slice(0, 32) };
  }
}
