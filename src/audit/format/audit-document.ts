import { Buffer } from "node:buffer";

/**
 * A record as readers of either format see it: nested ECS objects with the field names of
 * `docs/record.md`, whatever format the line was written in.
 */
export type AuditDocument = Readonly<Record<string, unknown>>;

/** An empty object, so that a walk along an absent path needs no branch of its own. */
const nothing: AuditDocument = {};

/** The members of a JSON object; an empty object for any other value. */
export function membersOf(value: unknown): AuditDocument {
  // An object of JSON.parse, or one that a reader built, has string keys only.
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as AuditDocument)
    : nothing;
}

/** Paths that were split, for they come again with every record; most are written in the code. */
const splitPaths = new Map<string, readonly string[]>();
const maxSplitPaths = 1000;

function partsOf(path: string): readonly string[] {
  const known = splitPaths.get(path);
  if (known !== undefined) return known;
  const parts = path.split(".");
  if (splitPaths.size < maxSplitPaths) splitPaths.set(path, parts);
  return parts;
}

/** The value at a dotted path such as `http.request.method`; undefined where a part is absent. */
export function valueAt(document: AuditDocument, path: string): unknown {
  let value: unknown = document;
  for (const part of partsOf(path)) {
    const members = membersOf(value);
    // Own members only: a record may hold a member named `constructor`.
    if (!Object.hasOwn(members, part)) return undefined;
    value = members[part];
  }
  return value;
}

/** The string at a dotted path; undefined where there is something else or nothing. */
export function textAt(document: AuditDocument, path: string): string | undefined {
  const value = valueAt(document, path);
  return typeof value === "string" ? value : undefined;
}

/** The number at a dotted path; undefined where there is something else or nothing. */
export function numberAt(document: AuditDocument, path: string): number | undefined {
  const value = valueAt(document, path);
  return typeof value === "number" ? value : undefined;
}

/**
 * The exact bytes of a value from the wire, one char per byte: where its text does not tell them,
 * they stand in `es_proxy.raw` under the given name.
 */
export function exactAt(
  document: AuditDocument,
  path: string,
  rawName: string,
): string | undefined {
  const raw = textAt(document, `es_proxy.raw.${rawName}`);
  return raw === undefined ? textAt(document, path) : Buffer.from(raw, "base64").toString("latin1");
}
