/** Expressions that name indices: names, patterns, aliases, date math. */
import {
  emptyIndexName,
  EsError,
  illegalArgument,
  indexNotFound,
  validationFailed,
} from "../es-error.ts";
import type { JsonObject } from "../json/json-value.ts";
import type { Cluster } from "./cluster.ts";
import { excludedStream, isOfStreams } from "./data-streams.ts";
import { resolveDateMath } from "./date-math-name.ts";
import { grantedNames } from "./granted-names.ts";
import type { IndexOptions } from "./index-options.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { invalidIndexName } from "./index-name.ts";
import type { AliasMetadata } from "./alias-metadata.ts";
import type { IndexState } from "./index-state.ts";

/** Defaults of searches and of most read requests. */
export const searchIndexOptions: IndexOptions = {
  ignoreUnavailable: false,
  allowNoIndices: true,
  expandOpen: true,
  expandClosed: false,
  expandHidden: false,
  forbidClosed: true,
  allowAliases: true,
};

/** An index that an expression led to. */
export interface ResolvedIndex {
  readonly index: IndexState;
  /**
   * Filters of the aliases that led here; `undefined` when the index is also reached without one,
   * or they have none.
   */
  readonly filters: readonly JsonObject[] | undefined;
  /**
   * `search_routing` of the aliases that led here; `undefined` when the index is also reached
   * without one.
   */
  readonly routings: readonly string[] | undefined;
  /** The names that led here: its own, or those of aliases. Absent: its own. */
  readonly names?: readonly string[];
}

/**
 * Resolves names, patterns, aliases, exclusions, `_all` and date math to indices, each once, in the
 * order found.
 *
 * @throws {EsError} 404 `index_not_found_exception`, 400 `index_closed_exception` or
 *   `invalid_index_name_exception`
 */
export function resolveIndices(
  cluster: Cluster,
  expression: string | undefined,
  options: IndexOptions,
): IndexState[] {
  return resolveTargets(cluster, expression, options).map((target) => target.index);
}

/** As {@link resolveIndices}, with the alias filters that a search has to apply. */
export function resolveTargets(
  cluster: Cluster,
  expression: string | undefined,
  options: IndexOptions,
): ResolvedIndex[] {
  if (expression !== undefined && expression !== "") {
    const direct = cluster.indices.get(expression);
    if (direct !== undefined && !direct.isClosed && (cluster.access?.allows(expression) ?? true))
      return [{ index: direct, filters: undefined, routings: undefined }];
  }
  const found: Found = new Map();
  const names = namesToResolve(cluster, expression, options);
  const isExpanded = options.expandOpen || options.expandClosed;
  for (const name of names) {
    if (name === "") throw emptyIndexName();
    if (name.startsWith("-") && name.length > 1) {
      exclude(found, name.slice(1));
    } else if (name === "_all" && names.length === 1) {
      // That there is none is said of `_all` below.
      addPattern(cluster, found, "*", { ...options, allowNoIndices: true });
    } else if (name.includes("*")) {
      if (isExpanded) addPattern(cluster, found, name, options);
      // Where patterns are not expanded, they are names that no index has.
      else if (!options.ignoreUnavailable) throw indexNotFound(name);
    } else addName(cluster, found, resolveDateMath(cluster, name), options);
  }
  if (found.size === 0 && !options.allowNoIndices)
    throw names.length > 1 ? namesNotFound(names) : notFound(names[0] ?? "_all");
  return [...found].map(([index, ways]) => ({
    index,
    filters: all(ways, (way) => (way?.filter === undefined ? undefined : [way.filter])),
    routings: all(ways, (way) => way?.search_routing?.split(",").map((part) => part.trim())),
    ...(cluster.access === undefined ? {} : { names: namesOf(index, ways) }),
  }));
}

function namesOf(index: IndexState, ways: ReadonlySet<AliasMetadata | undefined>): string[] {
  const aliases = [...index.reachedBy].filter(([, metadata]) => ways.has(metadata));
  return [...(ways.has(undefined) ? [index.name] : []), ...aliases.map(([name]) => name)];
}

/**
 * The names of an expression, or those that security puts in their place.
 *
 * @throws {EsError} 403 for names that are not granted, 404 where nothing is left of them
 */
export function namesToResolve(
  cluster: Cluster,
  expression: string | undefined,
  options: IndexOptions,
): readonly string[] {
  const { access } = cluster;
  if (access?.action !== undefined && options.ignoresGrants !== true) {
    const granted = grantedNames(cluster, access, expression, options);
    // That nothing is left is told as a pattern, with another one that takes out what it fits.
    return granted.length === 0 ? ["*", "-*"] : granted;
  }
  const names = namesIn(expression ?? "");
  return names.length === 0 ? ["_all"] : names;
}

/** The names of a list with commas. Commas at its end are passed over, others leave empty names. */
export function namesIn(list: string): string[] {
  const names = list.split(",");
  return names.slice(0, names.findLastIndex((name) => name !== "") + 1);
}

/**
 * Commas alone name nothing, which most requests take for every index.
 *
 * @param problem what those say that do not
 * @throws {EsError} 400
 */
