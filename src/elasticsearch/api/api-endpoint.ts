import { GenerationCache } from "../../core/generation-cache.ts";
import { isSimpleList, splitIndexList } from "../names/index-list.ts";
import { decodePathPart } from "../names/path-part.ts";
import { queryParameter } from "./query-parameter.ts";
import { callWaitMs } from "./call-wait.ts";
import { endpointsAToL } from "./endpoint-table-a-to-l.ts";
import { endpointsMToZ } from "./endpoint-table-m-to-z.ts";

/**
 * What a call does, for policies and for the reader of the audit. `unknown` is treated as a write.
 */
export type ApiClass = "read" | "write" | "admin" | "security" | "meta" | "unknown";

/**
 * Whether a forwarded request may be sent again: `read` yes; `opens_state` would leak contexts;
 * `moves_cursor` could lose a page; `idempotent_write` raises versions; `bulk` depends on its
 * actions; `never` must not.
 */
export type RetryClass =
  | "read"
  | "opens_state"
  | "moves_cursor"
  | "idempotent_write"
  | "bulk"
  | "never";

/** An entry of Elasticsearch's API. One object per entry: compare with `===`. */
export interface ApiEndpoint {
  /** As in the official clients: `search`, `indices.create`; `unknown` when no entry matches. */
  readonly name: string;
  readonly class: ApiClass;
  readonly retry: RetryClass;
  readonly deprecated: boolean;
}

/**
 * The answer for one method and target. Equal arguments often give the same object, never a changed
 * one.
 */
export interface ApiMatch {
  readonly endpoint: ApiEndpoint;
  /** The first index-like path segment as received, not decoded. */
  readonly index: string | undefined;
  /**
   * Index expressions of the path, or of the query string where the path has no place for them:
   * decoded, split at commas; empty: none.
   */
  readonly indices: readonly string[];
  /**
   * The same as one text, with a comma between each two of them. Empty where that says less: where
   * there are few of them or none, or where they hold commas themselves.
   */
  readonly longList: string;
  /** The target without its query string, as received. */
  readonly path: string;
  /** The query string without `?`, as received; undefined when there is no `?`. */
  readonly query: string | undefined;
  /** See `callWaitMs`: the time that it may take beside what any call takes, in milliseconds. */
  readonly waitMs: number;
}

interface Leaf {
  readonly endpoint: ApiEndpoint;
  /** Positions of the segments that name indices. */
  readonly indexAt: readonly number[];
}

class Node {
  readonly literals = new Map<string, Node>();
  parameter: Node | undefined = undefined;
  readonly leaves = new Map<string, Leaf>();
}

/**
 * First segments that are an API, or one that a plugin may add, and no index. Elasticsearch takes
 * everything else for a list of index expressions: `_cat,logs`, `_cat;,logs`.
 */
const apiName = /^_[A-Za-z0-9_.-]*$/;
/** Parameters with which a repeated write fails although the first one succeeded. */
const onceParameters = ["op_type", "version", "version_type", "if_seq_no", "if_primary_term"];
const maxCachedTarget = 512;
const maxSegments = 16;

const root = new Node();
const endpoints = new Map<string, ApiEndpoint>();
loadTable();
const searchEndpoint = named("search");
const indexEndpoint = named("index");
const deleteEndpoint = named("delete");
const scrollSearch: ApiEndpoint = { ...searchEndpoint, retry: "opens_state" };
const indexOnce: ApiEndpoint = { ...indexEndpoint, retry: "never" };
const deleteOnce: ApiEndpoint = { ...deleteEndpoint, retry: "never" };
/** A call below a security API that the table does not know: its bodies may hold anything. */
const unknownSecurity: ApiEndpoint = {
  name: "unknown",
  class: "security",
  retry: "never",
  deprecated: false,
};
const securityPath = /^(?:_security|_(?:xpack|plugins|opendistro)\/_?security)(?:\/|$)/;
const unknown: ApiEndpoint = {
  name: "unknown",
  class: "unknown",
  retry: "never",
  deprecated: false,
};

/** The answer for one method, and those for other methods of the same target. */
interface KnownMatch {
  readonly method: string;
  readonly match: ApiMatch;
  readonly next: KnownMatch | undefined;
}

/** Other methods are not remembered: a client can make up any number of them. */
const cachedMethods: ReadonlySet<string> = new Set([
  "GET",
  "POST",
  "PUT",
  "DELETE",
  "HEAD",
  "OPTIONS",
  "PATCH",
]);
/** By target. 4,096 targets of at most 512 characters: some 4 MiB with their answers. */
const known = new GenerationCache<string, KnownMatch>(2048);

