/** Opens the directory of the audit and names its files. */
import { Buffer } from "node:buffer";
import { randomBytes } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readWholeFile } from "../../core/read-file.ts";

import { ProxyError } from "../../core/errors.ts";
import { errorCode, hasErrorCode } from "../../core/system-error.ts";
import { DirectoryLock, holderName } from "./directory-lock.ts";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "operation not permitted",
  EROFS: "the file system is read-only",
  ENOSPC: "no space left on the device",
  EDQUOT: "the disk quota is used up",
  ENOTDIR: "a part of the path is not a directory",
  EEXIST: "it exists and is not a directory",
  ENOENT: "a part of the path does not exist",
  ENAMETOOLONG: "the name is too long",
  EIO: "input/output error",
};

/**
 * Makes the directory when it is absent and takes its lock.
 *
 * @throws {ProxyError} `ESP_ERR_AUDIT_DIRECTORY` naming the directory and the reason
 */
export function openDirectory(directory: string, base: string): DirectoryLock {
  try {
    makeDirectory(directory);
    if (!statSync(directory).isDirectory())
      throw Object.assign(new Error("not a directory"), { code: "EEXIST" });
    accessSync(directory, constants.R_OK | constants.W_OK | constants.X_OK);
    const lock = DirectoryLock.take(directory, base);
    if (typeof lock !== "number") return lock;
    throw new ProxyError(
      "ESP_ERR_AUDIT_DIRECTORY",
      `the audit directory ${directory} is in use by another es-proxy (` +
        `${holderName(lock)}); give each its own directory`,
    );
  } catch (error) {
    throw directoryError(directory, error);
  }
}

/**
 * Makes a directory and those above it where they are absent.
 *
 * Not `recursive: true`: Node 26 loops for ever where the kernel answers ENOENT although the parent
 * exists (`/proc/x`).
 */
export function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (hasErrorCode(error, "EEXIST")) return;
    const parent = dirname(path);
    if (!hasErrorCode(error, "ENOENT") || parent === path || existsSync(parent)) throw error;
    makeDirectory(parent);
    mkdirSync(path, { mode: 0o700 });
  }
}

/** The error of an audit directory, from an error of the file system. */
export function directoryError(directory: string, error: unknown): ProxyError {
  if (error instanceof ProxyError) return error;
  const code = errorCode(error, "");
  const reason = reasons[code] ?? (code === "" ? "unknown error" : code);
  return new ProxyError(
    "ESP_ERR_AUDIT_DIRECTORY",
    `the audit directory ${directory} cannot be used: ${reason}`,
    {
      cause: error,
    },
  );
}

/**
 * The key of the tokens that stand for secrets: the same in all runs and workers of a directory, so
 * equal secrets correlate. Whoever can read it can test guesses; keep it away from those who get
 * the records, by giving the key in the options.
 *
 * @throws {Error} of the file system
 */
export function directoryKey(directory: string): Uint8Array {
  const path = join(directory, "redaction.key");
  const fresh = randomBytes(32).toString("hex");
  try {
    writeFileSync(path, fresh, { flag: "wx", mode: 0o600 });
    return Buffer.from(fresh, "hex");
  } catch (error) {
    if (!hasErrorCode(error, "EEXIST")) throw error;
  }
  const key = Buffer.from(readWholeFile(path).toString("latin1").trim(), "hex");
  if (key.length >= 16) return key;
  writeFileSync(path, fresh, { mode: 0o600 });
  return Buffer.from(fresh, "hex");
}