export function requireNames(expression: string | undefined, problem: string): void {
  if (namesIn(expression ?? "").length === 0) throw validationFailed(problem);
}

/** Indices with the ways that led to them: aliases, or `undefined` for their own names. */
type Found = Map<IndexState, Set<AliasMetadata | undefined>>;

/** What all ways say together; `undefined` when one of them says nothing. */
function all<T>(
  ways: ReadonlySet<AliasMetadata | undefined>,
  read: (way: AliasMetadata | undefined) => readonly T[] | undefined,
): T[] | undefined {
  const values = new Set<T>();
  for (const way of ways) {
    const said = read(way);
    if (said === undefined) return undefined;
    for (const value of said) values.add(value);
  }
  return [...values];
}

function addName(cluster: Cluster, found: Found, name: string, options: IndexOptions): void {
  if (name.startsWith("_")) throw invalidIndexName(name, "must not start with '_'.");
  const index = cluster.indices.get(name);
  if (index !== undefined) {
    addOpen(found, index, options, undefined);
    return;
  }
  const stream = cluster.dataStreams.get(name);
  if (stream !== undefined && options.includesDataStreams !== false) {
    for (const member of stream.backing) addOpen(found, member, options, undefined);
    return;
  }
  const members = cluster.indicesOfAlias(name);
  if (members === undefined) {
    if (options.ignoreUnavailable) return;
    throw stream === undefined ? indexNotFound(name) : excludedStream(name);
  }
  if (!options.allowAliases) {
    if (options.ignoreUnavailable) return;
    throw illegalArgument(
      `The provided expression [${name}] matches an alias, specify the corresponding concrete indices instead.`,
    );
  }
  if (options.includesDataStreams === false && isOfStreams(members)) {
    if (options.ignoreUnavailable) return;
    throw excludedStream(name);
  }
  for (const member of members) addOpen(found, member, options, member.reachedBy.get(name));
}

function addOpen(
  found: Found,
  index: IndexState,
  options: IndexOptions,
  way: AliasMetadata | undefined,
): void {
  if (index.isClosed && options.forbidClosed) {
    if (options.ignoreUnavailable) return;
    throw new EsError(400, "index_closed_exception", "closed", {
      index_uuid: index.uuid,
      index: index.name,
    });
  }
  const earlier = found.get(index);
  if (earlier === undefined) found.set(index, new Set([way]));
  else earlier.add(way);
}

function addPattern(cluster: Cluster, found: Found, pattern: string, options: IndexOptions): void {
  const fits = simplePattern(pattern);
  let matched = false;
  const isExpandedTo = ({ isClosed }: IndexState): boolean =>
    isClosed ? options.expandClosed : options.expandOpen;
  const shows = (name: string, isHidden: boolean): boolean =>
    !isHidden || options.expandHidden || (pattern.startsWith(".") && name.startsWith("."));
  const accepts = (index: IndexState): boolean =>
    isExpandedTo(index) && shows(index.name, index.settings.isHidden);
  for (const index of sortedIndices(cluster)) {
    if (!fits.test(index.name) || !accepts(index)) continue;
    matched = true;
    addOpen(found, index, options, undefined);
  }
  if (options.includesDataStreams !== false)
    for (const { name, backing, options: own } of cluster.dataStreams.values()) {
      if (!fits.test(name) || !shows(name, own.hidden)) continue;
      matched = true;
      for (const member of backing) addOpen(found, member, options, undefined);
    }
  if (options.allowAliases && pattern !== "*") {
    for (const alias of cluster.aliasNames()) {
      if (!fits.test(alias)) continue;
      const members = cluster.indicesOfAlias(alias) ?? [];
      // The indices of data streams are hidden, their aliases are not.
      const isOfStream = isOfStreams(members);
      if (isOfStream && options.includesDataStreams === false) continue;
      for (const member of members) {
        if (!(isOfStream ? isExpandedTo(member) : accepts(member))) continue;
        matched = true;
        addOpen(found, member, options, member.reachedBy.get(alias));
      }
    }
  }
  if (!matched && !options.allowNoIndices) throw indexNotFound(pattern);
}

/** Of several names that together leave nothing, the server tells none. */
function namesNotFound(names: readonly string[]): EsError {
  return new EsError(404, "index_not_found_exception", "no such index [null]", {
    "resource.type": "index_expression",
    "resource.id": names,
  });
}

function exclude(found: Found, pattern: string): void {
  const test = simplePattern(pattern);
  for (const index of found.keys()) {
    const { name, dataStream, reachedBy } = index;
    const names = [
      name,
      ...reachedBy.keys(),
      ...(dataStream === undefined ? [] : [dataStream.name]),
    ];
    if (names.some((one) => test.test(one))) found.delete(index);
  }
}

/** Indices in the order of their names, as patterns list them. */
export function sortedIndices(cluster: Cluster): IndexState[] {
  return [...cluster.indices.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}

function notFound(name: string): EsError {
  if (name !== "_all") return indexNotFound(name);
  const { status, type, reason, extra } = indexNotFound(name);
  return new EsError(status, type, `${reason} and no indices exist`, extra);
}
