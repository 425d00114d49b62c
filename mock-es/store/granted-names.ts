/** What security puts in the place of a request's names: those that its caller may touch. */
import { EsError } from "../es-error.ts";
import { actionDenied } from "../security/denial.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import type { Cluster } from "./cluster.ts";
import { resolveDateMath } from "./date-math-name.ts";
import type { IndexOptions } from "./index-options.ts";
import type { RequestAccess } from "./request-access.ts";

/**
 * The names that a request is about after security has read them: no patterns (but where none are
 * expanded), and none that are left out.
 *
 * @param expression names, patterns and exclusions; `undefined`: everything
 * @throws {EsError} 403 for names that are not granted, 404 where nothing is left and something has
 *   to be
 */
export function grantedNames(
  cluster: Cluster,
  access: RequestAccess,
  expression: string | undefined,
  options: IndexOptions,
): readonly string[] {
  const given = (expression ?? "").split(",").filter((name) => name !== "");
  const isExpanded = options.expandOpen || options.expandClosed;
  const isEvery = given.length === 0 || (given.length === 1 && given[0] === "_all");
  const names = new Set<string>();
  /** Those that are left out again, too. */
  const asked = new Set<string>();
  const fitting = (pattern: string): string[] =>
    isExpanded ? fittingNames(cluster, access, pattern, options) : [];
  if (isEvery) for (const name of fitting("*")) names.add(name);
  for (const entry of isEvery ? [] : given) {
    const isLeftOut = entry.startsWith("-") && entry.length > 1;
    const name = readName(cluster, access, isLeftOut ? entry.slice(1) : entry);
    const isPattern = isExpanded && name.includes("*");
    const found = isPattern ? fitting(name) : [name];
    if (found.length === 0 && !isLeftOut && !options.allowNoIndices) throw notGranted(name);
    for (const one of found) {
      if (isLeftOut) names.delete(one);
      // What is not granted is not available.
      else if (isPattern || !options.ignoreUnavailable || access.allows(one)) {
        names.add(one);
        asked.add(one);
      }
    }
  }
  if (names.size === 0 && !options.allowNoIndices) throw notGranted(`[${given.join(", ")}]`);
  access.check([...asked]);
  const { caller, action } = access;
  if (names.size === 0 && action !== undefined && !caller.permission.allowsSomeIndex(action))
    throw actionDenied(caller, action);
  return [...names];
}

/**
 * The name that a date in it makes.
 *
 * @throws {EsError} 403 to everybody for one that cannot be read
 */
function readName(cluster: Cluster, { caller, action }: RequestAccess, given: string): string {
  try {
    return resolveDateMath(cluster, given);
  } catch (error) {
    if (!(error instanceof EsError) || action === undefined) throw error;
    const { status, type, reason } = actionDenied(caller, action);
    throw new EsError(status, type, reason, {
      root_cause: [{ type: error.type, reason: error.reason }],
      caused_by: error.toCause(),
    });
  }
}

function fittingNames(
  cluster: Cluster,
  access: RequestAccess,
  pattern: string,
  options: IndexOptions,
): string[] {
  const fits = simplePattern(pattern);
  const isSeen = (name: string, isHidden: boolean): boolean =>
    fits.test(name) &&
    (!isHidden || options.expandHidden || (pattern.startsWith(".") && name.startsWith("."))) &&
    access.allows(name);
  const indices = [...cluster.indices.values()].filter(({ name, isClosed, settings }) => {
    if (isClosed ? !options.expandClosed : !options.expandOpen) return false;
    return isSeen(name, settings.isHidden);
  });
  const streams =
    options.includesDataStreams === false
      ? []
      : [...cluster.dataStreams.values()].filter((one) => isSeen(one.name, one.options.hidden));
  const aliases = options.allowAliases ? [...cluster.aliasNames()] : [];
  return [
    ...[...indices, ...streams].map(({ name }) => name).sort(),
    ...aliases.filter((name) => isSeen(name, isHiddenAlias(cluster, name))),
  ];
}

function isHiddenAlias(cluster: Cluster, name: string): boolean {
  const [member] = cluster.indicesOfAlias(name) ?? [];
  return member?.reachedBy.get(name)?.is_hidden === true;
}

/** Security does not tell a pattern that fits nothing from one that fits nothing granted. */
function notGranted(name: string): EsError {
  return new EsError(404, "index_not_found_exception", `no such index [${name}]`, {
    index_uuid: "_na_",
    index: name,
  });
}
