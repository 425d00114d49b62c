import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The Go program, built; or why it cannot be. */
export type GoProgram =
  | {
      /** The executable. */
      readonly file: string;
      readonly run: (...args: readonly string[]) => GoResult;
      readonly remove: () => void;
    }
  | { readonly missing: string };

export interface GoResult {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The build compiles Go's standard library when its cache is empty. */
const buildMs = 180_000;

/**
 * Builds the program of a folder with the `go` on PATH.
 *
 * @param source with the sources and `go.mod`; this one unless another is given
 * @throws {Error} when the sources do not compile, and with CI=true also when the module it needs
 *   cannot be fetched; elsewhere that is a reason to skip, since a machine may be offline
 */
export function buildGoProgram(source = import.meta.dirname): GoProgram {
  if (spawnSync("go", ["version"]).status !== 0)
    return {
      missing:
        "go is not on PATH. It is part of the machine (Go 1.24 or later), and no package of this " +
        "project can install it; without it nobody else's library checks our log in this run",
    };
  const env = { ...process.env, GOTOOLCHAIN: "local", GOFLAGS: "-buildvcs=false" };
  const options = { cwd: source, env, encoding: "utf8", timeout: buildMs } as const;
  const download = spawnSync("go", ["mod", "download"], options);
  if (download.status !== 0) {
    const missing = `go mod download failed: ${download.stderr.trim()}`;
    if (process.env["CI"] === "true") throw new Error(missing);
    return { missing };
  }
  const folder = mkdtempSync(join(tmpdir(), "es-proxy-interop-"));
  const program = join(folder, "interop");
  const build = spawnSync("go", ["build", "-o", program, "."], options);
  if (build.status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    throw new Error(`go build failed: ${build.stderr}`);
  }
  return {
    file: program,
    run: (...args) => {
      const result = spawnSync(program, args, { encoding: "utf8", timeout: 60_000 });
      return { code: result.status, stdout: result.stdout, stderr: result.stderr };
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
