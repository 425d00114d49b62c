/** Encrypts one file to public keys in the format of age (age-encryption.org/v1). */
import { createHash } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  futimesSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { ReadableStream } from "node:stream/web";

import { readRegularFile } from "../../core/regular-file.ts";
import { encryptedEnding } from "../store/age-file.ts";
import { syncFolder } from "./file-compression.ts";
import { unfinishedName } from "./unfinished-files.ts";

/** An encrypted file, before the plain one is removed. */
export interface EncryptedFile {
  readonly name: string;
  readonly bytes: number;
  /** Of the encrypted file, in hexadecimal. */
  readonly sha256: string;
}

/** Bytes that are read at once. */
const chunkBytes = 262_144;

/**
 * Writes `NAME.age` beside a file, on the device and with the same time. Nobody without a private
 * key of a recipient can read it, the proxy included.
 *
 * @param recipients public keys, `age1…`
 * @throws {Error} of the file system, or for a recipient that is none
 */
export async function encryptFile(
  directory: string,
  name: string,
  recipients: readonly string[],
): Promise<EncryptedFile> {
  // Loaded when it is needed: it takes 5 MB of memory.
  const { Encrypter } = await import("age-encryption");
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const path = join(directory, name);
  const unfinished = join(directory, unfinishedName(name + encryptedEnding));
  rmSync(unfinished, { force: true });
  const fd = openSync(unfinished, "wx", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  try {
    const source = Readable.toWeb(readRegularFile(path, chunkBytes));
    for await (const chunk of await encrypter.encrypt(asBytes(source))) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length;) at += writeSync(fd, chunk, at);
      bytes += chunk.length;
    }
    const { atime, mtime } = statSync(path);
    futimesSync(fd, atime, mtime);
    fsyncSync(fd);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw error;
  } finally {
    closeSync(fd);
  }
  renameSync(unfinished, path + encryptedEnding);
  syncFolder(directory);
  return { name: name + encryptedEnding, bytes, sha256: hash.digest("hex") };
}

/** What Node calls a stream of anything is one of bytes here. */
function asBytes(stream: ReadableStream<unknown>): globalThis.ReadableStream<Uint8Array> {
  return stream as globalThis.ReadableStream<Uint8Array>;
}
