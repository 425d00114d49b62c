import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** One parsed line of an audit directory. */
export interface AuditLine {
  /** Path of the file, relative to the directory. */
  readonly file: string;
  /** Line number in the file, from 1. */
  readonly line: number;
  /** The record; every line must be one JSON object. */
  readonly record: Readonly<Record<string, unknown>>;
}

/**
 * Reads every line of every `*.ndjson` file below a directory, files in name order.
 *
 * A last line without a line feed is left out when `allowTornTail` is set (a running writer may be
 * in the middle of it); otherwise it is an error, like any line that is not one JSON object.
 *
 * @throws {Error} naming file and line
 */
export async function readAudit(
  directory: string,
  options: { readonly allowTornTail?: boolean } = {},
): Promise<AuditLine[]> {
  const names = (await readdir(directory, { recursive: true }))
    .filter((name) => name.endsWith(".ndjson"))
    .sort();
  const lines: AuditLine[] = [];
  for (const file of names) {
    const parts = (await readFile(join(directory, file), "utf8")).split("\n");
    const tail = parts.pop();
    if (tail !== "" && options.allowTornTail !== true)
      throw new Error(`${file}:${parts.length + 1}: torn last line`);
    for (const [index, text] of parts.entries())
      lines.push({ file, line: index + 1, record: parse(text, file, index) });
  }
  return lines;
}

/**
 * The value at a dotted path: as one flat key (`"http.version"`), as nested objects, or as any
 * mixture of both.
 */
export function fieldAt(record: Readonly<Record<string, unknown>>, path: string): unknown {
  if (path in record) return record[path];
  for (let at = path.lastIndexOf("."); at > 0; at = path.lastIndexOf(".", at - 1)) {
    const inner = record[path.slice(0, at)];
    if (typeof inner === "object" && inner !== null) {
      const value = fieldAt(inner as Record<string, unknown>, path.slice(at + 1));
      if (value !== undefined) return value;
    }
  }
  return undefined;
}

function parse(text: string, file: string, index: number): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Error(`${file}:${index + 1}: not one JSON object: ${text.slice(0, 200)}`);
  return value as Record<string, unknown>;
}
