/** Reads the manifest: a signed note that lists the logs of a directory with sizes and roots. */
import type { Buffer } from "node:buffer";

import { parseNote, verifyNote } from "../../../tlog/note.ts";
import { decodeDecimal, decodeHash } from "../../../tlog/strict-text.ts";
import { TlogError } from "../../../tlog/tlog-error.ts";
import { manifestForm } from "../../store/tlog-files.ts";
import type { Trust } from "./trust.ts";

/** A log, as a manifest lists it. */
export interface ManifestLog {
  readonly name: string;
  readonly size: number;
  readonly root: Buffer;
}

/** What a manifest says. */
export interface ManifestFile {
  readonly origin: string;
  readonly logs: readonly ManifestLog[];
}

/** @throws {TlogError} when it is none, or not signed by the key of the logs */
export function readManifest(note: Uint8Array, trust: Trust): ManifestFile {
  const parsed = parseNote(note);
  const [form, origin = "", , , ...lines] = parsed.text.split("\n");
  if (form !== manifestForm || lines.pop() !== "")
    throw new TlogError("syntax", `it does not begin with ${manifestForm}`);
  verifyNote(parsed, trust.logKeys(origin));
  return { origin, logs: lines.map(readLine) };
}

function readLine(line: string): ManifestLog {
  const [name = "", decimal = "", base64 = "", surplus] = line.split(" ");
  const size = decodeDecimal(decimal);
  const root = decodeHash(base64);
  if (size === undefined || root === undefined || surplus !== undefined)
    throw new TlogError("syntax", `${JSON.stringify(line)} is not LOG SIZE ROOT`);
  return { name, size, root };
}
