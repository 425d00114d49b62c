/** Whether index expressions cover an index, and whether two lists can name the same one. */
import { type DataStreamPart, dataStreamOf } from "./data-stream.ts";
import { everything } from "./index-expression.ts";
import type { IndexExpression, IndexExpressions, IndexSelector } from "./index-expression.ts";
import { matchesWildcard, wildcardsIntersect } from "./wildcard.ts";

/**
 * - `maybe`: only the cluster knows, because a date is unresolved or because a wildcard meets a
 *   name that begins with a dot, which Elasticsearch hides unless `expand_wildcards` says
 *   otherwise, or because the patterns of clusters may match none.
 */
export type Coverage = "yes" | "maybe" | "no";

/**
 * Whether the expressions cover an index.
 *
 * A backing index is covered when its data stream is, in the component that the selector names
 * (none: the documents). Aliases and views are names like any others: what they stand for only the
 * cluster knows. A list that was cut (`total`) answers `maybe` where it would answer `no`.
 *
 * @param index concrete name as answers give it, `cluster:name` for remote ones
 */
export function coversIndex(expressions: IndexExpressions, index: string): Coverage {
  const colon = index.indexOf(":");
  const cluster = colon < 0 ? undefined : index.slice(0, colon);
  const name = colon < 0 ? index : index.slice(colon + 1);
  const stream = dataStreamOf(name);
  let coverage: Coverage = expressions.total > expressions.items.length ? "maybe" : "no";
  const uncut = coverage;
  let isWildcardSeen = false;
  for (const item of expressions.items) {
    if (!clusterMatches(item.cluster, cluster)) continue;
    if (item.kind === "cluster") return uncut;
    // An item for several clusters excludes only in those in which a wildcard came before it;
    // in the others it names an index that cannot exist.
    const isInert = item.isExclusion && cluster !== undefined && !isWildcardSeen;
    isWildcardSeen ||= item.name.includes("*");
    if (isInert || item.kind === "invalid") continue;
    const match = itemCovers(item, name, stream);
    if (match === "no") continue;
    if (!item.isExclusion) coverage = strongest(coverage, match);
    else if (match === "yes") coverage = uncut;
    else if (coverage === "yes") coverage = "maybe";
  }
  return coverage === "no" && cluster === undefined && mayReadAll(expressions) ? "maybe" : coverage;
}

/**
 * Whether a list reads every local index where it finds no cluster: `nowhere*:logs` names none
 * then, and Elasticsearch takes an empty list for all.
 */
function mayReadAll({ items }: IndexExpressions): boolean {
  const named = items.filter(({ kind }) => kind !== "cluster");
  return named.length > 0 && named.every(({ cluster }) => cluster?.includes("*") === true);
}

/**
 * Whether two lists may name a common index. Errs towards yes: exclusions count only where they
 * take away a whole item, and aliases are unknown.
 */
export function mayOverlap(one: IndexExpressions, other: IndexExpressions): boolean {
  const [left, right] = [included(one), included(other)];
  if (one.total > one.items.length || other.total > other.items.length) return true;
  return left.some((item) => right.some((counterpart) => itemsOverlap(item, counterpart)));
}

function itemCovers(
  item: IndexExpression,
  name: string,
  stream: DataStreamPart | undefined,
): Coverage {
  const certain: Coverage = item.kind === "unresolved" ? "maybe" : "yes";
  if (stream !== undefined && selects(item.selector, stream.component)) {
    if (matchesWildcard(item.name, stream.stream)) {
      return isHiddenFrom(item.name, stream.stream) ? "maybe" : certain;
    }
  }
  // `::failures` reads indices of a failure store only.
  if (item.selector === "failures") return "no";
  if (!matchesWildcard(item.name, name)) return "no";
  return isHiddenFrom(item.name, name) ? "maybe" : certain;
}

/** Wildcards leave out names with a leading dot, unless the pattern has one itself. */
function isHiddenFrom(pattern: string, name: string): boolean {
  return name.startsWith(".") && !pattern.startsWith(".") && pattern.includes("*");
}

function selects(selector: IndexSelector | undefined, component: "data" | "failures"): boolean {
  return selector === "*" || (selector ?? "data") === component;
}

function clusterMatches(pattern: string | undefined, cluster: string | undefined): boolean {
  if (pattern === undefined || cluster === undefined) return pattern === cluster;
  return matchesWildcard(pattern, cluster);
}

function strongest(one: Coverage, other: Coverage): Coverage {
  return one === "yes" || other === "yes" ? "yes" : "maybe";
}

/** Items that are not taken away again by a later exclusion. */
function included(list: IndexExpressions): IndexExpression[] {
  const named = list.items.filter((item, at) => {
    if (item.isExclusion || item.kind === "invalid") return false;
    return !list.items.some(
      (later, laterAt) =>
        excludes(later, laterAt > at, item) &&
        (later.kind === "cluster" || isBehindWildcard(list, laterAt, item)),
    );
  });
  return mayReadAll(list) ? [...named, everything] : named;
}

/** Whether an exclusion is one in every cluster of the item: each resolves a list of its own. */
function isBehindWildcard(
  list: IndexExpressions,
  at: number,
  { cluster }: IndexExpression,
): boolean {
  return list.items
    .slice(0, at)
    .some((earlier) => earlier.name.includes("*") && clusterMatches(earlier.cluster, cluster));
}

/** A star of the item is met by a star of the exclusion only, so a match holds for every name. */
function excludes(exclusion: IndexExpression, isLater: boolean, item: IndexExpression): boolean {
  if (!exclusion.isExclusion || exclusion.kind === "unresolved") return false;
  const { cluster } = item;
  if (!clusterMatches(exclusion.cluster, cluster)) return false;
  if (exclusion.kind === "cluster") return true;
  if (!isLater || (exclusion.selector ?? "data") !== (item.selector ?? "data")) return false;
  return matchesWildcard(exclusion.name, item.name) && !isHiddenFrom(exclusion.name, item.name);
}

function itemsOverlap(one: IndexExpression, other: IndexExpression): boolean {
  if (!clustersOverlap(one.cluster, other.cluster)) return false;
  if (wildcardsIntersect(one.name, other.name) && selectorsOverlap(one, other)) return true;
  return namesBacking(one, other) || namesBacking(other, one);
}

function clustersOverlap(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return wildcardsIntersect(one, other);
}

function selectorsOverlap(one: IndexExpression, other: IndexExpression): boolean {
  const [left, right] = [one.selector ?? "data", other.selector ?? "data"];
  return left === "*" || right === "*" || left === right;
}

/** Whether the one item can name a backing index of a data stream that the other item names. */
function namesBacking(backing: IndexExpression, owner: IndexExpression): boolean {
  const part = dataStreamOf(backing.name);
  if (part !== undefined) {
    return selects(owner.selector, part.component) && matchesWildcard(owner.name, part.stream);
  }
  if (!backing.name.includes("*")) return false;
  // A pattern such as `.ds-logs-*` or `*-000001` may match some backing index of the stream.
  const intersects = (prefix: string): boolean =>
    wildcardsIntersect(backing.name, `${prefix}${owner.name}-*`);
  return (
    (selects(owner.selector, "data") && intersects(".ds-")) ||
    (selects(owner.selector, "failures") && intersects(".fs-"))
  );
}
