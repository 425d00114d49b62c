/** The files of the page: bundled when the package is built, or at the start from source. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** What a browser may load; everything is served from here, nothing from elsewhere. */
export interface PageFile {
  readonly contentType: string;
  readonly body: Buffer;
}

interface Bundle {
  readonly script: Buffer;
  readonly style: Buffer;
}

interface BundlerModule {
  readonly bundlePage: (folder: string) => Promise<Bundle>;
}

const contentTypes = {
  "/": "text/html; charset=utf-8",
  "/page.js": "text/javascript; charset=utf-8",
  "/page.css": "text/css; charset=utf-8",
} as const;
/** Run from source: the page is not bundled yet. */
const isSource = import.meta.url.endsWith(".ts");
const folder = new URL(isSource ? "./page/" : "./", import.meta.url);

/** All files by path. @throws {Error} when one is missing, or does not compile */
export async function loadPage(): Promise<ReadonlyMap<string, PageFile>> {
  const file = (name: string): Promise<Buffer> => readFile(new URL(name, folder));
  const { script, style } = isSource
    ? await bundled()
    : { script: await file("page.js"), style: await file("page.css") };
  const bodies = { "/": await file("index.html"), "/page.js": script, "/page.css": style };
  return new Map(
    Object.entries(bodies).map(([path, body]) => [
      path,
      { contentType: contentTypes[path as keyof typeof contentTypes], body },
    ]),
  );
}

/** The bundler is a tool of development: whoever installs the package has the bundle. */
async function bundled(): Promise<Bundle> {
  // Not a part of the package, so no import that the compiler follows.
  const bundler = new URL("../../scripts/bundle-page.ts", import.meta.url).href;
  const { bundlePage } = (await import(bundler)) as BundlerModule;
  return bundlePage(fileURLToPath(folder));
}
