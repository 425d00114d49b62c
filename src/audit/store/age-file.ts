/**
 * Reads encrypted files of the format age (https://age-encryption.org/v1, sections "Payload" and
 * STREAM) at any place. Its payload consists of chunks that are encrypted one by one, so that a
 * record in the middle takes one of them; the library for age reads from the start only.
 */
import { Buffer } from "node:buffer";
import { createDecipheriv, hkdfSync } from "node:crypto";
import { closeSync, fstatSync, readSync } from "node:fs";

/** What encryption puts behind a name. */
export const encryptedEnding = ".age";

/** Of a chunk before encryption, and the tag behind it. Bytes. */
const [chunkBytes, tagBytes] = [65_536, 16];
const sealedBytes = chunkBytes + tagBytes;
/** Of the number at the start of the payload, and of that of a chunk. Bytes. */
const [saltBytes, nonceBytes] = [16, 12];

/** What a file is read with. */
export interface AgeKey {
  /** Of the payload. 32 bytes. */
  readonly key: Uint8Array;
  /** Where its first chunk begins. Bytes. */
  readonly payloadAt: number;
}

/**
 * The key of the payload.
 *
 * @param fileKey as the header gives it to who has an identity
 * @param start of the file, with its header and the 16 bytes behind
 */
export function payloadKey(fileKey: Uint8Array, start: Buffer, headerBytes: number): AgeKey {
  const payloadAt = headerBytes + saltBytes;
  const salt = start.subarray(headerBytes, payloadAt);
  return { key: new Uint8Array(hkdfSync("sha256", fileKey, salt, "payload", 32)), payloadAt };
}

/** An open file; `close` ends it. Every chunk that is read was authenticated. */
export class AgeFile {
  readonly #fd: number;
  readonly #key: AgeKey;
  readonly #chunks: number;
  readonly size: number;
  readonly #sealed = Buffer.allocUnsafe(sealedBytes);
  /** The chunk that was read last. */
  #last: { readonly index: number; readonly content: Buffer } | undefined = undefined;

  /**
   * @param fd is closed with this object, also when this throws
   * @throws {Error} when the file is shorter than any such file
   */
  constructor(fd: number, key: AgeKey) {
    this.#fd = fd;
    this.#key = key;
    const bytes = fstatSync(fd).size - key.payloadAt;
    this.#chunks = Math.ceil(bytes / sealedBytes);
    this.size = bytes - this.#chunks * tagBytes;
    if (this.size >= 0 && this.#chunks > 0) return;
    closeSync(fd);
    throw new Error("the encrypted file was cut");
  }

  /**
   * Reads to the start of `into`.
   *
   * @returns bytes read: fewer only at the end
   * @throws {Error} of the file system, or for a chunk that was changed or is not the last one of
   *   its file, where it has to be
   */
  read(into: Buffer, length: number, offset: number): number {
    let done = 0;
    while (done < length && offset + done < this.size) {
      const index = Math.floor((offset + done) / chunkBytes);
      const content = this.#chunk(index);
      const from = offset + done - index * chunkBytes;
      done += content.copy(into, done, from, Math.min(content.length, from + length - done));
    }
    return done;
  }

  close(): void {
    closeSync(this.#fd);
  }

  #chunk(index: number): Buffer {
    if (this.#last?.index === index) return this.#last.content;
    const at = this.#key.payloadAt + index * sealedBytes;
    const length = readSync(this.#fd, this.#sealed, 0, sealedBytes, at);
    const sealed = this.#sealed.subarray(0, length);
    const nonce = Buffer.alloc(nonceBytes);
    // 11 bytes of number, of which 8 are enough for any file; the last byte marks the last chunk.
    nonce.writeBigUInt64BE(BigInt(index), 3);
    nonce[nonceBytes - 1] = index === this.#chunks - 1 ? 1 : 0;
    const cipher = createDecipheriv("chacha20-poly1305", this.#key.key, nonce, {
      authTagLength: tagBytes,
    });
    let content: Buffer;
    try {
      cipher.setAuthTag(sealed.subarray(-tagBytes));
      content = cipher.update(sealed.subarray(0, -tagBytes));
      cipher.final();
    } catch {
      throw new Error(`the encrypted file was changed or cut: its chunk ${index} is not authentic`);
    }
    this.#last = { index, content };
    return content;
  }
}
