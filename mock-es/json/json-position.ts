/** A place in a JSON text as Elasticsearch's parser counts: both numbers start at 1. */
export interface JsonPosition {
  readonly line: number;
  readonly column: number;
  /** Offset of the value in the text. */
  readonly offset: number;
}

/** Steps from the root of a JSON text to a value: member names and array indexes. */
export type JsonPath = readonly (string | number)[];

/**
 * Where the value of a path starts in a JSON text. Only used to word an error, so it reads the text
 * again from the start; a path that is not there gives the place of its nearest parent.
 */
export function positionOf(text: string, path: JsonPath): JsonPosition {
  let at = skipSpace(text, 0);
  for (const step of path) {
    const next =
      typeof step === "number" ? findElement(text, at, step) : findMember(text, at, step);
    if (next === undefined) break;
    at = next;
  }
  return toPosition(text, at);
}

/**
 * Where the name of a member of the object at a path starts; the object's own place when it has no
 * such member.
 */
export function keyPositionOf(text: string, path: JsonPath, key: string): JsonPosition {
  const start = positionOf(text, path).offset;
  let at = skipSpace(text, start + 1);
  while (at < text.length && text[at] === '"') {
    const end = skipValue(text, at);
    if (JSON.parse(text.slice(at, end)) === key) return toPosition(text, at);
    const value = skipSpace(text, skipSpace(text, end) + 1);
    at = skipSpace(text, skipValue(text, value));
    if (text[at] !== ",") break;
    at = skipSpace(text, at + 1);
  }
  return toPosition(text, start);
}

/** Where the closing bracket of the object at a path stands. */
export function endOf(text: string, path: JsonPath): JsonPosition {
  const { offset } = positionOf(text, path);
  return toPosition(text, skipValue(text, offset) - 1);
}

/** Line and column of an offset; columns count bytes. */
export function toPosition(text: string, offset: number): JsonPosition {
  let line = 1;
  let lineStart = 0;
  for (let at = text.indexOf("\n"); at !== -1 && at < offset; at = text.indexOf("\n", at + 1)) {
    line++;
    lineStart = at + 1;
  }
  return { line, column: Buffer.byteLength(text.slice(lineStart, offset)) + 1, offset };
}

/** Text of the value that starts at an offset. */
export function valueText(text: string, offset: number): string {
  return text.slice(offset, skipValue(text, offset));
}

function findMember(text: string, start: number, name: string): number | undefined {
  if (text[start] !== "{") return undefined;
  let at = skipSpace(text, start + 1);
  let found: number | undefined;
  while (at < text.length && text[at] === '"') {
    const end = skipValue(text, at);
    const key: unknown = JSON.parse(text.slice(at, end));
    const value = skipSpace(text, skipSpace(text, end) + 1);
    // The last of equal names counts, as for JSON.parse.
    if (key === name) found = value;
    at = skipSpace(text, skipValue(text, value));
    if (text[at] !== ",") break;
    at = skipSpace(text, at + 1);
  }
  return found;
}

function findElement(text: string, start: number, index: number): number | undefined {
  if (text[start] !== "[") return undefined;
  let at = skipSpace(text, start + 1);
  for (let element = 0; at < text.length && text[at] !== "]"; element++) {
    if (element === index) return at;
    at = skipSpace(text, skipValue(text, at));
    if (text[at] !== ",") return undefined;
    at = skipSpace(text, at + 1);
  }
  return undefined;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (at < text.length && " \t\r\n".includes(text[at] ?? "")) at++;
  return at;
}

function skipValue(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      at++;
      while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
      if (depth === 0) return at + 1;
    } else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") {
      if (depth === 0) return at;
      depth--;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (character === "," || " \t\r\n".includes(character ?? ""))) return at;
  }
  return text.length;
}
