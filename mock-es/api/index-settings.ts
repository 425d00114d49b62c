/** Settings of indices. */
import { isObject, textOf } from "../json/json-value.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, validationFailed } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseMapBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { checkWaiting } from "../store/setting-formats.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { resolveIndices, searchIndexOptions } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { checkBlocks, checkClusterBlocks } from "../store/block-checks.ts";
import {
  checkEach,
  flattenSettings,
  nestSettings,
  refuseUncovered,
  ruleOf,
} from "../store/index-settings.ts";
import { checkTranslogRetention } from "../store/translog-retention.ts";
import { checkSettingValue, indexSettingRules, type SettingValue } from "../store/setting-rules.ts";
import { checkTimeouts } from "./write-parameters.ts";
import type { IndexState } from "../store/index-state.ts";

/** Reading and changing index settings. */
export const indexSettingsRoutes: readonly Route[] = [
  ...routesOf(
    "indices.get_settings",
    "none",
    [
      "GET /_settings",
      "GET /{index}/_settings",
      "GET /{index}/_settings/{name}",
      "GET /_settings/{name}",
    ],
    getSettings,
  ),
  ...routesOf(
    "indices.put_settings",
    "required",
    ["PUT /_settings", "PUT /{index}/_settings"],
    putSettings,
  ),
];

const options = { ...searchIndexOptions, forbidClosed: false };

const changeOptions = { ...options, expandClosed: true, allowNoIndices: false };

