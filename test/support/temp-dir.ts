import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder of its own for one test; removed with all that is in it when it is disposed. */
export interface TempDir extends AsyncDisposable {
  /** Absolute path. */
  readonly path: string;
  /** Joins parts onto the folder's path. */
  file(...parts: string[]): string;
  /** Removes the folder; may be called twice. */
  remove(): Promise<void>;
}

/**
 * Makes an empty folder under the system's folder for temporary files. Use with `await using`, or
 * call `remove`.
 */
export async function makeTempDir(label = "es-proxy"): Promise<TempDir> {
  const path = await mkdtemp(join(tmpdir(), `${label}-`));
  const remove = (): Promise<void> => rm(path, { recursive: true, force: true, maxRetries: 3 });
  return { path, file: (...parts) => join(path, ...parts), remove, [Symbol.asyncDispose]: remove };
}
