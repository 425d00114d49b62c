/**
 * Text that stands in a server's answers only because of where and when it ran, with the
 * placeholder for it.
 */
export type Replacements = ReadonlyMap<string, string>;

const uuidKeys = new Set(["uuid", "index.uuid", "index_uuid", "cluster_uuid"]);
const timeKeys = new Set([
  "creation_date",
  "index.creation_date",
  "created_date_millis",
  "modified_date_millis",
  "start_time",
  "end_time",
  // API keys
  "creation",
  "expiration",
  "invalidation",
]);

/**
 * Makes answers of two servers comparable: ids, times, sizes and names that must differ become
 * placeholders of the same JSON type, scores are rounded to five digits. Everything else stays as
 * it is.
 */
export function normaliseJson(value: unknown, replacements: Replacements): unknown {
  return normalise(value, "", replacements);
}

/** The same for a text body or a header value. */
export function normaliseText(text: string, replacements: Replacements): string {
  // First, because this id may be the node's own.
  let out = text
    .replaceAll(/for id \[\[[\w-]{22}\]\[\d+\]/g, "for id [[<session>][<number>]")
    // Version 8 names contexts without their session.
    .replaceAll(
      /No search context found for id \[\d+\]/g,
      "No search context found for id [<number>]",
    );
  for (const [from, to] of replacements) out = out.replaceAll(from, to);
  return (
    out
      .replaceAll("[Content-Type, Accept]", "[Accept, Content-Type]") // a set without order, differs from run to run
      .replaceAll(/(\[[^\][/]+\/)[\w-]{22}\]/g, "$1<uuid>]")
      .replaceAll(/(\/_doc\/)[\w-]{20}(?=$|\?)/g, "$1<auto id>")
      .replaceAll(/(in document with id ')[\w-]{20}'/g, "$1<auto id>'")
      .replaceAll(/(299 Elasticsearch-[\d.]+)-[0-9a-f]{40}/g, "$1-<build>")
      // The day that date math of a name of an index gave.
      .replaceAll(/-20\d\d\.\d\d\.\d\d-(?=\d)/g, "-<day>-")
      .replaceAll(/"took" : \d+/g, '"took" : 0')
  );
}

/**
 * Replaces the values at dot paths (`*` is any one key, `\.` a dot inside a key) by the name of
 * their type.
 */
export function maskPaths(value: unknown, paths: readonly string[]): unknown {
  let out = value;
  for (const path of paths)
    out = maskPath(
      out,
      path.split(/(?<!\\)\./).map((key) => key.replaceAll("\\.", ".")),
    );
  return out;
}

function normalise(value: unknown, key: string, replacements: Replacements): unknown {
  if (Array.isArray(value)) {
    const entries = value.map((entry) => normalise(entry, key, replacements));
    return unorderedKeys.has(key) ? entries.toSorted(byName) : entries;
  }
  if (typeof value === "number") return normaliseNumber(value, key);
  if (typeof value === "string") return normaliseString(value, key, replacements);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries("snapshot" in value ? withSortedIndices(value) : value).map(([name, entry]) => [
      normaliseText(name, replacements),
      normalise(entry, name, replacements),
    ]),
  );
}

/** A snapshot lists its indices in no order. */
function withSortedIndices(value: object): object {
  const indices: unknown = Reflect.get(value, "indices");
  return Array.isArray(indices) ? { ...value, indices: indices.toSorted() } : value;
}

/** API keys and their ids are listed in no order. */
const unorderedKeys = new Set([
  "api_keys",
  "invalidated_api_keys",
  "previously_invalidated_api_keys",
]);

function byName(a: unknown, b: unknown): number {
  return nameOf(a).localeCompare(nameOf(b));
}

function nameOf(entry: unknown): string {
  return typeof entry === "string" ? entry : String((entry as { name?: unknown } | null)?.name);
}

function normaliseNumber(value: number, key: string): number {
  if (timeKeys.has(key) && value > 1e12) return 0;
  if (
    key === "took" ||
    key === "ingest_took" ||
    key.endsWith("_in_millis") ||
    key === "task_max_waiting_in_queue_millis"
  )
    return 0;
  if (key === "_score" || key === "max_score") return Number(value.toPrecision(5));
  return value;
}

/** A number that is kept as text, see `replay.ts`. */
const numberText = /^~-?[\d.]+(?:E-?\d+)?$/;

/** Ids of points in time are longer than all others. */
const shortestContextId = 60;

function normaliseString(value: string, key: string, replacements: Replacements): string | number {
  if ((key === "_score" || key === "max_score") && numberText.test(value))
    return Number(Number(value.slice(1)).toPrecision(5));
  if (uuidKeys.has(key) && /^[\w-]{22}$/.test(value)) return "<uuid>";
  if (key === "_id" && /^[\w-]{20}$/.test(value)) return "<auto id>";
  if (timeKeys.has(key)) return "<time>";
  if (key === "_scroll_id" || key === "pit_id") return "<context>";
  if (key === "id" && value.length >= shortestContextId) return "<context>";
  if (key === "next") return "<next>";
  if (key === "cluster_name") return "<cluster>";
  return normaliseText(value, replacements);
}

function maskPath(value: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return `<${Array.isArray(value) ? "array" : typeof value}>`;
  if (Array.isArray(value)) {
    return value.map((entry, at) =>
      key === "*" || key === String(at) ? maskPath(entry, rest) : entry,
    );
  }
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, entry]) => [
      name,
      key === "*" || key === name ? maskPath(entry, rest) : entry,
    ]),
  );
}
