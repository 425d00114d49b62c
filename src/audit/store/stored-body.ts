/** Reads bodies of the `bodies/` folder. */
import { createReadStream, existsSync } from "node:fs";
import { join } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { createZstdDecompress } from "node:zlib";

/**
 * The bytes of a body in the body store, compressed or not.
 *
 * @param pointer as in the record: `bodies/ab/abcdef…`
 */
export function openStoredBody(directory: string, pointer: string): Readable {
  const plain = join(directory, pointer);
  if (existsSync(plain)) return createReadStream(plain);
  const decompressed = createZstdDecompress();
  pipeline(createReadStream(`${plain}.zst`), decompressed, () => undefined);
  return decompressed;
}
