import { createHash, timingSafeEqual } from "node:crypto";
import { readWholeFile } from "../core/read-file.ts";
import { ProxyError } from "../core/errors.ts";
import { errorCode } from "../core/system-error.ts";

/** Shorter tokens can be guessed; `openssl rand -hex 32` makes a good one. */
const minTokenLength = 16;

/**
 * The secret that opens the admin listener. Compared by digest in constant time, so that neither
 * its length nor a common beginning shows in the time of the answer (RFC 6750 §2.1).
 */
export class BearerToken {
  readonly #digest: Buffer;

  /** @param token as it stands behind `Bearer ` */
  constructor(token: string) {
    this.#digest = digestOf(token);
  }

  /**
   * @throws {ProxyError} ESP_ERR_CONFIG naming the file, when it cannot be read or holds no token
   *   of 16 characters or more.
   */
  static fromFile(file: string): BearerToken {
    let token: string;
    try {
      token = readWholeFile(file).toString("utf8").trim();
    } catch (cause) {
      const reason = errorCode(cause);
      throw new ProxyError("ESP_ERR_CONFIG", `cannot read the token file ${file}: ${reason}`, {
        cause,
      });
    }
    if (token.length >= minTokenLength && /^[\x21-\x7e]+$/.test(token))
      return new BearerToken(token);
    throw new ProxyError(
      "ESP_ERR_CONFIG",
      `the token file ${file} must hold one token of at least ${minTokenLength} ` +
        "visible ASCII characters",
    );
  }

  /** Whether an `Authorization` value carries the token. */
  accepts(authorization: string | undefined): boolean {
    const match = /^bearer +([\x21-\x7e]+) *$/i.exec(authorization ?? "");
    // Compared in any case: a missing token takes as long as a wrong one.
    return timingSafeEqual(digestOf(match?.[1] ?? ""), this.#digest) && match !== null;
  }
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
