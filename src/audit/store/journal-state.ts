/** What one process leaves for the next. */
import { renewFile } from "../../core/durable-file.ts";
import { readWholeFile } from "../../core/read-file.ts";

/**
 * What a process leaves beside its file for the next one; rewritten at start, at rotation and at
 * the end.
 */
export interface JournalState {
  /** All exchanges had their terminal record and the file ended at `size`. */
  readonly clean: boolean;
  readonly size: number;
  /** Last sequence number given. */
  readonly sequence: number;
  /** Exchanges whose request record lies in an older file: id and name of the file. */
  readonly open: readonly (readonly [id: string, segment: string])[];
  /** Stamp of the active segment, see `segment-names.ts`; empty where it is not known. */
  readonly segment: string;
  /** Packs of older segments that may hold bodies of open exchanges. */
  readonly packs: readonly string[];
}

/** Reads the state; undefined when there is none that can be read. */
export function readState(path: string): JournalState | undefined {
  let value: unknown;
  try {
    value = JSON.parse(readWholeFile(path, Infinity).toString("utf8"));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(value));
  const open: [string, string][] = [];
  const list = fields.get("open");
  const segment = fields.get("segment");
  const packs = fields.get("packs");
  if (Array.isArray(list))
    for (const entry of list)
      if (Array.isArray(entry)) open.push([String(entry[0]), String(entry[1])]);
  return {
    clean: fields.get("clean") === true,
    size: Number(fields.get("size") ?? 0),
    sequence: Number(fields.get("sequence") ?? 0),
    open,
    segment: typeof segment === "string" ? segment : "",
    packs: Array.isArray(packs) ? packs.map(String) : [],
  };
}

/** Replaces the state in one step. @throws {Error} of the file system */
export function writeState(path: string, state: JournalState): void {
  renewFile(path, JSON.stringify(state));
}
