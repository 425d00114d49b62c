/**
 * Groups of the corpus that are kept as text, one request a line: method, target, and the body if
 * there is one. The lines of a body of NDJSON follow their request, indented. `#` begins a comment.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { CorpusGroup, Step } from "./corpus.ts";

const folder = join(import.meta.dirname, "requests");

/** All groups that are kept as text. */
export const requestFiles: readonly CorpusGroup[] = globSync("*.txt", { cwd: folder })
  .toSorted()
  .map((file) => ({
    name: basename(file, ".txt"),
    steps: parseRequests(readFileSync(join(folder, file), "utf8")),
  }));

/** Reads the requests of a file. */
export function parseRequests(text: string): Step[] {
  const steps: { ask: string; body?: string }[] = [];
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const last = steps.at(-1);
    if (line.startsWith("  ") && last !== undefined) {
      last.body = `${last.body ?? ""}${line.trim()}\n`;
      continue;
    }
    const found = /^(\S+ \S+)(?: (.*))?$/.exec(line);
    if (found === null) throw new Error(`no request: ${line}`);
    const [, ask = "", body] = found;
    steps.push(body === undefined ? { ask } : { ask, body });
  }
  return steps;
}
