/** Documents that a target will never take, with the reason, so that they are not lost. */
import { closeSync, constants, fstatSync, ftruncateSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { openRegularFile } from "../../core/regular-file.ts";
import { readDocument, type ShippedDocument } from "./document-batch.ts";

/**
 * Adds a refused document to the file.
 *
 * @throws {Error} of the file system: then it is not to be counted as dealt with
 */
export function writeDeadLetter(
  path: string,
  document: ShippedDocument,
  refusal: { readonly status: number; readonly reason: string },
): void {
  const { id, json } = readDocument(document);
  const head = JSON.stringify({ id, ...refusal });
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fd = openRegularFile(path, constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT);
  const { size } = fstatSync(fd);
  try {
    writeFileSync(fd, `${head.slice(0, -1)},"document":${json}}\n`);
  } catch (error) {
    // On a full disk: it is written again, behind what is whole.
    ftruncateSync(fd, size);
    throw error;
  } finally {
    closeSync(fd);
  }
}
