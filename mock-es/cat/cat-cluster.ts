import { textReply, type EsReply, type EsRequest } from "../rest/es-request.ts";
import { routesOf, type Route } from "../rest/route.ts";
import type { Cluster } from "../store/cluster.ts";
import { clusterHealth, countShards } from "../store/cluster-health.ts";
import { simplePattern } from "../text/simple-pattern.ts";
import { checkReadAliases } from "../api/aliases.ts";
import { metadataOptions } from "../api/indices.ts";
import { readIndexOptions } from "../rest/index-options.ts";
import { timeCells } from "./cat-indices.ts";
import { catColumns, catReply, type CatRow } from "./cat-table.ts";
import { shownIndices } from "./shown-indices.ts";

/** Cat endpoints about the cluster, its aliases and its templates. */
export const catClusterRoutes: readonly Route[] = [
  ...routesOf("cat.help", "none", ["GET /_cat"], help),
  ...routesOf("cat.health", "none", ["GET /_cat/health"], health),
  ...routesOf("cat.aliases", "none", ["GET /_cat/aliases", "GET /_cat/aliases/{name}"], aliases),
  ...routesOf(
    "cat.templates",
    "none",
    ["GET /_cat/templates", "GET /_cat/templates/{name}"],
    templates,
  ),
  ...routesOf(
    "cat.component_templates",
    "none",
    ["GET /_cat/component_templates", "GET /_cat/component_templates/{name}"],
    components,
  ),
];

function help(): EsReply {
  const paths = [
    "allocation",
    "shards",
    "shards/{index}",
    "master",
    "nodes",
    "tasks",
    "indices",
    "indices/{index}",
    "segments",
    "segments/{index}",
    "count",
    "count/{index}",
    "recovery",
    "recovery/{index}",
    "health",
    "pending_tasks",
    "aliases",
    "aliases/{alias}",
    "thread_pool",
    "thread_pool/{thread_pools}",
    "circuit_breaker",
    "circuit_breaker/{circuit_breaker_patterns}",
    "plugins",
    "fielddata",
    "fielddata/{fields}",
    "nodeattrs",
    "templates",
    "component_templates",
  ];
  return textReply(`=^.^=\n${paths.map((path) => `/_cat/${path}\n`).join("")}`);
}

const healthColumns = catColumns(`
epoch,t,time | | seconds since 1970-01-01 00:00:00
timestamp,ts,hms,hhmmss | | time in HH:MM:SS
cluster,cl | | cluster name
status,st | | health status
node.total,nt,nodeTotal | > | total number of nodes
node.data,nd,nodeData | > | number of nodes that can store data
shards,t,sh,shards.total,shardsTotal | > | total number of shards
pri,p,shards.primary,shardsPrimary | > | number of primary shards
relo,r,shards.relocating,shardsRelocating | > | number of relocating nodes
init,i,shards.initializing,shardsInitializing | > | number of initializing nodes
unassign,u,shards.unassigned,shardsUnassigned | > | number of unassigned shards
unassign.pri,up,shards.unassigned.primary,shardsUnassignedPrimary | > | number of unassigned primary shards
pending_tasks,pt,pendingTasks | > | number of pending tasks
max_task_wait_time,mtwt,maxTaskWaitTime | > | wait time of longest task pending
active_shards_percent,asp,activeShardsPercent | > | active number of shards in percent
`);

function health(request: EsRequest, cluster: Cluster): EsReply {
  return catReply(
    request,
    request.query.flag("ts", true) ? healthColumns : healthColumns.slice(2),
    () => {
      const { primaries, unassigned } = countShards(cluster.indices.values());
      const percent =
        primaries + unassigned === 0 ? 100 : (100 * primaries) / (primaries + unassigned);
      const row: CatRow = [
        cluster.profile.clusterName,
        clusterHealth(cluster),
        1,
        1,
        primaries,
        primaries,
        0,
        0,
        unassigned,
        0,
        0,
        "-",
        `${percent.toFixed(1)}%`,
      ];
      return [
        request.query.flag("ts", true) ? [...timeCells(cluster.entropy.nowMs()), ...row] : row,
      ];
    },
  );
}

const aliasColumns = catColumns(`
alias,a | | alias name
index,i,idx | | index alias points to
filter,f,fi | | filter
routing.index,ri,routingIndex | | index routing
routing.search,rs,routingSearch | | search routing
is_write_index,w,isWriteIndex | | write index
`);

function aliases(request: EsRequest, cluster: Cluster): EsReply {
  const names = (request.pathParameters["name"] ?? "*").split(",");
  const patterns = names.map(simplePattern);
  const options = readIndexOptions(request.query, { ...metadataOptions, expandHidden: true });
  checkReadAliases(cluster, undefined, options, names);
  return catReply(request, aliasColumns, () =>
    shownIndices(cluster, undefined, options).flatMap((index) =>
      [...index.aliases]
        .filter(([name]) => patterns.some((pattern) => pattern.test(name)))
        .filter(([name]) => cluster.access?.allows(name) ?? true)
        .map(([name, metadata]): CatRow => [
          name,
          index.name,
          metadata.filter === undefined ? "-" : "*",
          metadata.index_routing ?? "-",
          metadata.search_routing ?? "-",
          metadata.is_write_index === undefined ? "-" : metadata.is_write_index,
        ]),
    ),
  );
}

const templateColumns = catColumns(`
name,n | | template name
index_patterns,t | | template index patterns
order,o,p | > | template application order/priority number
version,v | > | version
composed_of,c | | component templates comprising index template
`);

function templates(request: EsRequest, cluster: Cluster): EsReply {
  const patterns = (request.pathParameters["name"] ?? "*").split(",").map(simplePattern);
  const fits = (name: string): boolean => patterns.some((pattern) => pattern.test(name));
  return catReply(request, templateColumns, () => [
    ...[...cluster.templates.legacy]
      .filter(([name]) => fits(name))
      .map(([name, template]): CatRow => [
        name,
        `[${template.index_patterns.join(", ")}]`,
        template.order,
        template.version ?? null,
        "",
      ]),
    ...[...cluster.templates.index]
      .filter(([name]) => fits(name))
      .map(([name, template]): CatRow => [
        name,
        `[${template.index_patterns.join(", ")}]`,
        template.priority ?? 0,
        template.version ?? null,
        `[${(template.composed_of ?? []).join(", ")}]`,
      ]),
  ]);
}

const componentColumns = catColumns(`
name,n | | component template name
version,v | | version
alias_count,a | > | alias count
mapping_count,m | > | mapping count
settings_count,s | > | settings count
metadata_count,me | > | metadata count
included_in,i | | included in
`);

function components(request: EsRequest, cluster: Cluster): EsReply {
  const patterns = (request.pathParameters["name"] ?? "*").split(",").map(simplePattern);
  const size = (value: unknown): number =>
    typeof value === "object" && value !== null ? Object.keys(value).length : 0;
  return catReply(request, componentColumns, () =>
    [...cluster.templates.component]
      .filter(([name]) => patterns.some((pattern) => pattern.test(name)))
      .map(([name, component]): CatRow => [
        name,
        component.version ?? null,
        size(component.template.aliases),
        size(component.template.mappings),
        size(component.template.settings),
        size(component._meta),
        `[${[...cluster.templates.index]
          .filter(([, template]) => template.composed_of?.includes(name))
          .map(([user]) => user)
          .join(", ")}]`,
      ]),
  );
}
