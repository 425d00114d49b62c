/** Finds what is worth a mark in a body that is laid out as JSON: watched fields, ids. */

/** A part of the text. */
export interface BodyMark {
  readonly from: number;
  readonly to: number;
  readonly kind: "watched" | "id";
  /** The field's name; the document's id. */
  readonly name: string;
  /** Of the document; `undefined`: not stated. */
  readonly index: string | undefined;
}

/** What there is to know of the exchange. */
export interface MarkContext {
  /** Names of watched fields that were in the body. */
  readonly watched: ReadonlySet<string>;
  /** Where a document says no index of its own. */
  readonly index: string | undefined;
}

/** More would make the page slow. */
const maxMarks = 2000;
/** What holds fields of documents in answers. */
const contentNames = new Set(["_source", "fields", "highlight"]);
/** Indentation, name, value: one member or element a line, as the server lays them out. */
const lineForm = /^( *)(?:"((?:[^"\\]|\\.)*)": )?("(?:[^"\\]|\\.)*"|[^\s",]+)?,?$/;
const step = 2;

/** The marks in the order of the text; they do not overlap. */
export function bodyMarks(text: string, { watched, index }: MarkContext): BodyMark[] {
  const marks: BodyMark[] = [];
  /** Names of the open members by depth, and the index that their object has named. */
  const names: string[] = [];
  const indices: (string | undefined)[] = [];
  let at = 0;
  for (const line of text.split("\n")) {
    const start = at;
    at += line.length + 1;
    const [, indent = "", name, value] = lineForm.exec(line) ?? [];
    if (value === undefined) continue;
    const depth = indent.length / step;
    names.length = Math.min(names.length, depth);
    indices.length = Math.min(indices.length, depth + 1);
    names[depth] = name === undefined ? "" : decoded(`"${name}"`);
    const isScalar = !/^[{}[\]]/.test(value);
    if (!isScalar || marks.length >= maxMarks) continue;
    const from = start + line.lastIndexOf(value);
    const place = { from, to: from + value.length };
    if (name === "_index") indices[depth] = decoded(value);
    else if (value.startsWith('"') && isId(names, depth)) {
      const known = indices[depth] ?? index;
      marks.push({ ...place, kind: "id", name: decoded(value), index: known });
    } else {
      const field = fieldOf(names, depth);
      if (value !== "null" && watched.has(field))
        marks.push({ ...place, kind: "watched", name: field, index: undefined });
    }
  }
  return marks;
}

/** `_id`, or an element of `ids`, as in the body of a multi-get. */
function isId(names: readonly string[], depth: number): boolean {
  return names[depth] === "_id" || (names[depth] === "" && names[depth - 1] === "ids");
}

/** The name of a field within its document; arrays have no part in it. */
function fieldOf(names: readonly string[], depth: number): string {
  const path = Array.from({ length: depth + 1 }, (_, at) => names[at] ?? "");
  const content = path.findLastIndex((name) => contentNames.has(name));
  return path
    .slice(content + 1)
    .filter((name) => name !== "")
    .join(".");
}

function decoded(literal: string): string {
  try {
    return JSON.parse(literal) as string;
  } catch {
    return literal;
  }
}
