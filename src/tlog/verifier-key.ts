/** Public keys of logs and witnesses, with their names: vkeys (c2sp.org/signed-note). */

import { Buffer } from "node:buffer";
import { createPublicKey, verify } from "node:crypto";
import type { KeyObject } from "node:crypto";

import { sha256 } from "./hashes.ts";
import { signatureTypeOf, signatureTypes } from "./signature-type.ts";
import type { SignatureType } from "./signature-type.ts";
import { signedBytes } from "./signed-message.ts";
import { decodeBase64 } from "./strict-text.ts";
import { TlogError } from "./tlog-error.ts";

/** What a signature says beside that it is valid. */
export interface SignatureFacts {
  /** POSIX seconds that were signed; `undefined` for kinds without a time. */
  readonly time: number | undefined;
}

const keyIdBytes = 4;
const timeBytes = 8;
// oxlint-disable-next-line no-control-regex -- control characters are what is looked for
const namePattern = /^[^\p{White_Space}+\u0000-\u001f]+$/u;

/** A name with a public key; checks signatures of one kind. Immutable. */
export class VerifierKey {
  readonly name: string;
  readonly type: SignatureType;
  /** First four bytes of SHA-256(name ‖ newline ‖ type ‖ public key), as a number. */
  readonly keyId: number;
  /** Raw, as RFC 8032 and FIPS 204 encode it. */
  readonly publicKey: Buffer;
  readonly #key: KeyObject;

  /** @throws {TlogError} `key` for a name or a public key that cannot be one */
  constructor(name: string, type: SignatureType, publicKey: Uint8Array) {
    if (!isKeyName(name))
      throw new TlogError("key", `${JSON.stringify(name)} is not a key name: no blanks, no "+"`);
    const { code, publicKeyBytes, spkiPrefix } = signatureTypes[type];
    if (publicKey.length !== publicKeyBytes)
      throw new TlogError("key", `a public key of ${name} has ${publicKeyBytes} bytes`);
    const typed = Buffer.concat([Buffer.of(code), publicKey]);
    this.name = name;
    this.type = type;
    this.keyId = keyIdOf(name, typed);
    this.publicKey = Buffer.from(publicKey);
    const der = Buffer.concat([Buffer.from(spkiPrefix, "hex"), publicKey]);
    try {
      this.#key = createPublicKey({ key: der, format: "der", type: "spki" });
    } catch (cause) {
      throw new TlogError("key", `the public key of ${name} cannot be used`, { cause });
    }
  }

  /**
   * Reads `NAME+KEYID+BASE64`.
   *
   * @throws {TlogError} `key` when it is malformed, its id is wrong or its kind is not known here
   */
  static parse(vkey: string): VerifierKey {
    const [, name = "", id = "", base64 = ""] =
      /^([^+]*)\+([0-9a-fA-F]{8})\+(.*)$/su.exec(vkey) ?? [];
    const typed = decodeBase64(base64);
    if (name === "" || typed === undefined || typed.length === 0)
      throw new TlogError("key", "a vkey has the form NAME+KEYID+BASE64");
    const type = signatureTypeOf(typed[0] ?? 0);
    if (type === undefined)
      throw new TlogError("key", `the vkey of ${name} is for signatures of type ${typed[0]}`);
    const key = new VerifierKey(name, type, typed.subarray(1));
    if (key.keyId !== Number.parseInt(id, 16))
      throw new TlogError(
        "key",
        `the vkey of ${name} has key id ${id} instead of ${hex(key.keyId)}`,
      );
    return key;
  }

  /** The vkey. */
  toString(): string {
    const typed = Buffer.concat([Buffer.of(signatureTypes[this.type].code), this.publicKey]);
    return `${this.name}+${hex(this.keyId)}+${typed.toString("base64")}`;
  }

  /**
   * Checks the signature of a note's text; `undefined` when it is not valid. Never throws.
   *
   * @param signature without the key id; with the time in front for kinds that have one
   */
  check(text: string, signature: Uint8Array): SignatureFacts | undefined {
    const { signatureBytes, isTimestamped } = signatureTypes[this.type];
    const prefix = isTimestamped ? timeBytes : 0;
    if (signature.length !== prefix + signatureBytes) return undefined;
    const time = isTimestamped ? readTime(signature) : 0;
    if (time === undefined) return undefined;
    try {
      const message = signedBytes({ type: this.type, name: this.name, text, time });
      if (!verify(null, message, this.#key, signature.subarray(prefix))) return undefined;
    } catch {
      return undefined;
    }
    return { time: isTimestamped ? time : undefined };
  }
}

/** True for names that keys may have: not empty, no Unicode spaces, no plus. */
export function isKeyName(name: string): boolean {
  return namePattern.test(name) && name.isWellFormed();
}

/** @param typed the byte of the signature's kind, and the public key */
export function keyIdOf(name: string, typed: Uint8Array): number {
  const digest = sha256(Buffer.concat([Buffer.from(`${name}\n`), typed]));
  return digest.readUInt32BE(0);
}

function hex(keyId: number): string {
  return keyId.toString(16).padStart(2 * keyIdBytes, "0");
}

/** Times beyond safe integers are ones that no clock shows; the format's own limit is 2^63 − 1. */
function readTime(signature: Uint8Array): number | undefined {
  const view = Buffer.from(signature.buffer, signature.byteOffset, timeBytes);
  const time = Number(view.readBigUInt64BE(0));
  return Number.isSafeInteger(time) ? time : undefined;
}
