/** Private keys of logs and witnesses. */

import { Buffer } from "node:buffer";
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

import type { NoteSignature } from "./note.ts";
import { signatureTypeOf, signatureTypes } from "./signature-type.ts";
import type { SignatureType } from "./signature-type.ts";
import { signedBytes, uint64 } from "./signed-message.ts";
import { decodeBase64 } from "./strict-text.ts";
import { TlogError } from "./tlog-error.ts";
import { keyIdOf, VerifierKey } from "./verifier-key.ts";

const seedBytes = 32;

/**
 * A private key with its name. Its text form is PKCS#8 PEM, which other tools read as well and in
 * which no name stands; Go's `PRIVATE+KEY+NAME+KEYID+BASE64` is read, too.
 */
export class SigningKey {
  /** The public half. */
  readonly verifier: VerifierKey;
  readonly #key: KeyObject;

  private constructor(name: string, type: SignatureType, key: KeyObject) {
    const { algorithm, publicKeyBytes } = signatureTypes[type];
    if (key.asymmetricKeyType !== algorithm)
      throw new TlogError(
        "key",
        `the private key of ${name} is ${key.asymmetricKeyType}, not ${algorithm}`,
      );
    const spki = createPublicKey(key).export({ type: "spki", format: "der" });
    this.#key = key;
    this.verifier = new VerifierKey(name, type, spki.subarray(-publicKeyBytes));
  }

  /** Makes a new key. @throws {TlogError} `key` for a name that keys cannot have */
  static generate(name: string, type: SignatureType): SigningKey {
    const { algorithm } = signatureTypes[type];
    // Two calls, because the overloads of the types take one literal each.
    const { privateKey } =
      algorithm === "ed25519" ? generateKeyPairSync("ed25519") : generateKeyPairSync("ml-dsa-44");
    return new SigningKey(name, type, privateKey);
  }

  /**
   * Reads a private key.
   *
   * @param text PKCS#8 PEM, or Go's form, whose name must be `name`
   * @param type what the key is used for; Go writes cosigners' keys with the type of plain Ed25519
   * @throws {TlogError} `key`
   */
  static parse(text: string, name: string, type: SignatureType): SigningKey {
    const trimmed = text.trim();
    if (trimmed.startsWith("PRIVATE+KEY+")) return SigningKey.#parseGo(trimmed, name, type);
    return new SigningKey(name, type, privateKeyOf({ key: trimmed, format: "pem" }, name));
  }

  static #parseGo(text: string, name: string, type: SignatureType): SigningKey {
    const [, own = "", id = "", base64 = ""] =
      /^PRIVATE\+KEY\+([^+]+)\+([0-9a-fA-F]{8})\+(.*)$/u.exec(text) ?? [];
    const typed = decodeBase64(base64);
    const written = signatureTypeOf(typed?.[0] ?? 0);
    if (typed?.length !== 1 + seedBytes || written === undefined)
      throw new TlogError("key", "the private key has not the form PRIVATE+KEY+NAME+KEYID+BASE64");
    if (own !== name)
      throw new TlogError("key", `the private key belongs to ${own}, not to ${name}`);
    const { pkcs8Prefix, code, publicKeyBytes } = signatureTypes[written];
    const der = Buffer.concat([Buffer.from(pkcs8Prefix, "hex"), typed.subarray(1)]);
    const key = privateKeyOf({ key: der, format: "der", type: "pkcs8" }, name);
    const spki = createPublicKey(key).export({ type: "spki", format: "der" });
    const typedPublic = Buffer.concat([Buffer.of(code), spki.subarray(-publicKeyBytes)]);
    if (keyIdOf(name, typedPublic) !== Number.parseInt(id, 16))
      throw new TlogError("key", `the key id of the private key of ${name} is wrong`);
    return new SigningKey(name, type, key);
  }

  /** PKCS#8 PEM. Write it to a file of mode 0600. */
  toPem(): string {
    return this.#key.export({ type: "pkcs8", format: "pem" }).toString();
  }

  /**
   * Signs a note's text.
   *
   * @param time POSIX seconds of now; not used by plain Ed25519
   * @throws {TlogError} `syntax` when an ML-DSA-44 key is to sign a text that is no checkpoint
   */
  sign(text: string, time: number): NoteSignature {
    const { name, type, keyId } = this.verifier;
    const signature = sign(null, signedBytes({ type, name, text, time }), this.#key);
    const isTimestamped = signatureTypes[type].isTimestamped;
    return {
      name,
      keyId,
      signature: isTimestamped ? Buffer.concat([uint64(time), signature]) : signature,
    };
  }
}

function privateKeyOf(input: Parameters<typeof createPrivateKey>[0], name: string): KeyObject {
  try {
    return createPrivateKey(input);
  } catch (cause) {
    throw new TlogError(
      "key",
      `the private key of ${name} cannot be read: PKCS#8 PEM is expected`,
      { cause },
    );
  }
}
