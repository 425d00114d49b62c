/** What a `highlight` asks for, for each of its fields. */
import {
  illegalArgument,
  notSupported,
  parsingException,
  xContentParseException,
} from "../../es-error.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { checkKnown } from "../known-members.ts";
import type { FragmentOptions } from "./fast-vector.ts";
import { inField } from "../queries/object-members.ts";

/** How one field is highlighted. */
export interface HighlightOptions {
  readonly pattern: string;
  readonly type: string;
  readonly fragmentSize: number;
  /** 0: the whole text. */
  readonly fragments: number;
  readonly preTag: string;
  readonly postTag: string;
  readonly isHtml: boolean;
  readonly isByScore: boolean;
  readonly requiresFieldMatch: boolean;
  readonly noMatchSize: number;
  readonly boundaries: "sentence" | "word";
  /** Fields whose matches are marked, too. */
  readonly matchedFields: readonly string[];
  /** The last place where a word may begin; -1: the bound of the index. */
  readonly maxAnalyzedOffset: number | undefined;
  /** What only the fast vector highlighter hears. */
  readonly fast: FragmentOptions;
  /** A query to take the words from instead of that of the search. */
  readonly query: unknown;
}

const settings = [
  "type",
  "fragment_size",
  "number_of_fragments",
  "pre_tags",
  "post_tags",
  "order",
  "require_field_match",
  "no_match_size",
  "boundary_scanner",
  "boundary_scanner_locale",
  "boundary_chars",
  "boundary_max_scan",
  "highlight_query",
  "fragmenter",
  "highlight_filter",
  "phrase_limit",
  "max_analyzed_offset",
  "options",
];
const globalSettings = [...settings, "fields", "encoder", "tags_schema"];
const fieldSettings = [...settings, "matched_fields", "fragment_offset"];

/** Settings that are refused by name, but by the fast vector highlighter. */
const notComputed = ["fragment_offset", "options"];

/** Tags of the schemas: of `styled` the first one. */
const plain = { pre: "<em>", post: "</em>" };
const styled = { pre: '<em class="hlt1">', post: "</em>" };

/**
 * Reads a `highlight`.
 *
 * @throws {EsError} 400 in the server's words, or for what is not computed
 */
export function readHighlight(body: JsonObject): HighlightOptions[] {
  check("highlight", body, globalSettings, body["type"] === "fvh");
  checkType("highlight", body);
  checkTags(body);
  return fieldLists(body).flatMap((fields) =>
    Object.keys(fields).map((pattern) => {
      const given = inField("highlight", "fields", () =>
        inField("fields", pattern, () => readField(fields, pattern, body)),
      );
      const tags = { ...plain, ...tagsOf(body), ...tagsOf(given) };
      return readOptions(pattern, { ...body, ...given }, tags);
    }),
  );
}

/** The objects whose members are highlighted fields. @throws {EsError} */
function fieldLists(body: JsonObject): readonly JsonObject[] {
  const { fields } = body;
  if (fields === undefined) return [];
  if (isObject(fields)) return [fields];
  if (Array.isArray(fields))
    return inField("highlight", "fields", () =>
      fields.map((_, at) => singleField(fields as readonly unknown[], at)),
    );
  const reason = `[highlight] fields doesn't support values of type: ${tokenOf(fields)}`;
  throw xContentParseException(reason).at(body, "fields");
}

/** An entry of a list of fields. @throws {EsError} unless it has one member */
function singleField(list: readonly unknown[], at: number): JsonObject {
  const entry = list[at];
  const error = xContentParseException(
    "[fields] can be a single object with any number of fields or an array where each entry is an object with a single field",
  );
  if (!isObject(entry)) throw error.at(list, String(at));
  const names = Object.keys(entry);
  if (names.length === 0) throw error.at(entry, undefined, "end");
  if (names.length > 1) throw error.at(entry, names[1], "key").standingAt(entry, names[1], "key");
  return entry;
}

/** The server's bound of `number_of_fragments`. */
const mostFragments = 10_000;

/** The settings of one field. @throws {EsError} */
function readField(fields: JsonObject, name: string, body: JsonObject): JsonObject {
  const given = fields[name];
  if (!isObject(given)) {
    const reason = `[highlight_field] Expected START_OBJECT but was: ${tokenOf(given)}`;
    throw xContentParseException(reason).at(fields, name);
  }
  check("highlight_field", given, fieldSettings, (given["type"] ?? body["type"]) === "fvh");
  checkType("highlight_field", given);
  checkTags(given);
  return given;
}

/** @throws {EsError} for a type that is no name */
function checkType(what: string, body: JsonObject): void {
  const { type } = body;
  if (type === undefined || typeof type === "string") return;
  const reason = `[${what}] type doesn't support values of type: ${tokenOf(type)}`;
  throw xContentParseException(reason).at(body, "type");
}

/** Tags that open, and those that close; what stands later in a body wins. */
interface Tags {
  readonly pre?: unknown;
  readonly post?: unknown;
}

