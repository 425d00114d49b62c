/**
 * Index expressions: what a request names, as asked and as far as it is known without a cluster.
 */
import { resolveDateMath } from "./date-math.ts";
import { maxListItems, splitIndexList } from "./index-list.ts";
import { TimeZones } from "./time-zone.ts";
import { wildcardsIntersect } from "./wildcard.ts";

/**
 * - `all`: every index (`_all`, `*`, an empty list);
 * - `name`: one index, data stream, alias or view;
 * - `pattern`: a name with wildcards;
 * - `unresolved`: date math whose date only the server knows; `name` holds `*` in its place;
 * - `cluster`: excludes a whole remote cluster (`-cluster:*`);
 * - `invalid`: Elasticsearch refuses it.
 */
export type IndexExpressionKind = "all" | "name" | "pattern" | "unresolved" | "cluster" | "invalid";

/** Which part of a data stream: its documents, its failure store, or both. */
export type IndexSelector = "data" | "failures" | "*";

/** One item of a list of index expressions. */
export interface IndexExpression {
  /** As asked, decoded, with sign, cluster and selector. */
  readonly raw: string;
  readonly kind: IndexExpressionKind;
  /** Takes away from what stands before it. Never true for the first item of a list. */
  readonly isExclusion: boolean;
  /** Alias or pattern of the remote cluster; undefined: the local one. */
  readonly cluster: string | undefined;
  /** Name or pattern alone, date math resolved; `*` for all. */
  readonly name: string;
  readonly selector: IndexSelector | undefined;
  /** What `raw` means in full; undefined where only the server knows. */
  readonly resolved: string | undefined;
}

/** A list of index expressions; bounded, with the number of items that were asked for. */
export interface IndexExpressions {
  readonly items: readonly IndexExpression[];
  /** Items asked for; more than `items.length` when the list was cut. */
  readonly total: number;
}

/**
 * Reads a list of index expressions by Elasticsearch's rules (multi-target syntax, cross-cluster
 * search, selectors, date math).
 *
 * @param list decoded path part, or the strings of a JSON array; empty: all indices
 * @param nowMs time of the request, for date math; milliseconds since 1970
 */
export function parseIndexExpressions(
  list: string | readonly string[],
  nowMs: number,
  limit: number = maxListItems,
): IndexExpressions {
  if (typeof list === "string" && limit > 0 && plainName.test(list))
    return { items: [plainExpression(list)], total: 1 };
  const raw: string[] = [];
  let total = 0;
  for (const text of typeof list === "string" ? [list] : list) {
    const split = splitIndexList(text, limit - raw.length);
    total += split.total;
    raw.push(...split.items);
  }
  if (total === 0) return { items: [everything], total: 0 };
  const parser = new ExpressionParser(nowMs);
  return { items: raw.map((item) => parser.parse(item)), total };
}

/** What nearly all names are: nothing in it means anything but itself. */
const plainName = /^[a-z0-9][a-z0-9._-]{0,254}$/;

/** A name that {@link plainName} knows. */
function plainExpression(name: string): IndexExpression {
  return {
    raw: name,
    kind: "name",
    isExclusion: false,
    cluster: undefined,
    name,
    selector: undefined,
    resolved: name,
  };
}

/** Every index of the local cluster. */
export const everything: IndexExpression = {
  raw: "",
  kind: "all",
  isExclusion: false,
  cluster: undefined,
  name: "*",
  selector: undefined,
  resolved: "*",
};

/** Reads the items of one list in order, because `-` excludes only after a wildcard. */
class ExpressionParser {
  readonly #nowMs: number;
  readonly #zones = new TimeZones();
  /** Where a wildcard was seen: each cluster resolves a list of its own. */
  readonly #wildcardClusters = new Set<string>();
  #localWildcard = false;

  constructor(nowMs: number) {
    this.#nowMs = nowMs;
  }

