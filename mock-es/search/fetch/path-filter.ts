/**
 * Filters of sources by paths whose segments are names or patterns of names, as the server's parser
 * applies them on the way: `*` is any one name or a part of it, `**` any number of them. What a
 * filter empties is left out; what was empty stays where all of it is wanted.
 */
import { isObject } from "../../json/json-value.ts";
import { simplePattern } from "../../text/simple-pattern.ts";

type Segment = { readonly isAny: boolean; readonly test: (name: string) => boolean };
type Path = readonly Segment[];

/** Gives the part of an object that is left; `undefined` for nothing. */
export type ObjectFilter = (object: Readonly<Record<string, unknown>>) => object | undefined;

/** Compiles what keeps only the paths. */
export function includePaths(paths: readonly string[]): ObjectFilter {
  const compiled = paths.map(toPath);
  return (object) => includeObject(object, compiled);
}

/** Compiles what leaves the paths out. */
export function excludePaths(paths: readonly string[]): ObjectFilter {
  const compiled = paths.map(toPath);
  return (object) => excludeObject(object, compiled);
}

function toPath(text: string): Path {
  return text.split(".").map((segment) => {
    if (!segment.includes("*")) return { isAny: false, test: (name: string) => name === segment };
    const pattern = simplePattern(segment);
    return { isAny: segment === "**", test: (name: string) => pattern.test(name) };
  });
}

/** Where the paths lead with a name; `true`: one of them ends there. */
function step(paths: readonly Path[], name: string): true | Path[] {
  const dot = name.indexOf(".");
  if (dot <= 0 || dot === name.length - 1) return stepPlain(paths, name);
  let at: true | Path[] = [...paths];
  for (const part of name.split(".")) {
    at = stepPlain(at, part);
    if (at === true) return true;
  }
  return at;
}

function stepPlain(paths: readonly Path[], name: string): true | Path[] {
  const next: Path[] = [];
  for (const path of paths) {
    const [first, ...rest] = path;
    if (first === undefined) continue;
    if (first.isAny) next.push(path);
    const tail = first.isAny ? rest.slice(1) : rest;
    const segment = first.isAny ? rest[0] : first;
    if (segment !== undefined && !segment.test(name)) continue;
    if (tail.length === 0) return true;
    next.push(tail);
  }
  return next;
}

function includeObject(
  object: Readonly<Record<string, unknown>>,
  paths: readonly Path[],
): object | undefined {
  const kept: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(object)) {
    const next = step(paths, name);
    const part = next === true ? value : includeValue(value, next);
    if (part !== undefined) kept[name] = part;
  }
  return Object.keys(kept).length === 0 ? undefined : kept;
}

function includeValue(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0) return undefined;
  if (Array.isArray(value)) {
    const kept = (value as readonly unknown[])
      .map((element) => includeValue(element, paths))
      .filter((element) => element !== undefined);
    return kept.length === 0 ? undefined : kept;
  }
  return isObject(value) ? includeObject(value, paths) : undefined;
}

function excludeObject(
  object: Readonly<Record<string, unknown>>,
  paths: readonly Path[],
): object | undefined {
  const entries = Object.entries(object);
  const kept: Record<string, unknown> = {};
  for (const [name, value] of entries) {
    const next = step(paths, name);
    if (next === true) continue;
    const part = excludeValue(value, next);
    if (part !== undefined) kept[name] = part;
  }
  return entries.length > 0 && Object.keys(kept).length === 0 ? undefined : kept;
}

function excludeValue(value: unknown, paths: readonly Path[]): unknown {
  if (paths.length === 0) return value;
  if (Array.isArray(value)) {
    const kept = (value as readonly unknown[])
      .map((element) => excludeValue(element, paths))
      .filter((element) => element !== undefined);
    return value.length > 0 && kept.length === 0 ? undefined : kept;
  }
  return isObject(value) ? excludeObject(value, paths) : value;
}
