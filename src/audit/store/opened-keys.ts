/**
 * Keys of encrypted files, as far as identities of the reader open them. A process, or a thread,
 * reads with the same identities all its life: they are kept here, and not in every reader.
 */
import { Buffer } from "node:buffer";
import { closeSync, readdirSync, readSync } from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";
import { readWholeFile } from "../../core/read-file.ts";

import { ProxyError } from "../../core/errors.ts";
import { errorCode } from "../../core/system-error.ts";
import { encryptedEnding, payloadKey, type AgeKey } from "./age-file.ts";

/** Enough for the header of a file for a thousand recipients, and what follows it. Bytes. */
const startBytes = 262_144;
const footMark = "\n--- ";
const saltBytes = 16;

let identities: readonly string[] = [];
const keys = new Map<string, AgeKey | undefined>();

/**
 * Reads a file as age-keygen makes it: private keys, one a line, and comments.
 *
 * @throws {ProxyError} ESP_ERR_CONFIG naming the file, when it cannot be read, a line is no key, or
 *   there is none
 */
export function readIdentities(path: string): readonly string[] {
  const text = textOf(path);
  if (/^(?:age-encryption\.org\/|-----BEGIN AGE)/.test(text))
    throw unusable(path, "it is encrypted itself; open it with age -d first");
  if (text.startsWith("-----BEGIN"))
    throw unusable(path, "keys of SSH and of certificates do not open trails");
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const found: string[] = [];
  for (const [at, line] of lines.entries()) {
    if (line === "" || line.startsWith("#")) continue;
    // What stands there is never shown: it may be a key with a mistake.
    if (!/^AGE-SECRET-KEY-(?:PQ-)?1[0-9A-Z]+$/.test(line))
      throw unusable(path, `line ${at + 1} is no AGE-SECRET-KEY-…`);
    found.push(line);
  }
  if (found.length === 0) throw unusable(path, "there is no key in it");
  return found;
}

/** From now on files are opened with these identities, and with no others. */
export function useIdentities(given: readonly string[]): void {
  identities = given;
  keys.clear();
}

/** Whether there are identities to open files with. */
export function hasIdentities(): boolean {
  return identities.length > 0;
}

/**
 * Opens the keys of all encrypted files of a directory which were not seen before: to be called
 * before its segments are listed. 2 ms a file.
 *
 * @throws {Error} for an identity that is none
 */
export async function openKeys(directory: string): Promise<void> {
  if (identities.length === 0) return;
  const paths = namesIn(directory)
    .filter((name) => name.endsWith(encryptedEnding))
    .map((name) => join(directory, name))
    .filter((path) => !keys.has(path));
  if (paths.length === 0) return;
  const { Decrypter } = await import("age-encryption");
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  for (const path of paths) {
    const start = startOf(path);
    const foot = start.indexOf(footMark, 0, "latin1");
    const headerBytes = foot < 0 ? 0 : start.indexOf("\n", foot + 1, "latin1") + 1;
    if (headerBytes === 0 || start.length < headerBytes + saltBytes) {
      keys.set(path, undefined);
      continue;
    }
    try {
      const fileKey = await decrypter.decryptHeader(start.subarray(0, headerBytes));
      keys.set(path, payloadKey(fileKey, start, headerBytes));
    } catch {
      // For others, or damaged: it stays closed.
      keys.set(path, undefined);
    }
  }
}

/** What a file is read with; `undefined`: nothing opens it, or `openKeys` was not called. */
export function keyOf(path: string): AgeKey | undefined {
  return keys.get(path);
}

/** For another thread, which is to read the same files. */
export function openedKeys(): ReadonlyMap<string, AgeKey | undefined> {
  return keys;
}

/** Reads with keys that another thread has opened. */
export function useKeys(opened: ReadonlyMap<string, AgeKey | undefined>): void {
  for (const [path, key] of opened) keys.set(path, key);
}

function textOf(path: string): string {
  try {
    return readWholeFile(path).toString("utf8");
  } catch (error) {
    throw unusable(path, errorCode(error));
  }
}

function unusable(path: string, reason: string): ProxyError {
  return new ProxyError("ESP_ERR_CONFIG", `${path} is no file of age identities: ${reason}`);
}

function startOf(path: string): Buffer {
  try {
    const fd = openRegularFile(path);
    try {
      const bytes = Buffer.allocUnsafe(startBytes);
      return bytes.subarray(0, readSync(fd, bytes, 0, startBytes, 0));
    } finally {
      closeSync(fd);
    }
  } catch {
    return Buffer.alloc(0);
  }
}

function namesIn(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    return [];
  }
}