  parse(raw: string): IndexExpression {
    const { cluster, rest } = splitCluster(raw);
    if (cluster?.startsWith("-") === true) return clusterExclusion(raw, cluster.slice(1), rest);
    const isExclusion = rest.startsWith("-") && this.#sawWildcard(cluster);
    const { base, selector } = splitSelector(isExclusion ? rest.slice(1) : rest);
    const { kind, name } = this.#target(base, cluster, selector);
    if (name.includes("*")) {
      if (cluster === undefined) this.#localWildcard = true;
      else this.#wildcardClusters.add(cluster);
    }
    const isStatic = kind === "name" || kind === "pattern" || kind === "all";
    const sign = isExclusion ? "-" : "";
    const resolved = isStatic
      ? (cluster === undefined ? "" : `${cluster}:`) +
        sign +
        name +
        (selector === undefined ? "" : `::${selector}`)
      : undefined;
    const known = selector === "invalid" ? undefined : selector;
    return { raw, kind, isExclusion, cluster, name, selector: known, resolved };
  }

  #sawWildcard(cluster: string | undefined): boolean {
    if (cluster === undefined) return this.#localWildcard;
    if (this.#wildcardClusters.has(cluster)) return true;
    return [...this.#wildcardClusters].some((seen) => wildcardsIntersect(seen, cluster));
  }

  #target(
    base: string,
    cluster: string | undefined,
    selector: IndexSelector | "invalid" | undefined,
  ): { kind: IndexExpressionKind; name: string } {
    if (selector === "invalid" || cluster === "") return { kind: "invalid", name: base };
    if (base === "_all" || base === "*") return { kind: "all", name: "*" };
    if (!base.startsWith("<") || !base.endsWith(">") || base.length < 2) {
      return { kind: kindOf(base), name: base };
    }
    const resolved = resolveDateMath(base, this.#nowMs, this.#zones);
    if (resolved.kind === "invalid") return { kind: "invalid", name: base };
    const kind = kindOf(resolved.name);
    const isUncertain = resolved.kind === "unresolved" && kind !== "invalid";
    return { kind: isUncertain ? "unresolved" : kind, name: resolved.name };
  }
}

/** `cluster:rest`; a `:` that belongs to date math or to a selector (`::`) separates nothing. */
function splitCluster(raw: string): { cluster: string | undefined; rest: string } {
  const colon = raw.startsWith("<") || raw.startsWith("-<") ? -1 : raw.indexOf(":");
  if (colon < 0 || (colon > 0 && raw[colon + 1] === ":")) return { cluster: undefined, rest: raw };
  return { cluster: raw.slice(0, colon), rest: raw.slice(colon + 1) };
}

function splitSelector(text: string): {
  base: string;
  selector: IndexSelector | "invalid" | undefined;
} {
  const colons = text.lastIndexOf("::");
  // A `>` behind them means that they stand inside date math.
  if (colons < 0 || text.indexOf(">", colons) >= 0) return { base: text, selector: undefined };
  const suffix = text.slice(colons + 2);
  const isKnown = suffix === "data" || suffix === "failures" || suffix === "*";
  return { base: text.slice(0, colons), selector: isKnown ? suffix : "invalid" };
}

/** `-cluster:*` leaves the cluster out, wherever it stands in the list. */
function clusterExclusion(raw: string, cluster: string, rest: string): IndexExpression {
  const isWhole = cluster !== "" && (rest === "*" || rest === "*::*");
  return {
    raw,
    kind: isWhole ? "cluster" : "invalid",
    isExclusion: isWhole,
    cluster,
    name: isWhole ? "*" : rest,
    selector: undefined,
    resolved: isWhole ? `-${cluster}:*` : undefined,
  };
}

/** Rules of MetadataCreateIndexService for names; aliases may hold capital letters. */
function kindOf(name: string): "name" | "pattern" | "invalid" {
  if (name === "" || "_-+".includes(name.charAt(0))) return "invalid";
  if (forbidden.test(name) || name === "." || name === "..") return "invalid";
  if (name.length > 255 || Buffer.byteLength(name) > 255) return "invalid";
  return name.includes("*") ? "pattern" : "name";
}

// oxlint-disable-next-line no-control-regex -- line ends and NUL are forbidden in names
const forbidden = /[\\/?"<>| ,#:\u0000\t\r\n]/;
