/** Writes evidence as a zip archive. */
import { createWriteStream, linkSync, rmSync } from "node:fs";
import { pipeline } from "node:stream/promises";

import { ZipFile } from "yazl";

import type { EvidenceFile } from "./evidence-file.ts";

/**
 * Writes the archive at once or not at all; memory stays flat whatever the bodies are.
 *
 * @param path of a file that must not exist
 * @throws {Error} of the file system, `EEXIST` when it exists; of a body that cannot be read
 */
export async function writeEvidenceZip(
  path: string,
  files: readonly EvidenceFile[],
  now: Date,
): Promise<void> {
  const zip = new ZipFile();
  const unfinished = `${path}.${process.pid}.new`;
  const options = { mtime: now, mode: 0o100_600 };
  const stop = new AbortController();
  let failure: unknown;
  const fail = (error: unknown): void => {
    failure ??= error;
    stop.abort();
  };
  zip.on("error", fail);
  for (const { path: name, content } of files)
    if (typeof content !== "function") zip.addBuffer(content, name, options);
    else
      zip.addReadStreamLazy(name, options, (take) => {
        const stream = content();
        stream.on("error", fail);
        take(null, stream);
      });
  zip.end();
  try {
    const file = createWriteStream(unfinished, { mode: 0o600, flags: "wx" });
    await pipeline(zip.outputStream, file, { signal: stop.signal });
    // `link` fails when the name exists, `rename` would not.
    linkSync(unfinished, path);
  } catch (error) {
    throw failure ?? error;
  } finally {
    rmSync(unfinished, { force: true });
  }
}
