/** The parts of sources that are shown. */
import { inHashOrder } from "../../text/hash-order.ts";
import { isRawNumber } from "../../json/exact-numbers.ts";
import { type EsError, illegalArgument, ownPlace, parsingException } from "../../es-error.ts";
import { asJavaJson } from "../../json/java-json.ts";
import { isObject, type JsonObject, textOf, tokenOf } from "../../json/json-value.ts";
import { createAutomaton, type Automaton } from "../../text/automaton.ts";
import { parseWildcard } from "../../text/regexp-syntax.ts";
import type { FieldMappings, GrantedFields } from "../fields/document.ts";
import { vectorsAsKept, withoutFields } from "./shown-vectors.ts";
import { excludePaths, includePaths } from "./path-filter.ts";

/** Gives the part of a `_source` that was asked for; `undefined` when none was. */
export type SourceFilter = (source: unknown) => unknown;

const everything: SourceFilter = (source) => source;
const nothing: SourceFilter = () => undefined;

/**
 * Compiles `_source`: `true`, `false`, a pattern, a list of patterns, or `{includes, excludes}`.
 *
 * @param hidden names of fields that are shown only when `includes` names them, or
 *   `exclude_vectors` is false
 * @throws {EsError} `parsing_exception` for other shapes
 */
export function compileSourceFilter(
  specification: unknown,
  hidden: readonly string[] = [],
): SourceFilter {
  if (specification === undefined || specification === true) return hiding(hidden, []);
  if (specification === false) return nothing;
  if (typeof specification === "string")
    return hiding(hidden, [specification], filterBy([specification], []));
  if (Array.isArray(specification)) {
    const includes = texts(specification);
    return hiding(hidden, includes, filterBy(includes, []));
  }
  if (!isObject(specification)) {
    throw noFilter(specification);
  }
  let includes: string[] = [];
  let excludes: string[] = [];
  let hidesVectors = true;
  for (const [key, value] of Object.entries(specification)) {
    const isList = typeof value === "string" || Array.isArray(value);
    if (isList && (key === "includes" || key === "include"))
      includes = patterns(specification, key);
    else if (isList && (key === "excludes" || key === "exclude"))
      excludes = patterns(specification, key);
    else if (key === "exclude_vectors" && typeof value !== "object" && typeof value !== "number")
      hidesVectors = readBoolean(specification, key);
    else throw unknownKey(specification, key, key);
  }
  return hiding(hidesVectors ? hidden : [], includes, filterBy(includes, excludes));
}

/** A filter of sources without the hidden fields that are not asked for. */
function hiding(
  hidden: readonly string[],
  includes: readonly string[],
  filter: SourceFilter = everything,
): SourceFilter {
  const isIncluded = includes.length === 0 ? undefined : createPathMatcher(includes);
  const unasked = hidden.filter(
    (name) => isIncluded === undefined || !holdsWithin(isIncluded, name, -1),
  );
  if (unasked.length === 0) return filter;
  const remove = withoutFields(unasked);
  // What is filtered is written anew.
  return (source) => asJavaJson(filter(remove(source)));
}

/**
 * Looks at the `_source` of a body.
 *
 * @throws {EsError} `parsing_exception` and others for what it cannot be
 */
export function checkSourceMember(body: JsonObject): void {
  const { _source: source } = body;
  if (source === null) throw unknownKey(body, "_source", "_source");
  if (typeof source === "number" || typeof source === "bigint")
    throw noFilter(source).at(body, "_source");
  compileSourceFilter(source);
}

function noFilter(value: unknown): EsError {
  return parsingException(
    `Expected one of [VALUE_BOOLEAN, VALUE_STRING, START_ARRAY, START_OBJECT] but found [${tokenOf(value)}]`,
  );
}

function unknownKey(holder: object, at: string, key: string): EsError {
  const value = (holder as JsonObject)[at];
  return parsingException(`Unknown key for a ${tokenOf(value)} in [${key}].`).at(holder, at);
}

function readBoolean(holder: JsonObject, key: string): boolean {
  const value = holder[key];
  if (value === true || value === "true") return true;
  if (value === false || value === "false") return false;
  throw illegalArgument(
    `Failed to parse value [${textOf(value)}] as only [true] or [false] are allowed.`,
  ).standingAt(holder, key);
}

/** Gives the part of a source that the index keeps: all, unless the mapping says otherwise. */
export function keptSource(mappings: FieldMappings): SourceFilter {
  const { sourceParts } = mappings;
  const show = vectorsAsKept(mappings) ?? everything;
  if (sourceParts === undefined) return show;
  if (!sourceParts.isEnabled) return nothing;
  const { includes, excludes, grants } = sourceParts;
  const filter = filterBy(includes, excludes);
  return grants === undefined
    ? (source) => filter(show(source))
    : (source) => granted(filter(show(source)), "", grants) ?? {};
}

/**
 * The parts of a source whose paths are granted, in the order of a Java HashMap. Objects and lists
 * without any are left out, but for objects in lists.
 */
