/**
 * Groups of the corpus that are kept as text, one request a line: method, target, and the body if
 * there is one. The lines of a body of NDJSON follow their request, indented. `#` begins a comment.
 *
 * `@` says who asks from there on: nothing (nobody), `@ user:password`, `@ user:password as other`
 * (run-as) or a whole `Authorization`, `@ ApiKey ${kept}`. `>` keeps values of the answer to the
 * request above: `> key=encoded id=id`.
 */
import { globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { CorpusGroup, Step } from "./corpus.ts";

const folder = join(import.meta.dirname, "requests");

/** All groups that are kept as text and need no security. */
export const requestFiles: readonly CorpusGroup[] = groupsIn("");

/** The groups for a server that knows its users. */
export const securedRequestFiles: readonly CorpusGroup[] = groupsIn("secured/");

/** The groups for an older server, which has modules that the newer one lacks. */
export const olderRequestFiles: readonly CorpusGroup[] = groupsIn("older/");

function groupsIn(place: string): CorpusGroup[] {
  return globSync("*.txt", { cwd: join(folder, place) })
    .toSorted()
    .map((file) => ({
      name: `${place}${basename(file, ".txt")}`,
      steps: parseRequests(readFileSync(join(folder, place, file), "utf8")),
    }));
}

/** Reads the requests of a file. */
export function parseRequests(text: string): Step[] {
  const steps: {
    ask: string;
    body?: string;
    headers?: Record<string, string>;
    keep?: Record<string, string>;
  }[] = [];
  let headers: Record<string, string> | undefined;
  for (const line of text.split("\n")) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const last = steps.at(-1);
    if (line.startsWith("@")) {
      headers = parseAsker(line.slice(1).trim());
      continue;
    }
    if (line.startsWith("> ") && last !== undefined) {
      last.keep = Object.fromEntries(
        line
          .slice(2)
          .split(" ")
          .map((one) => [one.split("=")[0] ?? "", one.slice(one.indexOf("=") + 1)]),
      );
      continue;
    }
    if (line.startsWith("  ") && last !== undefined) {
      last.body = `${last.body ?? ""}${line.trim()}\n`;
      continue;
    }
    const found = /^(\S+ \S+)(?: (.*))?$/.exec(line);
    if (found === null) throw new Error(`no request: ${line}`);
    const [, ask = "", body] = found;
    steps.push({
      ask,
      ...(body === undefined ? {} : { body }),
      ...(headers === undefined ? {} : { headers }),
    });
  }
  return steps;
}

/** The fields that say who asks. */
function parseAsker(asker: string): Record<string, string> | undefined {
  if (asker === "") return undefined;
  const basic = /^([^ ]*:[^ ]*)(?: as ([^ ]+))?$/.exec(asker);
  if (basic === null) return { authorization: asker };
  const [, credentials = "", other] = basic;
  return {
    authorization: `Basic ${Buffer.from(credentials).toString("base64")}`,
    ...(other === undefined ? {} : { "es-security-runas-user": other }),
  };
}
