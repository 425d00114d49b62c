/**
 * What a server's own index of users and roles adds to its answers. The mock has no such index; its
 * name reaches it all the same, as one that is not there.
 */
import { isDeepStrictEqual } from "node:util";

const names = new Set([".security", ".security-7"]);

/** Numbers that count the index among others. */
const counts = new Set(["total", "successful", "value", "count", "skipped", "doc_count"]);

/** True for answers that differ in what the index adds only. */
export function differsByOwnIndex(real: string, mock: string): boolean {
  // It is found by its name on the server alone.
  if (/^\{"ask":"[^"]*\/\.security/.test(real) && mock.includes("no such index [.security"))
    return true;
  const hasIndex = real.includes(".security");
  const isHidden = /^\{"ask":"[^"]*expand_wildcards=all/.test(real);
  if (!hasIndex && !isHidden) return false;
  const [expected, actual] = [real, mock].map((text) => without(JSON.parse(text) as unknown));
  return isDeepStrictEqual(expected, actual);
}

function without(value: unknown, key = ""): unknown {
  if (typeof value === "number") return counts.has(key) ? 0 : value;
  if (typeof value === "string") return key === "ask" ? value : withoutNames(value);
  if (Array.isArray(value))
    return value.filter((entry) => !isOwn(entry)).map((entry) => without(entry));
  if (value === null || typeof value !== "object") return value;
  const kept = Object.entries(value)
    .filter(([name]) => !names.has(name))
    .map(([name, entry]) => [name, without(entry, name)] as const)
    // What held the index alone is not there without it.
    .filter(([name, entry]) => !isEmpty(entry) || isEmpty(Reflect.get(value, name)));
  return Object.fromEntries(kept);
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

/** True for an entry that is about the index. */
function isOwn(entry: unknown): boolean {
  if (typeof entry === "string") return names.has(entry);
  if (entry === null || typeof entry !== "object") return false;
  return ["name", "index", "_index"].some((key) => names.has(String(Reflect.get(entry, key))));
}

/** A text without lines that are about the index, and without its name in lists. */
function withoutNames(text: string): string {
  return (
    text
      .split("\n")
      .filter((line) => !/^\.security(?:-7)?\b/.test(line))
      .join("\n")
      // Columns are as wide as the longest name.
      .replaceAll(/ +/g, " ")
      .replaceAll(/(?:,\.security(?:-7)?\b|\.security(?:-7)?,)/g, "")
  );
}
