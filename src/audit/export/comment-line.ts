/** Comments in files that other programs run: nothing of a record gets out of its line. */
import type { TrailEntry } from "../read/trail-entry.ts";

/** `# …`, one line of printable ASCII. */
export function commentLine(text: string): string {
  return `# ${text.replaceAll(/[^\x20-\x7e]/g, "?")}`;
}

/** When, which, and what came back. */
export function entryTitle(entry: TrailEntry): string {
  const when = Number.isNaN(entry.startMs) ? "" : new Date(entry.startMs).toISOString();
  const status = entry.number("http.response.status_code") ?? "no answer";
  return `${when} ${safeId(entry)} ${status}`;
}

/** The id, if it is one: it becomes part of names of files. */
export function safeId({ id }: TrailEntry): string {
  return /^[0-9a-f-]{36}$/.test(id) ? id : "unknown";
}
