/**
 * What was removed of a trail, and why: a file of its own, because records that say so are pruned
 * some day, too. Each line holds the hash of the one before, and the record in the trail holds the
 * hash of the last one, so the newest record vouches for all of them.
 */
import { Buffer } from "node:buffer";
import { hash } from "node:crypto";
import { closeSync, fsyncSync, ftruncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openAppending } from "./append-file.ts";
import { readWholeFile } from "../../core/read-file.ts";

import { hasErrorCode } from "../../core/system-error.ts";
import { jsonAscii } from "../format/json-text.ts";

/** Name of the file; no reader takes it for a segment. */
export const removalsFile = "removals.jsonl";
const first = "0".repeat(64);

/** One thing that was removed, or put where nobody here can read it. */
export interface Removal {
  /** From 1. */
  readonly n: number;
  /** SHA-256 of the line before, in hexadecimal. */
  readonly previous: string;
  /** ISO 8601. */
  readonly at: string;
  /** `audit.prune`, `audit.erase` or `audit.encrypt`. */
  readonly action: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A line of the file, with its own hash. */
export interface RemovalLine {
  readonly removal: Removal;
  /** SHA-256 of the line without its line feed, in hexadecimal. */
  readonly sha256: string;
}

/**
 * Reads the lines as far as each holds the hash of the one before.
 *
 * @returns `isWhole` false: behind them stands something else
 * @throws {Error} of the file system
 */
export function readRemovals(directory: string): {
  readonly lines: RemovalLine[];
  readonly bytes: number;
  readonly isWhole: boolean;
} {
  const text = contentOf(join(directory, removalsFile));
  const lines: RemovalLine[] = [];
  let previous = first;
  let at = 0;
  for (let end = text.indexOf("\n", at); end >= 0; end = text.indexOf("\n", at)) {
    const line = text.slice(at, end);
    const removal = parse(line);
    if (removal?.previous !== previous || removal.n !== lines.length + 1) break;
    previous = sha256(line);
    lines.push({ removal, sha256: previous });
    at = end + 1;
  }
  return { lines, bytes: at, isWhole: at === text.length };
}

/**
 * Adds a line, on the device. What a crash has left of one is cut off first.
 *
 * @returns hash of the line, for the record in the trail
 * @throws {Error} of the file system; when the file was changed by somebody else
 */
export function addRemoval(
  directory: string,
  action: string,
  fields: Removal["fields"],
  at: Date,
): string {
  const { lines, bytes, isWhole } = readRemovals(directory);
  const path = join(directory, removalsFile);
  if (!isWhole && contentOf(path).slice(bytes).includes("\n"))
    throw new Error(`${path} was changed: nothing is removed until somebody has looked at it`);
  const previous = lines.at(-1)?.sha256 ?? first;
  const removal: Removal = { n: lines.length + 1, previous, at: at.toISOString(), action, fields };
  const line = jsonAscii(removal);
  const fd = openAppending(path);
  try {
    ftruncateSync(fd, bytes);
    writeSync(fd, Buffer.from(`${line}\n`, "latin1"));
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  return sha256(line);
}

function sha256(line: string): string {
  return hash("sha256", Buffer.from(line, "latin1"), "hex");
}

/** One char per byte, so that offsets count bytes. */
function contentOf(path: string): string {
  try {
    return readWholeFile(path, Infinity).toString("latin1");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return "";
    throw error;
  }
}

function parse(line: string): Removal | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const [n, previous, action] = [fields.get("n"), fields.get("previous"), fields.get("action")];
  const inner = fields.get("fields");
  if (typeof n !== "number" || typeof previous !== "string" || typeof action !== "string")
    return undefined;
  if (typeof inner !== "object" || inner === null) return undefined;
  return {
    n,
    previous,
    at: String(fields.get("at")),
    action,
    fields: Object.fromEntries(Object.entries(inner)),
  };
}
