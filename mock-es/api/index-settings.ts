import { isObject } from "../json/json-value.ts";
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument } from "../es-error.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { resolveIndices, searchIndexOptions, sortedIndices } from "../store/index-expression.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { checkIndexSettings, flattenSettings, nestSettings } from "../store/index-settings.ts";
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

const options = { ...searchIndexOptions, expandClosed: true, forbidClosed: false };

/** Settings that are fixed when an index is created. */
const finalSettings: ReadonlySet<string> = new Set([
  "index.number_of_shards",
  "index.routing_partition_size",
  "index.uuid",
  "index.creation_date",
  "index.provided_name",
  "index.version.created",
  "index.mode",
]);
/**
 * Settings that can be changed while an index is closed only; `index.analysis.*` and `index.sort.*`
 * too.
 */
const staticSettings =
  /^index\.(codec|analysis\.|sort\.|store\.|mapping\.(?!total_fields|depth|nested|field_name_length|dimension))/;

/** The settings of an index as an answer shows them. */
export function renderSettings(
  request: EsRequest,
  index: IndexState,
  names?: readonly RegExp[],
): Record<string, unknown> {
  const entries = [...index.settings.entries(), ...humanSettings(request, index)]
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
    ["index.version.created_string", "9.3.0"],
  ];
}

function getSettings(request: EsRequest, cluster: Cluster): EsReply {
  const { index: expression, name } = request.pathParameters;
  const names =
    name === undefined || name === "_all" ? undefined : name.split(",").map(simplePattern);
  const value: Record<string, unknown> = {};
  const targets =
    expression === undefined && !request.query.has("expand_wildcards")
      ? sortedIndices(cluster)
      : resolveIndices(cluster, expression, readIndexOptions(request.query, options));
  for (const index of targets) {
    const settings = renderSettings(request, index, names);
    const defaults = request.query.flag("include_defaults", false)
      ? { defaults: renderDefaults(request, index) }
      : {};
    if (Object.keys(settings).length > 0 || names === undefined)
      value[index.name] = { settings, ...defaults };
  }
  return jsonReply(value);
}

/** Defaults that clients look at; far fewer than the real server lists. */
function renderDefaults(request: EsRequest, index: IndexState): Record<string, unknown> {
  const defaults: Record<string, string> = {
    "index.refresh_interval": "1s",
    "index.max_result_window": "10000",
    "index.max_inner_result_window": "100",
    "index.max_terms_count": "65536",
    "index.mapping.total_fields.limit": "1000",
    "index.mapping.depth.limit": "20",
    "index.blocks.write": "false",
    "index.blocks.read_only": "false",
    "index.hidden": "false",
    "index.codec": "default",
  };
  const entries = Object.entries(defaults).filter(([name]) => !index.settings.has(name));
  return request.query.flag("flat_settings", false)
    ? Object.fromEntries(entries)
    : nestSettings(entries);
}

function putSettings(request: EsRequest, cluster: Cluster): EsReply {
  const body = parseObjectBody(request.body) ?? {};
  const inner =
    isObject(body["settings"]) && Object.keys(body).length === 1 ? body["settings"] : body;
  const changes = flattenSettings(inner);
  const indices = resolveIndices(
    cluster,
    request.pathParameters["index"],
    readIndexOptions(request.query, options),
  );
  checkIndexSettings(changes);
  const keepsExisting = request.query.flag("preserve_existing", false);
  const reopens = request.query.flag("reopen", false);
  for (const index of indices) checkChangeable(index, [...changes.keys()], reopens);
  for (const index of indices) {
    for (const [name, value] of changes) {
      if (value === null) index.settings.unset(name);
      else if (!keepsExisting || !index.settings.has(name)) index.settings.set(name, value);
    }
    if (changes.get("index.number_of_replicas") === null)
      index.settings.set("index.number_of_replicas", "1");
  }
  cluster.stateVersion++;
  const value: estypes.IndicesPutSettingsResponse = { acknowledged: true };
  return jsonReply(value);
}

function checkChangeable(index: IndexState, names: readonly string[], reopens: boolean): void {
  const isOpen = !index.isClosed && !reopens;
  for (const name of names) {
    if (finalSettings.has(name) && !isOpen) {
      throw illegalArgument(`final ${index.name} setting [${name}], not updateable`);
    }
  }
  const fixed = names.filter((name) => staticSettings.test(name) || finalSettings.has(name));
  if (fixed.length > 0 && isOpen) {
    throw new EsError(
      400,
      "illegal_argument_exception",
      `Can't update non dynamic setting(s) [[${fixed.join(", ")}]] for open indices [[${index.name}/${index.uuid}]].${onceOnly(fixed)}`,
    );
  }
}

/** What the server adds for settings that an index keeps for life. */
function onceOnly(names: readonly string[]): string {
  const forLife = names.filter((name) =>
    /^index\.(number_of_shards|routing_partition_size|number_of_routing_shards|sort\..*)$/.test(
      name,
    ),
  );
  if (forLife.length === 0) return "";
  return ` The setting(s) [[${forLife.join(", ")}]] cannot be modified on an index once it is created. You will need to create a new index with the desired setting(s) and reindex your data. See https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-reindex`;
}
