import { fileURLToPath } from "node:url";

/** Full path of a script in this folder that runs as a process of its own. */
export function scriptFile(name: string): string {
  return fileURLToPath(new URL(`./${name}`, import.meta.url));
}
