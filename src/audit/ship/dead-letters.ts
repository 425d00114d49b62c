/** Documents that a target will never take, with the reason, so that they are not lost. */
import { appendFileSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";

import { readDocument, type ShippedDocument } from "./document-batch.ts";
import { shipFolder } from "../store/ship-position.ts";

/** The file of a target's refused documents. @param target as it is named in files */
export function deadLetterPath(directory: string, target: string): string {
  return join(directory, shipFolder, `${target}.dead-letters.ndjson`);
}

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
  appendFileSync(path, `${head.slice(0, -1)},"document":${json}}\n`, { mode: 0o600 });
}
