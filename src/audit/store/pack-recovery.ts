/** Finds the bodies that a dead process had under way, and cuts off a frame it wrote in part. */
import { Buffer } from "node:buffer";
import { constants, closeSync, fstatSync, ftruncateSync, readSync } from "node:fs";
import { join } from "node:path";
import { openRegularFile } from "../../core/regular-file.ts";

import { hasErrorCode } from "../../core/system-error.ts";
import type { SealedBody } from "../record/sealed-body.ts";
import { PlainFile } from "./file-bytes.ts";
import { frameHeaderBytes, packMagic, type FrameHeader } from "./pack-format.ts";
import { headerAt, measureBody } from "./pack-reader.ts";

/** Bytes that are read at once while whole frames are looked for behind a damaged place. */
const searchBytes = 262_144;

/** What a dead process left in its packs. */
export interface PackRecovery {
  /** By `ID.request` and `ID.response`. */
  readonly bodies: ReadonlyMap<string, SealedBody>;
  /** Bytes of torn frames that were cut off. */
  readonly tornBytes: number;
}

/**
 * Looks through packs, header by header.
 *
 * @param ids exchanges and sessions without terminal record
 * @throws {Error} of the file system
 */
export function recoverPacks(
  directory: string,
  packs: readonly string[],
  ids: ReadonlySet<string>,
): PackRecovery {
  const bodies = new Map<string, SealedBody>();
  let tornBytes = 0;
  for (const pack of packs) {
    const found = new Map<string, LastFrame>();
    tornBytes += scanPack(join(directory, pack), ids, found);
    for (const [key, { offset, isComplete, isRedacted }] of found) {
      const pointer = measureBody(directory, pack, offset);
      if (pointer !== undefined) bodies.set(key, { pointer, isComplete, isRedacted });
    }
  }
  return { bodies, tornBytes };
}

interface LastFrame {
  readonly offset: number;
  readonly isComplete: boolean;
  readonly isRedacted: boolean;
}

/** Notes the last frame of each wanted body; gives the bytes that were cut off. */
function scanPack(path: string, ids: ReadonlySet<string>, found: Map<string, LastFrame>): number {
  let fd: number;
  try {
    fd = openRegularFile(path, constants.O_RDWR);
  } catch (error) {
    // A pack is made when the first large body comes.
    if (hasErrorCode(error, "ENOENT")) return 0;
    throw error;
  }
  try {
    const pack = new PlainFile(fd);
    const { size } = fstatSync(fd);
    let offset = packMagic.length;
    while (offset < size) {
      const header = headerAt(pack, offset);
      const end = header === undefined ? Infinity : frameEnd(offset, header);
      if (header === undefined || end > size) {
        // A header that is damaged in the middle does not give up what lies behind. Behind one that
        // is whole nothing is looked for: its data is a client's and may look like frames.
        const next = header === undefined ? nextFrame(fd, offset + 1, size) : undefined;
        if (next === undefined) {
          ftruncateSync(fd, offset);
          return size - offset;
        }
        offset = next;
        continue;
      }
      if (ids.has(header.id)) {
        const { isComplete, isRedacted } = header;
        found.set(`${header.id}.${header.direction}`, { offset, isComplete, isRedacted });
      }
      offset = end;
    }
    return 0;
  } finally {
    closeSync(fd);
  }
}

function frameEnd(offset: number, header: FrameHeader): number {
  return offset + frameHeaderBytes + header.storedBytes;
}

/** Where the next whole frame begins, from `start`. */
function nextFrame(fd: number, start: number, size: number): number | undefined {
  const bytes = Buffer.allocUnsafe(searchBytes);
  const pack = new PlainFile(fd);
  for (let at = start; at < size; at += searchBytes - frameHeaderBytes) {
    const length = readSync(fd, bytes, 0, bytes.length, at);
    const chunk = bytes.subarray(0, length);
    for (let index = chunk.indexOf("ESPB"); index >= 0; index = chunk.indexOf("ESPB", index + 1)) {
      const header = headerAt(pack, at + index);
      if (header !== undefined && frameEnd(at + index, header) <= size) return at + index;
    }
  }
  return undefined;
}