/** The settings of an index as an answer shows them. */
export function renderSettings(
  request: EsRequest,
  index: IndexState,
  names?: readonly RegExp[],
): Record<string, unknown> {
  const entries = [...index.settings.shown(), ...humanSettings(request, index)]
    .filter(([name]) => names === undefined || names.some((pattern) => pattern.test(name)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return request.query.flag("flat_settings", false)
    ? Object.fromEntries(entries)
    : nestSettings(entries);
}

/** What `human=true` adds to the settings of an index. */
function humanSettings(request: EsRequest, index: IndexState): [string, string][] {
  if (!request.query.flag("human", false)) return [];
  return [
    ["index.creation_date_string", new Date(index.createdMs).toISOString()],
    ["index.version.created_string", versionText(index)],
  ];
}

/** The version that a number of an index format stands for, as far as it has one. */
function versionText(index: IndexState): string {
  const number = Number(index.settings.text("index.version.created"));
  return `${Math.floor(number / 1e6)}.${Math.floor(number / 1e4) % 100}.${Math.floor(number / 100) % 100}`;
}

function getSettings(request: EsRequest, cluster: Cluster): EsReply {
  const { index: expression, name } = request.pathParameters;
  const names =
    name === undefined || name === "_all" ? undefined : name.split(",").map(simplePattern);
  const value: Record<string, unknown> = {};
  // Without a name hidden ones are shown, too.
  const usual = { ...options, expandHidden: expression === undefined };
  const targets = resolveIndices(cluster, expression, readIndexOptions(request.query, usual));
  checkBlocks(targets, "metadata_read");
  for (const index of targets) {
    const settings = renderSettings(request, index, names);
    const defaults = request.query.flag("include_defaults", false)
      ? { defaults: renderDefaults(request, index, names) }
      : {};
    const isShown = Object.keys(settings).length > 0 || "defaults" in defaults;
    if (isShown || names === undefined) value[index.name] = { settings, ...defaults };
  }
  return jsonReply(value);
}

/** Defaults of the settings that are not set. */
function renderDefaults(
  request: EsRequest,
  index: IndexState,
  names: readonly RegExp[] | undefined,
): Record<string, unknown> {
  const entries = [...indexSettingRules.defaults()].filter(
    ([name]) =>
      !index.settings.has(name) &&
      (names === undefined || names.some((pattern) => pattern.test(name))),
  );
  return request.query.flag("flat_settings", false)
    ? Object.fromEntries(entries)
    : nestSettings(entries);
}

const metadataBlocks: ReadonlySet<string> = new Set([
  "index.blocks.metadata",
  "index.blocks.read_only",
  "index.blocks.read_only_allow_delete",
]);

function putSettings(request: EsRequest, cluster: Cluster): EsReply {
  const { query } = request;
  checkTimeouts(query);
  if (request.body.length === 0)
    throw new EsError(400, "parse_exception", "request body is required");
  const body = parseMapBody(request.body);
  const { settings: wrapped } = body;
  const changes = flattenSettings(
    isObject(wrapped) && Object.keys(body).length === 1 ? wrapped : body,
  );
  if (changes.size === 0) throw validationFailed("no settings to update");
  const expression = request.pathParameters["index"];
  const indices = resolveIndices(cluster, expression, readIndexOptions(query, changeOptions));
  checkClusterBlocks(cluster, "metadata_write");
  // Who takes a block of the metadata away is not held up by it.
  const [only = ""] = changes.keys();
  if (changes.size > 1 || !metadataBlocks.has(only)) checkBlocks(indices, "metadata_write");
  const keepsExisting = query.flag("preserve_existing", false);
  const reopens = query.flag("reopen", false);
  checkChanges(changes);
  checkTranslogRetention(changes);
  for (const index of indices) checkChangeable(index, [...changes.keys()], reopens);
  // What is left can be changed.
  for (const [name, value] of changes)
    if (value !== null && ruleOf(name).group === "S") checkSettingValue(name, ruleOf(name), value);
  for (const { settings } of indices) {
    const wanted = changes.get("index.write.wait_for_active_shards");
    const replicas = changes.get("index.number_of_replicas");
    checkWaiting(
      wanted === undefined
        ? settings.text("index.write.wait_for_active_shards")
        : textOf(wanted ?? "1"),
      replicas === undefined ? settings.replicas : Number(replicas ?? 1),
    );
  }
  for (const index of indices) applyChanges(index, changes, keepsExisting);
  cluster.stateVersion++;
  const value: estypes.IndicesPutSettingsResponse = { acknowledged: true };
  return jsonReply(value);
}

function applyChanges(
  index: IndexState,
  changes: ReadonlyMap<string, SettingValue | null>,
  keepsExisting: boolean,
): void {
  for (const [name, value] of changes) {
    const names = name.includes("*") ? matching(index, name) : [name];
    for (const each of names) {
      if (value === null) index.settings.unset(each);
      else if (!keepsExisting || !index.settings.has(each)) index.settings.set(each, value);
    }
  }
  if (changes.get("index.number_of_replicas") === null)
    index.settings.set("index.number_of_replicas", "1");
}

function matching(index: IndexState, pattern: string): string[] {
  const test = simplePattern(pattern);
  return [...index.settings.entries()].map(([name]) => name).filter((name) => test.test(name));
}

/** @throws {EsError} 400 for names and values that no index can be given */
function checkChanges(changes: ReadonlyMap<string, SettingValue | null>): void {
  checkEach(changes, ([name, value]) => {
    if (!name.includes("*") || value !== null) ruleOf(name);
  });
  for (const [name, value] of changes) {
    if (name.includes("*") && value === null) continue;
    const rule = ruleOf(name);
    if (rule.group === "P" || rule.group === "I") {
      const [kind, who] =
        rule.group === "P"
          ? ["private", "managed by Elasticsearch"]
          : ["internal", "managed via a dedicated API"];
      throw illegalArgument(`can not update ${kind} setting [${name}]; this setting is ${who}`);
    }
    if (value === null) continue;
    if (rule.group === "D") checkSettingValue(name, rule, value);
    refuseUncovered(name, value);
  }
}

const reindexPage = "https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-reindex";

function checkChangeable(index: IndexState, names: readonly string[], reopens: boolean): void {
  const groups = new Map(names.map((name) => [name, indexSettingRules.find(name)?.group]));
  const ofGroup = (group: string): string[] => names.filter((name) => groups.get(name) === group);
  const forLife = ofGroup("F");
  const [first] = forLife;
  if (index.isClosed || reopens) {
    if (first !== undefined)
      throw illegalArgument(`final ${index.name} setting [${first}], not updateable`);
    return;
  }
  const fixed = names.filter((name) => groups.get(name) === "S" || groups.get(name) === "F");
  if (fixed.length === 0) return;
  const advice =
    forLife.length > 0
      ? `The setting(s) [[${forLife.join(", ")}]] cannot be modified on an index once it is created. You will need to create a new index with the desired setting(s) and reindex your data. See ${reindexPage}`
      : `You can either resubmit the update with \`?reopen=true\`, or create a new index with the desired setting(s) and reindex your data. See ${reindexPage}`;
  throw illegalArgument(
    `Can't update non dynamic setting(s) [[${fixed.join(", ")}]] for open indices [[${index.name}/${index.uuid}]]. ${advice}`,
  );
}