/** The last target that is too long to be kept: several parts of an exchange ask for it. */
let lastLong: (KnownMatch & { readonly target: string }) | undefined = undefined;

/** Every API endpoint in the table, in name order. */
export function apiEndpoints(): readonly ApiEndpoint[] {
  return [...endpoints.values()];
}

/**
 * Finds the API endpoint of a request.
 *
 * Segments are compared as received and decoded afterwards, so `%2F` in a document id never makes a
 * segment; a literal beats a parameter, which may be empty; a first segment such as `_name` is an
 * API, never an index, except `_all`; HEAD is matched like GET where the table has no HEAD of its
 * own. Repeated calls cost one lookup; the memory is bounded (2 × 2,048 targets of up to 512
 * characters, in the seven usual methods).
 *
 * @param method as received
 * @param target origin-form or absolute-form request target, one char per byte
 */
export function matchApiEndpoint(method: string, target: string): ApiMatch {
  const first = known.get(target);
  for (let at = first; at !== undefined; at = at.next) if (at.method === method) return at.match;
  if (target.length > maxCachedTarget) return matchLong(method, target);
  const match = matchTarget(method, target);
  if (cachedMethods.has(method)) known.set(target, { method, match, next: first });
  return match;
}

function matchLong(method: string, target: string): ApiMatch {
  if (lastLong?.target === target && lastLong.method === method) return lastLong.match;
  const match = matchTarget(method, target);
  lastLong = { method, target, match, next: undefined };
  return match;
}

function matchTarget(method: string, target: string): ApiMatch {
  const mark = target.indexOf("?");
  const rawPath = mark < 0 ? target : target.slice(0, mark);
  const query = mark < 0 ? undefined : target.slice(mark + 1);
  const segments = segmentsOf(rawPath);
  const leaf = segments === undefined ? undefined : find(root, segments, 0, method);
  if (segments === undefined || leaf === undefined) {
    const first = segments?.[0];
    const isIndex = first !== undefined && first !== "" && (first === "_all" || first[0] !== "_");
    const index = isIndex ? first : undefined;
    const isSecurity = segments !== undefined && securityPath.test(segments.slice(0, 2).join("/"));
    const endpoint = isSecurity ? unknownSecurity : unknown;
    return {
      endpoint,
      index,
      indices: index === undefined ? [] : expressions(index),
      longList: "",
      path: rawPath,
      query,
      waitMs: callWaitMs(endpoint.name, query),
    };
  }
  let index: string | undefined;
  const lists: string[] = [];
  for (const at of leaf.indexAt) {
    const segment = segments[at] ?? "";
    if (segment === "") continue;
    index ??= segment;
    lists.push(decodePathPart(segment));
  }
  const endpoint = variant(leaf.endpoint, method, query);
  const parameter = indexParameter(endpoint.name, leaf.indexAt.length);
  const asked = parameter === undefined ? undefined : queryParameter(query, parameter);
  if (asked !== undefined) lists.push(asked);
  const waitMs = callWaitMs(endpoint.name, query);
  const [list = ""] = lists;
  if (lists.length === 1 && list.length > maxCachedTarget && isSimpleList(list))
    return new LongListMatch(endpoint, index, list, rawPath, query, waitMs);
  const indices = lists.flatMap((one) => splitIndexList(one, one.length).items);
  return { endpoint, index, indices, longList: "", path: rawPath, query, waitMs };
}

/**
 * What names thousands of indices: most of what is done with them needs the list alone, and a text
 * for each of them costs more than all of that.
 */
class LongListMatch implements ApiMatch {
  readonly endpoint: ApiEndpoint;
  readonly index: string | undefined;
  readonly longList: string;
  readonly path: string;
  readonly query: string | undefined;
  readonly waitMs: number;
  #indices: readonly string[] | undefined = undefined;

  constructor(
    endpoint: ApiEndpoint,
    index: string | undefined,
    longList: string,
    path: string,
    query: string | undefined,
    waitMs: number,
  ) {
    this.endpoint = endpoint;
    this.index = index;
    this.longList = longList;
    this.path = path;
    this.query = query;
    this.waitMs = waitMs;
  }