function tagsOf(body: JsonObject): Tags {
  let tags: Tags = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === "pre_tags") tags = { ...tags, pre: value };
    else if (name === "post_tags") tags = { ...tags, post: value };
    else if (name === "tags_schema") tags = value === "styled" ? styled : plain;
  }
  return tags;
}

/** Tags that open stand with those that close. @throws {EsError} */
function checkTags(body: JsonObject): void {
  const { pre, post } = tagsOf(body);
  const isEmpty = (tags: unknown): boolean => Array.isArray(tags) && tags.length === 0;
  if (pre === undefined || (post !== undefined && !isEmpty(pre) && !isEmpty(post))) return;
  const problem =
    post === undefined
      ? "pre_tags are set but post_tags are not set"
      : "pre_tags or post_tags must not be empty";
  throw parsingException(problem).at(body, undefined, "end");
}

function check(what: string, body: JsonObject, known: readonly string[], isFast: boolean): void {
  checkKnown(what, body, known);
  const fragments = body["number_of_fragments"];
  if (typeof fragments === "number" && (fragments < 0 || fragments > mostFragments)) {
    const reason = `[number_of_fragments] must be between [0] and [${mostFragments}]`;
    throw outOfBounds(what, body, "number_of_fragments", reason);
  }
  const offset = body["max_analyzed_offset"];
  if (offset !== undefined && (Number(offset) < -1 || Number(offset) === 0)) {
    const reason = "[max_analyzed_offset] must be a positive integer, or -1";
    throw outOfBounds(what, body, "max_analyzed_offset", reason);
  }
  const { matched_fields: matched } = body;
  if (matched !== undefined && typeof matched === "object" && !Array.isArray(matched)) {
    const reason = `[${what}] matched_fields doesn't support values of type: ${tokenOf(matched)}`;
    throw xContentParseException(reason).at(body, "matched_fields");
  }
  if (matched !== undefined && isFast) throw notSupported("[matched_fields] of [fvh]");
  for (const key of Object.keys(body)) {
    if (notComputed.includes(key) && !(key === "fragment_offset" && isFast))
      throw notSupported(`[${key}] of [highlight]`);
  }
}

/** A number that a setting cannot have. */
function outOfBounds(what: string, body: JsonObject, name: string, reason: string): Error {
  return xContentParseException(`[${what}] failed to parse field [${name}]`, {
    caused_by: illegalArgument(reason).toCause(),
  }).at(body, name);
}

function readOptions(pattern: string, body: JsonObject, { pre, post }: Tags): HighlightOptions {
  const scanner = textOf(body["boundary_scanner"] ?? "sentence").toLowerCase();
  const isFast = body["type"] === "fvh";
  if (isFast) checkFast(body);
  else if (scanner === "chars") throw notSupported("[boundary_scanner] [chars] of [highlight]");
  if (body["fragmenter"] === "simple") throw notSupported("[fragmenter] [simple] of [highlight]");
  const first = (value: unknown, fallback: string): string =>
    Array.isArray(value) ? textOf(value[0] ?? fallback) : textOf(value ?? fallback);
  const offset = body["max_analyzed_offset"];
  return {
    pattern,
    type: textOf(body["type"] ?? "unified"),
    fragmentSize: Number(body["fragment_size"] ?? 100),
    fragments: Number(body["number_of_fragments"] ?? 5),
    preTag: first(pre, plain.pre),
    postTag: first(post, plain.post),
    isHtml: body["encoder"] === "html",
    isByScore: body["order"] === "score",
    requiresFieldMatch: textOf(body["require_field_match"] ?? true) !== "false",
    noMatchSize: Number(body["no_match_size"] ?? 0),
    boundaries: scanner === "word" ? "word" : "sentence",
    matchedFields: [body["matched_fields"] ?? []].flat().map((name) => textOf(name)),
    maxAnalyzedOffset: offset === undefined ? undefined : Math.trunc(Number(offset)),
    fast: {
      size: Number(body["fragment_size"] ?? 100),
      fragments: Number(body["number_of_fragments"] ?? 5),
      isByScore: body["order"] === "score",
      margin: Number(body["fragment_offset"] ?? 6),
      boundaryChars: textOf(body["boundary_chars"] ?? ".,!? \t\n"),
      boundaryScan: Number(body["boundary_max_scan"] ?? 20),
      phraseLimit: Number(body["phrase_limit"] ?? 256),
    },
    query: body["highlight_query"],
  };
}

/** Refuses what the fast vector highlighter does otherwise than here. @throws {EsError} 400 */
function checkFast(body: JsonObject): void {
  const scanner = textOf(body["boundary_scanner"] ?? "chars").toLowerCase();
  if (scanner !== "chars") throw notSupported(`[boundary_scanner] [${scanner}] of [fvh]`);
  for (const tags of ["pre_tags", "post_tags"]) {
    const given = body[tags];
    if (Array.isArray(given) && given.length > 1) throw notSupported(`several [${tags}] of [fvh]`);
  }
  if (body["tags_schema"] !== undefined) throw notSupported("[tags_schema] of [fvh]");
}
