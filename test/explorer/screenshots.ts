/** Pictures of what tests see, for persons to look at. */
import { mkdirSync } from "node:fs";
import { join } from "node:path";

/** Where a picture goes: below `ES_PROXY_SCREENSHOTS`; without it, nowhere. */
export function screenshot(name: string): { readonly path?: string } {
  const folder = process.env["ES_PROXY_SCREENSHOTS"];
  if (folder === undefined) return {};
  mkdirSync(folder, { recursive: true });
  return { path: join(folder, `${name}.png`) };
}