  get indices(): readonly string[] {
    return (this.#indices ??= this.longList.split(","));
  }
}

/** Query parameters that name indices, of endpoints that call them otherwise than `index`. */
const indexParameters = new Map([
  ["cluster.state", "indices"],
  ["indices.get_data_stream", "name"],
  ["indices.resolve_cluster", "name"],
]);

/**
 * The parameter that names indices where the path has no place for them, or leaves one open. One
 * map holds parameters of path and query string, and the path's win, empty or not.
 */
function indexParameter(name: string, inPath: number): string | undefined {
  if (name === "indices.rollover") return inPath === 1 ? "new_index" : undefined;
  return inPath === 0 ? (indexParameters.get(name) ?? "index") : undefined;
}

/** The cases in which the query or the method decides whether a request may be repeated. */
function variant(endpoint: ApiEndpoint, method: string, query: string | undefined): ApiEndpoint {
  const has = (name: string): boolean => queryParameter(query, name) !== undefined;
  if (endpoint === searchEndpoint) return has("scroll") ? scrollSearch : endpoint;
  if (endpoint === indexEndpoint) {
    // Only PUT names its document.
    if (method !== "PUT") return indexOnce;
    return onceParameters.some((name) => has(name)) ? indexOnce : endpoint;
  }
  if (endpoint === deleteEndpoint)
    return onceParameters.some((name) => has(name)) ? deleteOnce : endpoint;
  return endpoint;
}

/**
 * Path segments as received; undefined when the target is no path (`*`, authority-form) or has too
 * many to be an API call.
 */
function segmentsOf(rawPath: string): string[] | undefined {
  let path = rawPath;
  if (!path.startsWith("/")) {
    // Absolute-form, RFC 9112 §3.2.2.
    const authority = /^[a-z][a-z0-9+.-]*:\/\/[^/]*/i.exec(path)?.[0];
    if (authority === undefined) return undefined;
    path = path.slice(authority.length);
  }
  const segments = path.split("/", maxSegments + 2);
  segments.shift();
  // Elasticsearch ignores slashes at the end.
  while (segments.at(-1) === "") segments.pop();
  return segments.length > maxSegments ? undefined : segments;
}

function find(
  node: Node,
  segments: readonly string[],
  at: number,
  method: string,
): Leaf | undefined {
  const segment = segments[at];
  if (segment === undefined)
    return node.leaves.get(method) ?? (method === "HEAD" ? node.leaves.get("GET") : undefined);
  const literal = node.literals.get(segment);
  if (literal !== undefined) {
    const leaf = find(literal, segments, at + 1, method);
    if (leaf !== undefined) return leaf;
  }
  // An empty segment is an empty parameter, as in Elasticsearch's `PathTrie.retrieve`.
  if (node.parameter === undefined) return undefined;
  if (at === 0 && apiName.test(segment) && segment !== "_all") return undefined;
  return find(node.parameter, segments, at + 1, method);
}

/**
 * Elasticsearch decodes a segment first and splits afterwards, so `%2C` separates too. None is left
 * out: the last one may name the credentials.
 */
function expressions(segment: string): readonly string[] {
  const list = decodePathPart(segment);
  return splitIndexList(list, list.length).items;
}

function loadTable(): void {
  for (const line of (endpointsAToL + endpointsMToZ).split("\n")) {
    const [name, kind, retry, flags, ...urls] = line.split("|");
    if (name === undefined || kind === undefined || retry === undefined || flags === undefined)
      continue;
    // The generator writes no other words into these two columns.
    const endpoint: ApiEndpoint = {
      name,
      class: kind as ApiClass,
      retry: retry as RetryClass,
      deprecated: flags.includes("d"),
    };
    endpoints.set(name, endpoint);
    for (const url of urls) addUrl(endpoint, url);
  }
}

function named(name: string): ApiEndpoint {
  const endpoint = endpoints.get(name);
  if (endpoint === undefined) throw new Error(`the endpoint table has no ${name}`);
  return endpoint;
}

function addUrl(endpoint: ApiEndpoint, url: string): void {
  const [methods = "", path = ""] = url.split(" ");
  const segments = path.split("/").slice(1);
  if (segments.at(-1) === "") segments.pop();
  const indexAt: number[] = [];
  let node = root;
  for (const [at, segment] of segments.entries()) {
    let next: Node | undefined;
    if (segment.startsWith("{")) {
      if (namesIndex(segment, segments)) indexAt.push(at);
      next = node.parameter ??= new Node();
    } else {
      next = node.literals.get(segment);
      if (next === undefined) node.literals.set(segment, (next = new Node()));
    }
    node = next;
  }
  for (const method of methods.split(",")) node.leaves.set(method, { endpoint, indexAt });
}

function namesIndex(segment: string, segments: readonly string[]): boolean {
  switch (segment) {
    case "{index}":
    case "{new_index}":
    case "{target_index}":
    case "{source}":
    case "{dest}":
      return true;
    case "{alias}":
      return segments[1] === "_rollover";
    case "{target}":
      return segments[0] === "{index}";
    case "{name}":
      return segments[0] === "_data_stream" || segments[0] === "_resolve";
    default:
      return false;
  }
}
