/** Private keys in files, made when they are first needed. */
import { Buffer } from "node:buffer";
import { statSync } from "node:fs";
import { dirname } from "node:path";

import { createFile, makeFolder } from "../core/durable-file.ts";
import { readWholeFile } from "../core/read-file.ts";
import { hasErrorCode } from "../core/system-error.ts";
import type { SignatureType } from "../tlog/signature-type.ts";
import { SigningKey } from "../tlog/signing-key.ts";
import { TlogError } from "../tlog/tlog-error.ts";

/** A key, and what the operator should know of its file. */
export interface SigningKeyFile {
  readonly key: SigningKey;
  /** True: the file was made just now. Say so: who lost the old one signs as somebody else now. */
  readonly isNew: boolean;
  /** True: others than the owner may read the file. */
  readonly isExposed: boolean;
}

/** Bits of a mode that let group and others read. */
const exposedMode = 0o044;

/**
 * Reads the key in a file; makes key, file (mode 0600) and folder (0700) when there is none.
 *
 * @throws {TlogError} `key`, naming the file, when it holds something else
 * @throws {Error} of the file system
 */
export function openSigningKey(path: string, name: string, type: SignatureType): SigningKeyFile {
  const text = read(path);
  if (text !== undefined) {
    const isExposed = (statSync(path).mode & exposedMode) !== 0;
    return { key: parse(text, path, name, type), isNew: false, isExposed };
  }
  makeFolder(dirname(path), 0o700);
  const key = SigningKey.generate(name, type);
  const isNew = createFile(path, Buffer.from(key.toPem()), 0o600);
  // Another process was faster: its key is the one that counts.
  return isNew ? { key, isNew, isExposed: false } : openSigningKey(path, name, type);
}

function read(path: string): string | undefined {
  try {
    return readWholeFile(path).toString("utf8");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return undefined;
    throw error;
  }
}

function parse(text: string, path: string, name: string, type: SignatureType): SigningKey {
  try {
    return SigningKey.parse(text, name, type);
  } catch (error) {
    if (!(error instanceof TlogError)) throw error;
    throw new TlogError(error.code, `${path}: ${error.message}`, { cause: error });
  }
}
