/** Indices whose documents are credentials, although they are read by the APIs of documents. */
import { Buffer } from "node:buffer";
import type { ApiMatch } from "../../elasticsearch/api/api-endpoint.ts";
import { queryParameter } from "../../elasticsearch/api/query-parameter.ts";
import { parseIndexExpressions } from "../../elasticsearch/names/index-expression.ts";
import { wildcardsIntersect } from "../../elasticsearch/names/wildcard.ts";
import { decodedText } from "./decoded-text.ts";
import { byteSet } from "./text-bytes.ts";

/** Patterns of their names. */
const secretIndices = [
  // Users, API keys, tokens.
  ".security*",
  // Enrolment keys, keys of agents and outputs, secrets of policies.
  ".fleet-*",
  ".connector-secrets*",
  ".ent-search*",
  // Settings of connectors, pipelines, watches, jobs, inference services, results of tasks.
  ".elastic-connectors*",
  ".watches*",
  ".watcher-history*",
  ".triggered_watches*",
  ".secrets-inference*",
  ".inference*",
  ".tasks*",
  ".logstash*",
  ".transform-internal*",
  ".ml-config*",
  // Of plugins, OpenSearch's among them.
  ".opendistro*",
  ".plugins-*",
  ".searchguard*",
  ".readonlyrest*",
];

/**
 * How their documents are looked through; see `body-policies.ts`. What has values without the names
 * of their fields goes whole.
 */
export const secretIndexPolicy =
  "names +headers +value +configuration>value +configuration>default_value +values " +
  "+aggregations +buckets +suggest +fields +sort +join_keys";

/** The patterns without the `*` at their end. */
const stems = secretIndices.map((pattern) => Buffer.from(pattern.slice(0, -1)));

/** What stands behind the dots of their names. */
const secondLetters = byteSet(secretIndices.map((pattern) => pattern.charAt(1)).join(""));

/**
 * Whether a wildcard may match one of them, judged by what stands before its first `*`: one of this
 * and a stem begins the other. The same as `wildcardsIntersect`, without a string for each.
 */
export function mayBeginSecretIndex(bytes: Buffer, start: number, end: number): boolean {
  for (const stem of stems) {
    const length = Math.min(stem.length, end - start);
    let at = 0;
    while (at < length && stem[at] === bytes[start + at]) at += 1;
    if (at === length) return true;
  }
  return false;
}

/** Whether the text at `start` begins like the name of one of them. */
export function beginsWithSecretIndex(bytes: Buffer, start: number, end: number): boolean {
  if (secondLetters[bytes[start + 1] ?? 0] === 0) return false;
  for (const stem of stems) {
    const { length } = stem;
    if (length > end - start) continue;
    let at = 0;
    while (at < length && stem[at] === bytes[start + at]) at += 1;
    if (at === length) return true;
  }
  return false;
}

/**
 * Whether the path of a call may name one of them. A wildcard without a leading dot leaves them out
 * unless `expand_wildcards` says otherwise.
 */
export function mayNameSecretIndex(match: ApiMatch): boolean {
  if (match.longList === "") return namesAnySecretIndex(match);
  let names = longLists.get(match);
  if (names === undefined) longLists.set(match, (names = namesAnyInLongList(match)));
  return names;
}

function namesAnyInLongList(match: ApiMatch): boolean {
  const { longList, query } = match;
  // Without the parameter a name has to begin with their dot.
  const mayName = mayBeginWithDot.test(longList) || (query !== undefined && hasExpansion(query));
  return mayName && namesAnySecretIndex(match);
}

/** A dot at the beginning of a name, with what may stand before it or hide it: date math, `%2E`. */
const mayBeginWithDot = /[,:<\s+]\.|^\.|<[{\\]|%/;
/** What was found of long lists, which is asked for several times in an exchange. */
const longLists = new WeakMap<ApiMatch, boolean>();

function namesAnySecretIndex({ indices, query }: ApiMatch): boolean {
  const expands = query !== undefined && hasExpansion(query);
  if (indices.length === 0) return expands;
  for (const index of indices) {
    const first = index.charCodeAt(0);
    // Most names begin with a letter, and a remote cluster's with the name of the cluster.
    const isPlain = first >= 0x61 && first <= 0x7a && !index.includes(":");
    if (!isPlain && namesSecretIndex(index, expands)) return true;
  }
  return false;
}

/** The last long query that was asked about, for the two bodies of an exchange. */
let lastQuery = "";
let lastExpands = false;

function hasExpansion(query: string): boolean {
  if (query.length < 256) return queryParameter(query, "expand_wildcards") !== undefined;
  if (query !== lastQuery) {
    lastQuery = query;
    lastExpands = queryParameter(query, "expand_wildcards") !== undefined;
  }
  return lastExpands;
}

/**
 * Whether an index expression may name one of them.
 *
 * @param expression as asked, with cluster and selector
 * @param expands wildcards match names with a leading dot, too
 */
export function namesSecretIndex(expression: string, expands: boolean): boolean {
  if (expression.includes("<")) return dateMathNames(expression);
  if (expression.includes("%") && namesSecretIndex(percentFree(expression), expands)) return true;
  const selector = expression.indexOf("::");
  const named = selector < 0 ? expression : expression.slice(0, selector);
  const colon = named.indexOf(":");
  // Where no cluster matches, every local index is read.
  if (expands && named.slice(0, colon + 1).includes("*")) return true;
  let name = named.slice(colon + 1).replace(beforeName, "");
  if (name === "_all") name = "*";
  if (name.startsWith(backing) && name[backing.length] === ".") name = name.slice(backing.length);
  if (!name.startsWith(".") && !(expands && name.includes("*"))) return false;
  return mayBeSecret(name);
}

/** Date math: of what cannot be read, what stands before its first brace counts. */
function dateMathNames(expression: string): boolean {
  const [item] = parseIndexExpressions([expression], Date.now()).items;
  if (item !== undefined && item.kind !== "invalid" && mayBeSecret(item.name)) return true;
  const start = expression.slice(expression.indexOf("<") + 1).split(/[{}\\]/, 1)[0] ?? "";
  return start.startsWith(".") && mayBeSecret(`${start}*`);
}

/** Blanks, which a server may pass over. */
const beforeName = /^[\s+]+/;
/** Before the name of a data stream in those of its indices. */
const backing = ".ds-";

function mayBeSecret(name: string): boolean {
  return secretIndices.some((pattern) => wildcardsIntersect(name, pattern));
}

/** Without `%XX`: who decodes a path more often than Elasticsearch may stand behind. */
function percentFree(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  return decodedText(bytes, 0, bytes.length)?.toString("latin1").replaceAll("%", "") ?? "";
}
