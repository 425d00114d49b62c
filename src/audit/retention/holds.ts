/** What must not be removed: a file of holds in the audit directory. */
import { Buffer } from "node:buffer";
import { join } from "node:path";
import { readWholeFile } from "../../core/read-file.ts";

import { replaceFile } from "../../core/durable-file.ts";
import { hasErrorCode } from "../../core/system-error.ts";

/** Keeps exchanges from being pruned and erased. */
export interface Hold {
  /** Short name by which it is removed. */
  readonly id: string;
  /** Filter in Kibana's query language; exchanges that match are held. */
  readonly filter: string | undefined;
  /** Ids of exchanges that are held. */
  readonly ids: readonly string[];
  readonly reason: string;
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
}

/** Name of the file. */
export const holdsFile = "holds.json";

/**
 * The holds of a directory. A file that cannot be understood is an error: nothing may be removed
 * then.
 *
 * @throws {Error} naming the file
 */
export function readHolds(directory: string): Hold[] {
  const path = join(directory, holdsFile);
  let text: string;
  try {
    text = readWholeFile(path).toString("utf8");
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return [];
    throw error;
  }
  const value = parsed(text);
  if (!Array.isArray(value) || !value.every(isHold))
    throw new Error(`${path} is not a list of holds: nothing is removed until it is`);
  return value;
}

/** `undefined`: it is no JSON. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Replaces the holds in one step. @throws {Error} of the file system */
export function writeHolds(directory: string, holds: readonly Hold[]): void {
  const text = `${JSON.stringify(holds, null, 2)}\n`;
  replaceFile(join(directory, holdsFile), Buffer.from(text), 0o600);
}

function isHold(value: unknown): value is Hold {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  const ids = fields.get("ids");
  const filter = fields.get("filter");
  return (
    ["id", "reason", "by", "at"].every((name) => typeof fields.get(name) === "string") &&
    Array.isArray(ids) &&
    ids.every((id) => typeof id === "string") &&
    (filter === undefined || typeof filter === "string")
  );
}
