/** Settings of the cluster. */
import type { estypes } from "@elastic/elasticsearch";
import { EsError, illegalArgument, notSupported, validationFailed } from "../es-error.ts";
import { parseObjectBody } from "../json/json-body.ts";
import { isObject } from "../json/json-value.ts";
import { jsonReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { flattenSettings, nestSettings } from "../store/index-settings.ts";
import {
  checkSettingValue,
  clusterSettingRules,
  type SettingValue,
} from "../store/setting-rules.ts";
import {
  checkScriptRates,
  checkScriptSetting,
  scriptContextSetting,
} from "../store/script-settings.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { durationMs, durationText } from "../values/duration.ts";
import { ipKey } from "../values/ip-address.ts";
import { checkTimeouts } from "./write-parameters.ts";

/** Reading and changing the settings of the cluster. */
export const clusterSettingsRoutes: readonly Route[] = [
  ...routesOf("cluster.get_settings", "none", ["GET /_cluster/settings"], getSettings),
  ...routesOf("cluster.put_settings", "required", ["PUT /_cluster/settings"], putSettings),
];

function renderer(request: EsRequest): (settings: Iterable<[string, unknown]>) => object {
  return request.query.flag("flat_settings", false) ? Object.fromEntries : nestSettings;
}

function getSettings(request: EsRequest, cluster: Cluster): EsReply {
  const render = renderer(request);
  const value = {
    persistent: render(cluster.persistentSettings),
    transient: render(cluster.transientSettings),
    ...(request.query.flag("include_defaults", false)
      ? { defaults: render(defaultsOf(cluster)) }
      : {}),
  };
  return jsonReply(value);
}

/** Settings that are not set, with what the options of this mock say of them. */
function* defaultsOf(cluster: Cluster): Iterable<[string, SettingValue]> {
  const own: Readonly<Record<string, string>> = {
    "cluster.name": cluster.profile.clusterName,
    "node.name": cluster.profile.nodeName,
    "action.auto_create_index": String(cluster.options.autoCreatesIndices),
    "action.destructive_requires_name": "true",
  };
  for (const [name, value] of clusterSettingRules.defaults())
    if (cluster.setting(name) === undefined) yield [name, own[name] ?? value];
  for (const [name, value] of Object.entries(cluster.nodes[0].attributes))
    yield [`node.attr.${name}`, value];
}

function putSettings(request: EsRequest, cluster: Cluster): EsReply {
  checkTimeouts(request.query);
  const body = parseObjectBody(request.body);
  if (body === undefined) throw new EsError(400, "parse_exception", "request body is required");
  const changesOf = (kind: string): Changes => {
    const given = body[kind] === undefined ? {} : body[kind];
    // The server fails with a status of 500.
    if (!isObject(given)) throw notSupported(`[${kind}] that is no object`);
    return flattenSettings(given, "");
  };
  const persistent = changesOf("persistent");
  const transient = changesOf("transient");
  if (persistent.size === 0 && transient.size === 0)
    throw validationFailed("no settings to update");
  cluster.beginAction();
  checkChanges("transient", transient);
  checkChanges("persistent", persistent);
  checkTogether(cluster, new Map([...persistent, ...transient]));
  const render = renderer(request);
  const value = {
    acknowledged: true,
    persistent: render(apply(cluster.persistentSettings, persistent)),
    transient: render(apply(cluster.transientSettings, transient)),
  };
  return jsonReply(value satisfies Partial<estypes.ClusterPutSettingsResponse> | object);
}

/** Names of settings that stand in the keystore of a node alone. */
const keystoreOnly = /\.secure_[^.]+$/;

type Changes = ReadonlyMap<string, SettingValue | null>;

function checkChanges(kind: string, changes: Changes): void {
  for (const [name, value] of changes) {
    if (value === null && name.includes("*")) continue;
    const rule = clusterSettingRules.find(name) ?? scriptContextSetting(name);
    if (rule === undefined) throw illegalArgument(`${kind} setting [${name}], not recognized`);
    if (rule.group === "N" || keystoreOnly.test(name))
      throw illegalArgument(`${kind} setting [${name}], not dynamically updateable`);
    if (value === null) continue;
    checkSettingValue(name, rule, value);
    checkScriptSetting(name, String(value));
    const address = /^cluster\.routing\.allocation\.\w+\._(?:host_ip|publish_ip|ip)$/.test(name);
    const text = typeof value === "string" ? value : value.join(",");
    if (address && text.split(",").some((part) => !part.includes("*") && ipKey(part) === undefined))
      throw illegalArgument(`invalid IP address [${text}] for [${name}]`);
  }
}

/** @throws {EsError} 400 for values that are wrong beside others */
function checkTogether(cluster: Cluster, changes: Changes): void {
  const textOf = (name: string, fallback: string): string => {
    const value = changes.has(name) ? changes.get(name) : cluster.setting(name);
    return typeof value === "string" ? value : fallback;
  };
  checkScriptRates(textOf("script.max_compilations_rate", "150/5m"), [
    ...[...cluster.persistentSettings.keys(), ...cluster.transientSettings.keys()].filter(
      (name) => changes.get(name) !== null,
    ),
    ...[...changes].filter(([, value]) => value !== null).map(([name]) => name),
  ]);
  const usual = textOf("search.default_keep_alive", "5m");
  const most = textOf("search.max_keep_alive", "24h");
  if (durationMs(usual) <= durationMs(most)) return;
  const shown = `(${durationText(durationMs(usual))} > ${durationText(durationMs(most))})`;
  throw illegalArgument(
    `Default keep alive setting for request [search.default_keep_alive] should be smaller than max keep alive [search.max_keep_alive], was ${shown}`,
  );
}

function apply(settings: Map<string, SettingValue>, changes: Changes): [string, SettingValue][] {
  const applied: [string, SettingValue][] = [];
  for (const [name, value] of changes) {
    if (value !== null) {
      settings.set(name, value);
      applied.push([name, value]);
      continue;
    }
    const test = simplePattern(name);
    for (const known of settings.keys()) if (test.test(known)) settings.delete(known);
  }
  return applied;
}
