import { Buffer } from "node:buffer";
import {
  constants,
  closeSync,
  fstatSync,
  ftruncateSync,
  readdirSync,
  readSync,
  statSync,
} from "node:fs";
import { extname, join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import { openReading } from "./append-file.ts";
import { hasErrorCode } from "../../core/system-error.ts";
import { lineFacts } from "../format/line-reader.ts";
import type { JournalState } from "./journal-state.ts";

/** A request without terminal record. */
export interface UnfinishedRequest {
  readonly id: string;
  /** Its request line without the line feed; empty when it was not found. */
  readonly line: string;
}

/** What the last process left open. */
export interface Recovery {
  /** The last process stopped cleanly: nothing was looked through. */
  readonly isClean: boolean;
  /** Requests without terminal record, in order of their records. */
  readonly open: readonly UnfinishedRequest[];
  readonly lastSequence: number;
  /** Bytes of a torn last line that were cut off. */
  readonly tornBytes: number;
  /** Bytes that stand in the file since a clean stop: no process of this program wrote them. */
  readonly foreignBytes: number;
}

/**
 * Finds what a dead process left open. After a clean stop nothing is read; else the active file is
 * read once, line by line, and of older files those that the state names and those that were
 * written to after it (a rotation or renaming that the process did not live to note). Memory holds
 * one line and the open exchanges.
 *
 * @param base name of this writer's files without extension
 * @param state what the last process left; undefined: nothing
 * @throws {Error} of the file system
 */
export function recover(
  directory: string,
  base: string,
  extension: string,
  statePath: string,
  state: JournalState | undefined,
): Recovery {
  const path = join(directory, base + extension);
  const foreignBytes = state?.clean === true ? Math.max(0, sizeOf(path) - state.size) : 0;
  if (state?.clean === true && foreignBytes === 0 && sizeOf(path) === state.size)
    return { isClean: true, open: [], lastSequence: state.sequence, tornBytes: 0, foreignBytes };
  const tornBytes = cutTornLine(path);
  const open = new Map<string, string>();
  const closed = new Set<string>();
  for (const [id] of state?.open ?? []) open.set(id, "");
  let lastSequence = state?.sequence ?? 0;
  const unnoted = state === undefined ? [] : youngerFiles(directory, base, extension, statePath);
  for (const file of [...unnoted, path]) {
    forEachLine(file, (line) => {
      const { kind, id, sequence } = lineFacts(line);
      if (sequence > lastSequence) lastSequence = sequence;
      // Files need not come in order, so a response may come before its request.
      if (kind === "request" && !closed.has(id)) open.set(id, line);
      else if (kind === "response" && !open.delete(id)) closed.add(id);
    });
  }
  findOlder(directory, state?.open ?? [], open);
  return {
    isClean: false,
    open: Array.from(open, ([id, line]) => ({ id, line })),
    lastSequence,
    tornBytes,
    foreignBytes,
  };
}

/** This writer's other files that changed after the state was written. */
function youngerFiles(
  directory: string,
  base: string,
  extension: string,
  statePath: string,
): string[] {
  const since = statSync(statePath).mtimeMs;
  return readdirSync(directory)
    .filter(
      (name) =>
        (name.startsWith(`${base}-`) && name.endsWith(extension)) ||
        name.startsWith(`${base}${extension}.`),
    )
    .map((name) => join(directory, name))
    .filter((path) => statSync(path).mtimeMs >= since);
}

/**
 * Fills in the request lines that lie in older files: first in the file that the state names, then,
 * because a queued line may have been written after a rotation, in younger ones. Files are named by
 * time, so their names sort.
 */
function findOlder(
  directory: string,
  listed: JournalState["open"],
  open: Map<string, string>,
): void {
  const named = new Set<string>();
  for (const [id, segment] of listed) if (open.get(id) === "" && segment !== "") named.add(segment);
  const first = [...named].sort()[0];
  if (first === undefined) return;
  const extension = extname(first);
  const younger = readdirSync(directory).filter(
    (name) => name > first && name.endsWith(extension) && !named.has(name),
  );
  for (const segment of [...named, ...younger.sort()]) {
    if (!hasUnknown(open)) return;
    forEachLine(join(directory, segment), (line) => {
      const { id, kind } = lineFacts(line);
      if (kind === "request" && open.get(id) === "") open.set(id, line);
    });
  }
}

function hasUnknown(open: ReadonlyMap<string, string>): boolean {
  for (const line of open.values()) if (line === "") return true;
  return false;
}

function sizeOf(path: string): number {
  let fd: number;
  try {
    fd = openReading(path);
  } catch {
    return 0;
  }
  const { size } = fstatSync(fd);
  closeSync(fd);
  return size;
}

/** Cuts bytes behind the last line feed; gives their number. */
function cutTornLine(path: string): number {
  let fd: number;
  try {
    fd = openRegularFile(path, constants.O_RDWR);
  } catch (error) {
    if (hasErrorCode(error, "ENOENT")) return 0;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    const chunk = Buffer.allocUnsafe(65_536);
    let end = size;
    while (end > 0) {
      const start = Math.max(0, end - chunk.length);
      const length = readSync(fd, chunk, 0, end - start, start);
      const lineFeed = chunk.subarray(0, length).lastIndexOf(0x0a);
      if (lineFeed >= 0) {
        end = start + lineFeed + 1;
        break;
      }
      end = start;
    }
    if (end < size) ftruncateSync(fd, end);
    return size - end;
  } finally {
    closeSync(fd);
  }
}

/** Calls back for each whole line; a file that is not there has none. */
export function forEachLine(path: string, take: (line: string) => void): void {
  let fd: number;
  try {
    fd = openReading(path);
  } catch {
    return;
  }
  try {
    const chunk = Buffer.allocUnsafe(1_048_576);
    let carried: Buffer[] = [];
    for (;;) {
      const length = readSync(fd, chunk, 0, chunk.length, null);
      if (length === 0) return;
      let start = 0;
      for (;;) {
        const lineFeed = chunk.subarray(0, length).indexOf(0x0a, start);
        if (lineFeed < 0) break;
        const last = chunk.subarray(start, lineFeed);
        take(
          carried.length === 0
            ? last.toString("latin1")
            : Buffer.concat([...carried, last]).toString("latin1"),
        );
        carried = [];
        start = lineFeed + 1;
      }
      if (start < length) carried.push(Buffer.from(chunk.subarray(start, length)));
    }
  } finally {
    closeSync(fd);
  }
}
