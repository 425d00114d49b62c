/**
 * Bundles the explorer's page.
 *
 * Usage: node scripts/bundle-page.ts SOURCE-FOLDER TARGET-FOLDER
 */
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { argv } from "node:process";

import { build } from "esbuild";

/** What esbuild makes of the sources. */
export interface BundledPage {
  readonly script: Buffer;
  readonly style: Buffer;
}

/** The script and the style of the page, with all that they need. @throws {Error} of esbuild */
export async function bundlePage(folder: string): Promise<BundledPage> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, "main.tsx"), join(folder, "page.css")],
    outdir: folder,
    bundle: true,
    minify: true,
    write: false,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    legalComments: "none",
    logLevel: "silent",
  });
  const ending = (text: string): Buffer => {
    const file = outputFiles.find(({ path }) => path.endsWith(text));
    if (file === undefined) throw new Error(`esbuild has written no ${text}`);
    return Buffer.from(file.contents);
  };
  return { script: ending(".js"), style: ending(".css") };
}

if (import.meta.main) {
  const [source = "", target = ""] = argv.slice(2);
  mkdirSync(target, { recursive: true });
  const { script, style } = await bundlePage(source);
  writeFileSync(join(target, "page.js"), script);
  writeFileSync(join(target, "page.css"), style);
  copyFileSync(join(source, "index.html"), join(target, "index.html"));
}