function granted(value: unknown, path: string, grants: GrantedFields): unknown {
  if (Array.isArray(value)) {
    const kept = (value as readonly unknown[]).flatMap((element) => {
      const inner = granted(element, path, grants);
      if (inner !== undefined) return [inner];
      if (Array.isArray(element)) return [[]];
      return isPlainObject(element) && grants.reaches(`${path}.`) ? [{}] : [];
    });
    return kept.length > 0 ? kept : undefined;
  }
  if (!isPlainObject(value)) return grants.accepts(path) ? value : undefined;
  const kept: Record<string, unknown> = {};
  for (const name of inHashOrder(Object.keys(value))) {
    const at = path === "" ? name : `${path}.${name}`;
    const inner = grants.reaches(at) ? granted(value[name], at, grants) : undefined;
    if (inner !== undefined) kept[name] = inner;
  }
  return Object.keys(kept).length > 0 ? kept : undefined;
}

function isPlainObject(value: unknown): value is JsonObject {
  return isObject(value) && !isRawNumber(value);
}

function patterns(holder: JsonObject, key: string): string[] {
  const value = holder[key];
  if (!Array.isArray(value)) return [textOf(value)];
  return (value as readonly unknown[]).map((pattern, at) => {
    if (typeof pattern === "string") return pattern;
    throw unknownKey(value, String(at), key);
  });
}

function texts(list: readonly unknown[]): string[] {
  return list.map((pattern, at) => {
    if (pattern !== null && (typeof pattern !== "object" || isRawNumber(pattern)))
      return textOf(pattern);
    const reason = `Expected text at ${ownPlace} but found ${tokenOf(pattern)}`;
    throw illegalArgument(reason).standingAt(list, String(at));
  });
}

function filterBy(includes: readonly string[], excludes: readonly string[]): SourceFilter {
  if (includes.length === 0 && excludes.length === 0) return everything;
  if (excludes.every((pattern) => !pattern.includes("*"))) return filterByPaths(includes, excludes);
  const isIncluded = includes.length === 0 ? () => true : createPathMatcher(includes);
  const isExcluded = excludes.length === 0 ? () => false : createPathMatcher(excludes);

  function filterValue(value: unknown, path: string, accepted: boolean): unknown {
    if (Array.isArray(value)) {
      const kept = (value as readonly unknown[])
        .map((element) => filterValue(element, path, accepted))
        .filter((element) => element !== undefined && !isEmpty(element));
      return kept.length > 0 || accepted ? kept : undefined;
    }
    if (!isObject(value)) return accepted ? value : undefined;
    const kept = filterObject(value, path, accepted);
    return accepted || Object.keys(kept).length > 0 ? kept : undefined;
  }

  function filterObject(
    object: Readonly<Record<string, unknown>>,
    path: string,
    accepted: boolean,
  ): object {
    const kept: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(object)) {
      const full = path === "" ? name : `${path}.${name}`;
      if (holdsWithin(isExcluded, full, path.length)) continue;
      const isWanted = accepted || holdsWithin(isIncluded, full, path.length);
      const isTouched = excludes.some((pattern) => mayMatchBelow(pattern, `${full}.`));
      const part = isWanted && !isTouched ? value : filterValue(value, full, isWanted);
      if (part !== undefined) kept[name] = part;
    }
    return kept;
  }

  // What is filtered is written anew.
  return (source) => (isObject(source) ? asJavaJson(filterObject(source, "", false)) : source);
}

/** True for a path, or one that its last name, which may hold dots, is within. */
function holdsWithin(holds: (path: string) => boolean, path: string, from: number): boolean {
  if (holds(path)) return true;
  for (let dot = path.indexOf(".", from + 1); dot > 0; dot = path.indexOf(".", dot + 1))
    if (holds(path.slice(0, dot))) return true;
  return false;
}

/** True when a pattern may match a text with this beginning. */
function mayMatchBelow(pattern: string, beginning: string): boolean {
  for (let at = 0; at < beginning.length; at++) {
    if (pattern[at] === "*") return true;
    if (pattern[at] !== beginning[at]) return false;
  }
  return pattern.length > beginning.length;
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value)
    ? value.length === 0
    : isObject(value) && Object.keys(value).length === 0;
}

/** Without patterns among the excludes the server filters while it reads. */
function filterByPaths(includes: readonly string[], excludes: readonly string[]): SourceFilter {
  const include = includes.length === 0 ? undefined : includePaths(includes);
  const exclude = excludes.length === 0 ? undefined : excludePaths(excludes);
  return (source) => {
    if (!isObject(source)) return source;
    const wanted = include === undefined ? source : (include(source) ?? {});
    return asJavaJson(exclude === undefined ? wanted : (exclude(wanted as JsonObject) ?? {}));
  };
}

/**
 * True for a full dotted path that one of the patterns names; `*` stands for any text, dots
 * included.
 */
export function createPathMatcher(list: readonly string[]): (path: string) => boolean {
  const exact = new Set(list.filter((pattern) => !pattern.includes("*")));
  const automata: Automaton[] = [];
  for (const pattern of list) {
    if (!pattern.includes("*")) continue;
    if (pattern === "*") return () => true;
    const automaton = createAutomaton(
      parseWildcard(pattern.replaceAll("\\", "\\\\").replaceAll("?", "\\?"), false),
    );
    if (automaton !== undefined) automata.push(automaton);
  }
  return (path) => exact.has(path) || automata.some((automaton) => automaton.matches(path));
}
