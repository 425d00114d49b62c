/**
 * `make install` and `make uninstall`: a whole program below a prefix that needs nothing else, not
 * this checkout and no Node.js of the machine.
 *
 *     PREFIX/lib/es-proxy/   the built program, its packages, and the Node.js that runs it
 *     PREFIX/bin/            es-proxy and mock-es
 */
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { oneOf, readCommandLine } from "./command-line.ts";

const { values, positionals } = readCommandLine(
  `Installs es-proxy and mock-es with the runtime that they need, or removes them.

  node scripts/install.ts install|uninstall [options]

  --prefix DIR     default /usr/local
  --destdir DIR    before it while files are written, for packagers

  node scripts/install.ts install --prefix /opt/es-proxy
`,
  {
    prefix: { type: "string", default: "/usr/local" },
    /** Prepended while files are written, for packagers; the installed program never sees it. */
    destdir: { type: "string", default: "" },
  },
  1,
);

const root = join(import.meta.dirname, "..");
const prefix = join(values.destdir, values.prefix);
const library = join(prefix, "lib/es-proxy");
const programs = { "es-proxy": "cli/main.js", "mock-es": "mock-es/main.js" } as const;

const action = oneOf(positionals[0] ?? "", "the first word", ["install", "uninstall"]);
if (action === "install") install();
else uninstall();

function install(): void {
  const fresh = `${library}.new`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true });
  for (const name of ["package.json", "LICENSE", "CHANGELOG.md", "es-proxy.schema.json"])
    cpSync(join(root, name), join(fresh, name));
  cpSync(join(root, "dist"), join(fresh, "dist"), { recursive: true });
  for (const path of runtimePackages())
    cpSync(join(root, path), join(fresh, path), { recursive: true, dereference: true });
  mkdirSync(join(fresh, "bin"));
  cpSync(process.execPath, join(fresh, "bin/node"));
  chmodSync(join(fresh, "bin/node"), 0o755);
  // Renames last: an installed program that runs meanwhile keeps the files that it has open.
  const old = `${library}.old`;
  rmSync(old, { recursive: true, force: true });
  if (existsSync(library)) renameSync(library, old);
  renameSync(fresh, library);
  rmSync(old, { recursive: true, force: true });
  mkdirSync(join(prefix, "bin"), { recursive: true });
  for (const [name, entry] of Object.entries(programs)) write(name, entry);
  console.log(
    `installed ${Object.keys(programs)
      .map((name) => join(values.prefix, "bin", name))
      .join(" and ")} (${mebibytes(join(values.destdir, values.prefix, "lib/es-proxy"))} MiB)`,
  );
}

function uninstall(): void {
  for (const name of Object.keys(programs)) rmSync(join(prefix, "bin", name), { force: true });
  rmSync(library, { recursive: true, force: true });
  console.log(`removed es-proxy from ${values.prefix}`);
}

/** The starter finds the library from its own place, also through a link to it. */
function write(name: string, entry: string): void {
  const file = join(prefix, "bin", name);
  writeFileSync(
    `${file}.new`,
    `#!/bin/sh
lib=$(dirname "$(readlink -f "$0")")/../lib/es-proxy
exec "$lib/bin/node" "$lib/dist/${entry}" "$@"
`,
    { mode: 0o755 },
  );
  renameSync(`${file}.new`, file);
}

/** Folders of the packages that users need: those that the lockfile does not mark otherwise. */
function runtimePackages(): string[] {
  // The lockfile is npm's: `packages` maps folders to entries (lockfile version 3).
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    readonly packages: Readonly<Record<string, { dev?: boolean; optional?: boolean }>>;
  };
  const paths = Object.entries(lock.packages).flatMap(([path, { dev }]) =>
    path === "" || dev === true ? [] : [path],
  );
  const absent = paths.filter(
    (path) => lock.packages[path]?.optional !== true && !existsSync(join(root, path)),
  );
  if (absent.length > 0) throw new Error(`not installed here: ${absent.join(", ")}; run make deps`);
  return paths.filter((path) => existsSync(join(root, path)));
}

function mebibytes(folder: string): number {
  const bytes = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + readFileSync(join(entry.parentPath, entry.name)).length, 0);
  return Math.round(bytes / 1_048_576);
}
