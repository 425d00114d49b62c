/** The manifest that binds the logs of several workers: a signed note that lists them. */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { renewFile } from "../../core/durable-file.ts";

import { parseCheckpoint } from "../../tlog/checkpoint.ts";
import { formatNote, parseNote } from "../../tlog/note.ts";
import type { SigningKey } from "../../tlog/signing-key.ts";
import { logName, manifestFile, manifestForm, tlogFolder } from "../store/tlog-files.ts";

/** What a manifest says. */
export interface Manifest {
  readonly origin: string;
  readonly host: string;
  readonly nowMs: number;
  /** Journals with the newest checkpoint of each. */
  readonly logs: readonly { readonly journal: string; readonly note: Uint8Array }[];
}

/**
 * Text of the note: the form, the origin, the host, the time, and a line `LOG SIZE ROOT` for
 * each log, in the order of their names. A log that is missing from a copied directory, or that was
 * cut together with its own checkpoint, shows here.
 */
export function manifestText({ origin, host, nowMs, logs }: Manifest): string {
  const lines = logs
    .map(({ journal, note }) => {
      const { size, root } = parseCheckpoint(parseNote(note).text);
      return `${logName(journal)} ${size} ${Buffer.from(root).toString("base64")}`;
    })
    .sort();
  const head = [manifestForm, origin, host, new Date(nowMs).toISOString()];
  return `${[...head, ...lines].join("\n")}\n`;
}

/** Signs and replaces `tlog/manifest`. @throws {Error} of the file system */
export function writeManifest(directory: string, manifest: Manifest, key: SigningKey): void {
  const text = manifestText(manifest);
  const signature = key.sign(text, Math.floor(manifest.nowMs / 1000));
  const path = join(directory, tlogFolder, manifestFile);
  renewFile(path, formatNote({ text, signatures: [signature] }));
}
